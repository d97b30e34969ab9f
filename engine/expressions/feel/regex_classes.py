"""The only place that spells kinds of characters (\\d, \\i, \\p{L}, \\p{IsGreek}, …) as Python's [ ] wants them inside."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LAST_CODE = 0x323B0
_NAME_START = (
    r"A-Z_a-z:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    r"\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
CLASSES = {
    "d": r"\d",
    "w": r"\w",
    "s": r"\s",
    "D": r"\D",
    "W": r"\W",
    "S": r"\S",
    "n": r"\n",
    "r": r"\r",
    "t": r"\t",
    "f": r"\f",
    "i": _NAME_START,
    "c": _NAME_START + r"0-9.\-\u00b7\u0300-\u036f\u203f-\u2040",
}
_BLOCKS = {
    "IsBasicLatin": r"\x00-\x7f",
    "IsLatin-1Supplement": r"\x80-\xff",
    "IsLatinExtended-A": r"\u0100-\u017f",
    "IsLatinExtended-B": r"\u0180-\u024f",
    "IsGreek": r"\u0370-\u03ff",
    "IsGreekandCoptic": r"\u0370-\u03ff",
    "IsCyrillic": r"\u0400-\u04ff",
    "IsArmenian": r"\u0530-\u058f",
    "IsHebrew": r"\u0590-\u05ff",
    "IsArabic": r"\u0600-\u06ff",
    "IsGeneralPunctuation": r"\u2000-\u206f",
    "IsCurrencySymbols": r"\u20a0-\u20cf",
    "IsCJKUnifiedIdeographs": r"\u4e00-\u9fff",
}
_JAVA = {"Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z", "Space": r"\s", "Punct": r"!-/:-@\[-`{-~"}
_NAMED = {"IsAlphabetic": "L", "IsLetter": "L", "IsDigit": "Nd", "IsUppercase": "Lu", "IsLowercase": "Ll", "IsPunctuation": "P"}
_CATEGORY = re.compile(r"[LMNPZSC][a-z]?\Z")


def escaped(char: str) -> str:
    """One character, to stand for itself inside or outside of [ ]."""
    return char if char.isalnum() or char == "_" or ord(char) > 127 else "\\" + char


def property_text(name: str, negated: bool) -> str | None:
    r"""What \p{name}, or \P{name} when negated, is inside [ ]; None when there is no such property."""
    known = _BLOCKS.get(name) or _JAVA.get(name)
    category = _NAMED.get(name, name)
    if known is None and not _CATEGORY.match(category):
        return None
    codes = [code for code in range(LAST_CODE) if re.match(f"[{known}]", chr(code))] if known and negated else None
    if known and codes is None:
        return known
    return _of_category(category, negated) if codes is None else _complement(tuple(codes))


@lru_cache(64)
def _of_category(category: str, negated: bool) -> str:
    codes = (code for code in range(LAST_CODE) if unicodedata.category(chr(code)).startswith(category) is not negated)
    return _spans(list(codes))


@lru_cache(16)
def _complement(codes: tuple[int, ...]) -> str:
    return _spans(sorted(set(range(LAST_CODE)) - set(codes)))


def _spans(codes: list[int]) -> str:
    spans: list[list[int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in spans)
