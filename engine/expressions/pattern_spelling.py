"""The only place that knows how JavaScript, Java and XPath spell patterns: each is rewritten as the library `regex` reads it (its VERSION1).

What is not known to the flavour is refused or stands for itself, so nothing of the library's own notation gets through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

import regex

from engine.expressions import ExpressionError

MAX_PATTERN = 2_000
MAX_REPEATS = 100_000
MAX_SIZE = 5_000
MAX_DEPTH = 50

SPACES = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_NAME_START = (
    r"A-Z_a-z:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    r"\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_JAVA_PROPERTIES = {
    "Alpha": "[A-Za-z]", "Digit": "[0-9]", "Alnum": "[0-9A-Za-z]", "Upper": "[A-Z]", "Lower": "[a-z]", "Punct": r"[!-/:-@\[-`{-\~]",
    "Graph": r"[!-\~]", "Print": r"[ -\~]", "Blank": r"[ \t]", "Cntrl": r"[\x00-\x1f\x7f]", "XDigit": "[0-9A-Fa-f]",
    "Space": r"[ \t\n\v\f\r]", "ASCII": r"[\x00-\x7f]", "javaLowerCase": r"\p{Ll}", "javaUpperCase": r"\p{Lu}", "javaLetter": r"\p{L}",
    "javaDigit": r"\p{Nd}", "javaLetterOrDigit": r"[\p{L}\p{Nd}]", "javaWhitespace": r"\s",
}  # fmt: skip
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_CODE = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})")
_PROPERTY = re.compile(r"([pP])(?:\{([\w =-]+)\}|([A-Z]))")
_BACK = re.compile(r"([1-9])|k<(\w+)>")
_COUNT = re.compile(r"[*+?]|\{(\d+)(?:(,)(\d*))?\}", re.ASCII)
_INLINE = re.compile(r"\(\?([a-zA-Z]+)\)")
_BLANKS = re.compile(r"\\\s*(.)|(\[(?:\\.|[^\]\\])*\])|\s+", re.DOTALL)


class BrokenPattern(ExpressionError):
    """The pattern is broken. `position` is the character of the pattern that is wrong, counted from 1."""

    position = 0

    def placed(self, source: str, line: int, column: int) -> Self:
        found = super().placed(source, line, column)
        found.position = self.position
        return found


@dataclass(frozen=True)
class Flavour:
    """How one language spells patterns.

    `kinds`: what \\d and the like mean; `places`: what stands for no character; `dot` and `end`: what . and $ mean without flags;
    `backward`: how a reference to a group is written; `forgiving`: whether what makes no sense stands for itself; `operators`: what
    stands between the sets inside [ ]; `empty_groups`: whether a replacement may name groups that are not there.
    """

    flags: Mapping[str, regex.RegexFlag]
    kinds: Mapping[str, str]
    places: Mapping[str, str]
    controls: Mapping[str, str]
    dot: str
    end: str
    backward: str
    opening: re.Pattern[str]
    more: str = ""
    operators: Mapping[str, str] = field(default_factory=dict)
    standing: regex.RegexFlag = regex.VERSION1
    forgiving: bool = False
    properties: bool = True
    empty_groups: bool = False


_DIGITS = {"d": "[0-9]", "D": "[^0-9]"}
_WORDS = {"w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}
_BREAKS = r"\n\r\x85\u2028\u2029"
_BLANK = r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_OPENING = r"\?(?:[:=!]|<[=!]|<[^\W\d]\w*>"
_JAVA_OPENING = re.compile(_OPENING + r"|>|-?i:)")

JAVASCRIPT = Flavour(
    flags={},
    kinds={**_DIGITS, **_WORDS, "s": f"[{SPACES}]", "S": f"[^{SPACES}]"},
    places={"b": r"\b", "B": r"\B"},
    controls={**_CONTROLS, "v": "\v", "0": "\0"},
    dot=r"[^\n\r\u2028\u2029]",
    end=r"\Z",
    backward=r"(?({0})\g<{0}>|)",
    opening=re.compile(_OPENING + ")"),
    standing=regex.VERSION1 | regex.ASCII,
    forgiving=True,
    properties=False,
)
JAVA = Flavour(
    flags={"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "u": regex.VERSION1},
    kinds={
        **_DIGITS, **_WORDS, "s": r"[ \t\n\v\f\r]", "S": r"[^ \t\n\v\f\r]",
        "h": f"[{_BLANK}]", "H": f"[^{_BLANK}]", "v": f"[\v\f{_BREAKS}]", "V": f"[^\v\f{_BREAKS}]",
    },
    places={"b": r"\b", "B": r"\B", "A": r"\A", "z": r"\Z", "Z": r"(?=\n?\Z)"},
    controls={**_CONTROLS, "a": "\a", "e": "\x1b"},
    dot=f"[^{_BREAKS}]",
    end="$",
    backward=r"\g<{0}>",
    opening=_JAVA_OPENING,
    more="?+",
    operators={"&&": "&&"},
)  # fmt: skip
XPATH = Flavour(
    flags={"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": regex.VERSION1, "q": regex.VERSION1},
    kinds={
        **{kind: "\\" + kind for kind in "dDwWsS"},
        **{"i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]"},
        **{sign: rf"[{no}{_NAME_START}0-9.\-\u00b7\u0300-\u036f\u203f-\u2040]" for sign, no in (("c", ""), ("C", "^"))},
    },
    places={"b": r"\b", "B": r"\B"},
    controls=_CONTROLS,
    dot=r"[^\n\r]",
    end=r"\Z",
    backward=r"\g<{0}>",
    opening=_JAVA_OPENING,
    more="?+",
    operators={"&&": "&&", "-[": "--"},
    empty_groups=True,
)
