"""The only place that takes a CREATE TABLE statement apart into its columns and constraints, and puts it together again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.data.ddl import TOKEN, plain

_CONSTRAINTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE"}
_AFTER_TYPE = {"CONSTRAINT", "NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "COLLATE", "GENERATED", "AS"}
_DEPTH = {"(": 1, ")": -1}


@dataclass(frozen=True)
class Item:
    """One part between the brackets: a column, or a constraint of the table (then it has no name).

    name  without quotes; None for a constraint
    type  the column's type as it is written
    rest  what follows the type: NOT NULL, DEFAULT …, CHECK …
    text  all of it as it is written
    """

    name: str | None
    type: str
    rest: str
    text: str

    @property
    def not_null(self) -> bool:
        words = normal(self.rest)
        return "NOT NULL" in words or "PRIMARY KEY" in words

    @property
    def has_default(self) -> bool:
        return "DEFAULT" in normal(self.rest) or self.numbered

    @property
    def numbered(self) -> bool:
        """Whether the database itself numbers it."""
        return "SERIAL" in self.type.upper() or "AS IDENTITY" in normal(self.rest)

    @property
    def computed(self) -> bool:
        """Whether it is made of other columns: then it is no field."""
        return " AS (" in f" {normal(self.rest)}".replace("AS(", "AS (")

    @property
    def constraints(self) -> str:
        """What it demands, in one spelling; whether it may be empty is left out."""
        return " ".join(normal(self.rest).replace("NOT NULL", " ").split())


def items(create: str) -> list[Item]:
    """The parts of a CREATE TABLE statement in their order."""
    _, inside, _ = _parted(create)
    return [_item(text) for text in _at_commas(inside)]


def columns(create: str) -> dict[str, Item]:
    """Its columns by name in lower case."""
    return {item.name.lower(): item for item in items(create) if item.name is not None}


def rewritten(create: str, column: str, change: Callable[[Item], str]) -> str:
    """The statement with the text of one column changed."""
    before, _, after = _parted(create)
    parts = [change(item) if item.name is not None and item.name.lower() == column.lower() else item.text for item in items(create)]
    return f"{before}{', '.join(parts)}{after}"


def normal(text: str) -> str:
    """A text in upper case with single blanks, but for what stands in quotes."""
    return "".join(token if token[:1] in "'\"" else " " if token.isspace() else token.upper() for token in TOKEN.findall(text)).strip()


def _parted(create: str) -> tuple[str, str, str]:
    """What stands before, between and after the outer brackets, with the brackets outside."""
    depth, at, begin = 0, 0, None
    for token in TOKEN.findall(create):
        depth += _DEPTH.get(token, 0)
        at += len(token)
        if depth == 1 and begin is None:
            begin = at
        if depth == 0 and begin is not None:
            return create[:begin], create[begin : at - 1], create[at - 1 :]
    raise ValueError("a bracket is not closed")


def _at_commas(inside: str) -> list[str]:
    parts, depth = [""], 0
    for token in TOKEN.findall(inside):
        depth += _DEPTH.get(token, 0)
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]


def _item(text: str) -> Item:
    first, *others = TOKEN.findall(text)
    if first.upper() in _CONSTRAINTS:
        return Item(None, "", "", text)
    depth, end = 0, len(others)
    for number, token in enumerate(others):
        depth += _DEPTH.get(token, 0)
        if depth == 0 and token.upper() in _AFTER_TYPE:
            end = number
            break
    return Item(plain(first), "".join(others[:end]).strip(), "".join(others[end:]).strip(), text)
