"""The only place for how values look as text in Python scripts: str, repr, f-strings, str.format and %. None of them reads an attribute."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from engine.expressions import exposed
from engine.expressions.exposed import Exposed
from engine.expressions.limits import MAX_TEXT, weigh, within
from engine.expressions.python.values import SCALARS, Kind, described, size
from engine.expressions.spin import JsonNode

MAX_WIDTH = 1_000

_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<form>[#0\- +]*(?P<width>\d*)(?:\.(?P<precision>\d*))?)(?P<kind>[a-zA-Z%]|$|.)", re.DOTALL
)
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}


def shown(value: Any) -> str:
    """What str(value) gives."""
    if isinstance(value, str):
        return value
    if isinstance(value, BaseException):
        return _failure(value)
    if isinstance(value, JsonNode) or (isinstance(value, Exposed) and "toString" in value.exposed):
        return str(exposed.call(value, "toString", ()))
    if type(value) in SCALARS:
        size(value)
        return str(value)
    return represented(value)


def represented(value: Any) -> str:
    """What repr(value) gives."""
    return joined(_pieces(weigh(value)))


def joined(pieces: Iterator[str]) -> str:
    """The pieces in one text. LimitReached before it gets too long."""
    found: list[str] = []
    total = 0
    for piece in pieces:
        total = within(total + len(piece), MAX_TEXT, "A text would be too long: {} characters")
        found.append(piece)
    return "".join(found)


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (name, item) in enumerate(value.items()):
            yield ", " if index else ""
            yield from _pieces(name)
            yield ": "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list | tuple | set):
        yield from _sequence(value)
    else:
        yield _single(value)


def _sequence(value: list[Any] | tuple[Any, ...] | set[Any]) -> Iterator[str]:
    first, last = next(brackets for sort, brackets in _BRACKETS.items() if isinstance(value, sort))
    if isinstance(value, set) and not value:
        first, last = "set(", ")"
    yield first
    for index, item in enumerate(value):
        yield ", " if index else ""
        yield from _pieces(item)
    yield "," + last if isinstance(value, tuple) and len(value) == 1 else last


def _single(value: Any) -> str:
    if type(value) in SCALARS or isinstance(value, range | str):
        size(value)
        return repr(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}({', '.join(map(represented, value.args))})"
    if isinstance(value, Kind):
        return f"<class '{value.name}'>"
    return str(value) if isinstance(value, JsonNode) else f"<{described(value)}>"


def _failure(value: BaseException) -> str:
    if isinstance(value, DecimalException):  # it holds classes, and its own name says it all
        return ""
    if isinstance(value, KeyError) and len(value.args) == 1:
        return represented(value.args[0])
    return shown(value.args[0]) if len(value.args) == 1 else represented(value.args) if value.args else ""


def formatted(value: Any, form: str) -> str:
    """What format(value, form) gives. LimitReached for a width of more than 1000; TypeError for a form that the value does not know."""
    if not form:
        return shown(value)
    within(len(form), MAX_WIDTH, "A format would be too long: {} characters")
    _narrow(re.findall(r"\d+", form))
    if isinstance(value, Decimal):
        size(value)
    if type(value) not in SCALARS:
        raise TypeError(f"{described(value)} has no format '{form}'")
    return format(value, form)


def _narrow(widths: list[str]) -> None:
    for width in widths:
        within(len(width), 6, "A width would be too large: {} digits")
        within(int(width or 0), MAX_WIDTH, "A width would be too large: {}")


def filled(text: str, args: tuple[Any, ...], named: Mapping[str, Any], depth: int = 0) -> str:
    """str.format: names and numbers in the braces, nothing of what they stand for."""
    return joined(_filled(text, _Arguments(args, named), depth))


class _Arguments:
    """What the braces of a format stand for, one after the other or by number or name."""

    def __init__(self, args: tuple[Any, ...], named: Mapping[str, Any]):
        self._args = args
        self._named = named
        self._next = 0

    def __getitem__(self, wanted: str) -> Any:
        if not wanted:
            self._next += 1
            return self._args[self._next - 1]
        if wanted.isdecimal():
            return self._args[int(wanted[:9])]
        if not wanted.isidentifier():
            raise ValueError(f"'{{{wanted[:50]}}}' in a format: only a name or a number can stand there")
        return self._named[wanted]


def _filled(text: str, arguments: _Arguments, depth: int) -> Iterator[str]:
    for literal, wanted, form, conversion in string.Formatter().parse(text):
        yield literal
        if wanted is not None:
            value = CONVERSIONS[conversion or ""](arguments[wanted])
            if form and "{" in form:
                within(depth, 0, "A format is nested too deep")
                form = joined(_filled(form, arguments, depth + 1))
            yield formatted(value, form or "")


def represented_in_ascii(value: Any) -> str:
    """What ascii(value) gives."""
    return represented(value).encode("ascii", "backslashreplace").decode()


ENCODINGS = frozenset({"utf-8", "utf8", "ascii", "latin-1", "iso-8859-1", "cp1251", "windows-1251", "utf-16", "utf-16-le", "utf-16-be"})


def encoded(text: str, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    return text.encode(_known(encoding), errors)


def decoded(value: bytes, encoding: str = "utf-8", errors: str = "strict") -> str:
    return value.decode(_known(encoding), errors)


def _known(encoding: str) -> str:
    """Python has encodings that are slow on purpose-made texts; these are not."""
    if encoding.lower() not in ENCODINGS:
        raise LookupError(f"the encoding '{encoding[:50]}' is not available: only {', '.join(sorted(ENCODINGS))}")
    return encoding


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "s": shown,
    "r": represented,
    "a": represented_in_ascii,
}


def printf(text: str, values: Any) -> str:
    """text % values."""
    given = list(values) if isinstance(values, tuple) else [values]
    left = iter(given)
    pieces: list[str] = []
    at = 0
    for found in _DIRECTIVE.finditer(text):
        pieces += (text[at : found.start()], _directive(found, values, left))
        at = found.end()
    if next(left, left) is not left and not isinstance(values, dict):
        raise TypeError("not all values were used in a text with %")
    return joined(iter((*pieces, text[at:])))


def _directive(found: re.Match[str], values: Any, left: Iterator[Any]) -> str:
    if found["kind"] == "%":
        return "%"
    _narrow([found["width"], found["precision"] or ""])
    if found["key"] is not None:
        value = values[found["key"]]
    else:
        value = next(left, left)
        if value is left:
            raise TypeError("a text with % needs more values than were given")
    text = {"s": shown, "r": represented}.get(found["kind"])
    size(value)
    return f"%{found['form']}{'s' if text else found['kind']}" % ((text(value) if text else value),)
