"""The only place that takes a written SQL statement apart, and puts it together again with its variables bound.

`?` takes the values of a list, `:name` those of a map, `<name>` the items of a list in a map. What stands in quotes or comments is left
alone, `::` is a cast, `??` is a question mark. No value ever becomes text of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.values import adapted
from engine.expressions.typed import Typed

LONGEST = 1_000_000
_MARKS = {"positional", "named", "list"}
_QUOTED = r'"(?:[^"]|"")*"'
_BRACKETED = r"\[(?:[^\]]|\]\])*\]"
_STRING, _ESCAPED = r"'(?:[^']|'')*'", r"'(?:[^'\\]|''|\\.)*'"
_BACKTICKS = r"`(?:[^`]|``)*`"
_DOLLARS = r"(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)"
_ORACLE = r"[nN]?[qQ]'(?:\[.*?\]|\{.*?\}|\(.*?\)|<.*?>|(?P<mark>[^\s\[{(<]).*?(?P=mark))'"
# what each database takes for a text, for a quoted name, and for a comment besides -- and /* */
_TEXTS = {
    "postgresql": rf"[eE]{_ESCAPED}|{_STRING}|{_DOLLARS}",
    "mysql": rf'{_ESCAPED}|"(?:[^"\\]|""|\\.)*"',
    "oracle": rf"{_ORACLE}|{_STRING}",
}
_NAMES = {"mysql": _BACKTICKS, "mssql": rf"{_QUOTED}|{_BRACKETED}", "sqlite": rf"{_QUOTED}|{_BACKTICKS}|{_BRACKETED}"}
_DASHES = r"--[^\n]*"
_LINE_COMMENTS = {"mysql": rf"{_DASHES}|\#[^\n]*"}
_REST = (
    r"(?P<cast>::|:=)|:(?P<named>[^\W\d]\w*)|<(?P<list>[^\W\d]\w*)>|(?P<positional>\?\??)"
    r"""|(?P<word>[\w$]+)|(?P<space>\s+)|(?P<open>['"`])|(?P<sign>.)"""
)
_ALIKE = {"mariadb": "mysql"}


@dataclass(frozen=True)
class Piece:
    """A part of a statement: comment, text, quoted, word, positional, named, list, space or sign."""

    kind: str
    text: str


@lru_cache(maxsize=16)
def _pattern(kind: str) -> re.Pattern[str]:
    comment, text, name = _LINE_COMMENTS.get(kind, _DASHES), _TEXTS.get(kind, _STRING), _NAMES.get(kind, _QUOTED)
    return re.compile(rf"(?P<comment>{comment}|/\*)|(?P<text>{text})|(?P<quoted>{name})|{_REST}", re.DOTALL)


@lru_cache(maxsize=512)
def pieces(statement: str, kind: str) -> tuple[Piece, ...]:
    """The pieces of a statement for a kind of database (SQLAlchemy's name of its dialect). ConnectorError where it cannot be read."""
    if len(statement) > LONGEST:
        raise _invalid(f"The statement is longer than {LONGEST:,} characters.")
    pattern, found, at = _pattern(_ALIKE.get(kind, kind)), list[Piece](), 0
    while at < len(statement):
        match = pattern.match(statement, at)
        assert match is not None and match.lastgroup is not None  # every character is at least a sign
        group = next(name for name in _GROUPS if match[name] is not None)
        end = _end_of_comment(statement, at, nested=kind == "postgresql") if match[0] == "/*" else match.end()
        if group == "open":
            raise _invalid(f"The statement has a quotation mark ({match[0]}) at character {at + 1} that is not closed.")
        found.append(Piece(group, match[group] if group in ("named", "list") else statement[at:end]))
        at = end
    return tuple(found)


_GROUPS = ("comment", "text", "quoted", "cast", "named", "list", "positional", "word", "space", "open", "sign")


def _end_of_comment(statement: str, at: int, nested: bool) -> int:
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(statement, at):
        depth = (depth + 1 if nested or depth == 0 else depth) if mark[0] == "/*" else depth - 1
        if depth == 0:
            return mark.end()
    raise _invalid(f"The statement has a comment at character {at + 1} that is not closed.")


def names(statement: str) -> set[str]:
    """All that could be the name of a variable in a statement."""
    return set(re.findall(r"[:<]([^\W\d]\w*)", statement))


class Bound:
    """A statement with its values, as a driver takes both: `text`, and `values` for `exec_driver_sql`, None where there are none."""

    def __init__(self, statement: Sequence[Piece], variables: Any, dialect: Dialect):
        self._variables, self._dialect = variables, dialect
        self._given: list[Any] = []
        self._counted = 0
        self._has_values = any(self._is_mark(piece) for piece in statement)
        self.text = "".join(map(self._written, statement))
        self._check_all_used(statement)

    @property
    def values(self) -> Any:
        if not self._has_values:
            return None
        return {f"v{number}": value for number, value in enumerate(self._given)} if self._named else tuple(self._given)

    @property
    def _named(self) -> bool:
        return self._dialect.paramstyle == "named"

    def _is_mark(self, piece: Piece) -> bool:
        return piece.kind in ("named", "list") or (piece.text == "?" and piece.kind == "positional" and self._is_list)

    @property
    def _is_list(self) -> bool:
        return isinstance(self._variables, list | tuple)

    def _written(self, piece: Piece) -> str:
        if self._is_mark(piece):
            return _READ[piece.kind](self, piece.text)
        text = "?" if piece.text == "??" and piece.kind == "positional" else piece.text
        doubled = self._has_values and self._dialect.paramstyle in ("format", "pyformat")
        return text.replace("%", "%%") if doubled else text

    def _value(self, value: Any) -> str:
        self._given.append(adapted(unwrapped(value), self._dialect.name))
        return f":v{len(self._given) - 1}" if self._named else _MARKED[self._dialect.paramstyle]

    def _positional(self, _mark: str) -> str:
        if self._counted >= len(self._variables):
            raise _invalid(f"The statement has more than {len(self._variables)} question marks, but the list has only so many values.")
        self._counted += 1
        return self._value(self._variables[self._counted - 1])

    def _single(self, name: str) -> str:
        value = self._found(f":{name}", name)
        if isinstance(value, list | tuple):
            raise _invalid(f"The variable {name} is a list: write IN (<{name}>) in place of IN (:{name}).")
        return self._value(value)

    def _several(self, name: str) -> str:
        value = self._found(f"<{name}>", name)
        if not isinstance(value, list | tuple):
            raise _invalid(f"The variable {name} is no list: write :{name} in place of <{name}>.")
        return ", ".join(map(self._value, value)) or "NULL"  # nothing is IN (NULL)

    def _found(self, mark: str, name: str) -> Any:
        if not isinstance(self._variables, Mapping) or name not in self._variables:
            raise _invalid(f"The statement names {mark}, but there is no variable {name} for it.")
        return unwrapped(self._variables[name])

    def _check_all_used(self, statement: Sequence[Piece]) -> None:
        if self._is_list and self._counted < len(self._variables):
            raise _invalid(f"There are {len(self._variables)} values for {self._counted} question marks.")


_READ = {"positional": Bound._positional, "named": Bound._single, "list": Bound._several}
_MARKED = {"qmark": "?", "format": "%s", "pyformat": "%s"}


def unwrapped(value: Any) -> Any:
    """A variable's value without its transient wrapping."""
    return value.value if isinstance(value, Typed) else value


def _invalid(message: str) -> ConnectorError:
    return ConnectorError(message, "InvalidInput")
