"""The only place for what JavaScript, Java and XPath mean by the same signs in a pattern, in the notation of the library `regex`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import regex

SPACES = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


@dataclass(frozen=True, eq=False)
class Flavour:
    r"""How one language spells patterns.

    `kinds`: what \d and the like mean. `places`: escapes with no meaning inside [ ]. `controls`: escapes for one character.
    `dot`, `end`: what . and $ mean unless a flag says otherwise. `back`: how a reference to a group is written for the library.
    `opening`: what may follow a (. `greed`: what may follow a repeat. `operators`: what may stand between the sets inside [ ].
    `forgiving`: whether what makes no sense stands for itself. `absent_groups`: whether a replacement may name groups that are not there.
    """

    flags: Mapping[str, int]
    kinds: Mapping[str, str]
    places: Mapping[str, str]
    controls: Mapping[str, str]
    dot: str
    end: str
    back: str
    opening: re.Pattern[str]
    greed: str
    operators: re.Pattern[str]
    always: int = 0
    forgiving: bool = False
    absent_groups: bool = False

    def bits(self, flags: str) -> int:
        """The library's flags. KeyError for one that the language does not have."""
        bits = int(regex.VERSION1) | self.always
        for flag in flags:
            bits |= self.flags[flag]
        return bits


_DIGITS = {"d": "[0-9]", "D": "[^0-9]"}
_WORDS = {"w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}
_BLANKS = r" \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_BREAKS = r"\n\v\f\r\x85\u2028\u2029"
_LAST = r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)"
_NAME_START = (
    r"A-Z_a-z:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    r"\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NAME = _NAME_START + r"0-9.\-\u00b7\u0300-\u036f\u203f-\u2040"
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_EDGES = {"b": r"\b", "B": r"\B"}
_FLAGS = {"s": int(regex.DOTALL), "m": int(regex.MULTILINE), "i": int(regex.IGNORECASE)}
_GROUPS = r"\?(?:[:=!]|<[=!]|<[^\W\d]\w*>"
_MORE_GROUPS = re.compile(_GROUPS + r"|>|-?i:)")

JAVASCRIPT = Flavour(
    flags={},
    kinds={**_DIGITS, **_WORDS, "s": f"[{SPACES}]", "S": f"[^{SPACES}]"},
    places=_EDGES,
    controls={**_CONTROLS, "v": "\v", "0": "\0", "b": "\b"},
    dot=r"[^\n\r\u2028\u2029]",
    end=r"\Z",
    back=r"(?({0})\g<{0}>|)",  # one to a group that took no part is nothing, and no failure
    opening=re.compile(_GROUPS + ")"),
    greed="?",
    operators=re.compile("(?!)"),
    always=int(regex.ASCII),
    forgiving=True,
)
JAVA = Flavour(
    flags={**_FLAGS, "u": 0},
    kinds={
        **_DIGITS,
        **_WORDS,
        **{"s": r"[ \t\n\v\f\r]", "S": r"[^ \t\n\v\f\r]"},
        **{"h": f"[{_BLANKS}]", "H": f"[^{_BLANKS}]", "v": f"[{_BREAKS}]", "V": f"[^{_BREAKS}]"},
    },
    places={**_EDGES, "A": r"\A", "z": r"\Z", "Z": _LAST, "R": rf"(?>\r\n|[{_BREAKS}])"},
    controls={**_CONTROLS, "a": "\a", "e": "\x1b"},
    dot=r"[^\n\r\x85\u2028\u2029]",
    end=_LAST,
    back=r"\g<{0}>",
    opening=_MORE_GROUPS,
    greed="?+",
    operators=re.compile("&&"),
)
XPATH = Flavour(
    flags={**_FLAGS, "x": 0, "q": 0},
    kinds={
        **{kind: f"\\{kind}" for kind in "dDwWsS"},
        **{"i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]", "c": f"[{_NAME}]", "C": f"[^{_NAME}]"},
    },
    places=_EDGES,
    controls=_CONTROLS,
    dot=r"[^\n\r]",
    end=r"\Z",
    back=r"\g<{0}>",
    opening=_MORE_GROUPS,
    greed="?+",
    operators=re.compile(r"&&|-(?=\[)"),
    absent_groups=True,
)

PROPERTIES = {  # Java's, which know ASCII only
    "Alpha": "[A-Za-z]",
    "Digit": "[0-9]",
    "Alnum": "[0-9A-Za-z]",
    "Upper": "[A-Z]",
    "Lower": "[a-z]",
    "Punct": r"[!-/:-@\[-`{-\~]",
    "Graph": r"[!-\~]",
    "Print": r"[ -\~]",
    "Blank": r"[ \t]",
    "Cntrl": r"[\x00-\x1f\x7f]",
    "XDigit": "[0-9A-Fa-f]",
    "Space": r"[ \t\n\v\f\r]",
}
