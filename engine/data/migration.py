"""The only place that says how tables that exist become what a changed `tables.sql` declares, and that changes them.

What loses nothing is done: columns that are new, types that hold more, columns that may be empty now. What could lose data or break rows
that are there is refused with what to do instead. Rules of a table (CHECK, UNIQUE, REFERENCES, DEFAULT) cannot be compared with the
database alike everywhere: a changed one is told, and left to whoever looks after the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.data import columns, ddl, definition, rewriting
from engine.data.columns import Declared
from engine.data.ddl import HISTORY_SUFFIX, Statement
from engine.data.definition import Item
from engine.data.values import BIG, DATE, FLOAT, MOMENT, NUMBER, OTHER, PADDED, SMALL, TEXT, WHOLE, Kind, Size, kind_of
from engine.errors import DeploymentRefused, Problem, Refused


@dataclass(frozen=True)
class Change:
    """One change of a table that exists. `words` say it to people; `what` is add, widen, empty, or note, which does nothing."""

    table: str
    what: str
    words: str
    line: int
    item: Item

    def __str__(self) -> str:
        return f"table {self.table}: {self.words}"


class NotConfirmed(Refused):
    """Tables that exist would be changed, and nobody has confirmed that. `facts["changes"]` tells each change."""

    def __init__(self, changes: Iterable[Change]):
        told = [str(change) for change in changes]
        listed = "\n".join(f"- {words}" for words in told)
        message = (
            f"Nothing was deployed yet. These files change tables that exist, with their history:\n{listed}\n"
            "Look at it, make a backup, then deploy again and confirm it (--yes, or confirm=true)."
        )
        super().__init__(message, changes=told)


def plan(tx: Connection, sql: str, file: str, previous: str = "") -> list[Change]:
    """How the tables become what this tables.sql declares; `previous` is its text as it was deployed before.

    `DeploymentRefused` names every change that would lose data.
    """
    found = {name.lower(): (name, listed) for name, listed in columns.read(tx).items()}
    before = {one.name.lower(): one for one in ddl.statements(previous) if one.creates == "table"}
    changes: list[Change] = []
    problems: list[Problem] = []
    for statement in ddl.statements(sql, file):
        name = statement.name.lower()
        if statement.creates == "table" and name in found:
            table = _Table(statement, *found[name], before.get(name), file)
            changes += table.changes(problems)
    if problems:
        raise DeploymentRefused(problems)
    return changes


def apply(tx: Connection, changes: Iterable[Change]) -> None:
    """Make the changes, in the history tables, too."""
    for change in changes:
        _DOING[change.what](tx, change)


@dataclass(frozen=True)
class _Table:
    """A table as it is declared, as it is there, and as it was declared before."""

    statement: Statement
    name: str
    there: list[Declared]
    before: Statement | None
    file: str

    def changes(self, problems: list[Problem]) -> list[Change]:
        wanted, there = definition.columns(self.statement.text), {column.name.lower(): column for column in self.there}
        earlier = definition.columns(self.before.text) if self.before else {}
        problems += [self._problem(_GONE.format(column=name, table=self.name)) for name in earlier if name in there and name not in wanted]
        found = []
        for name, item in wanted.items():
            if not item.computed:
                found += list(self._changed(item, there[name], problems) if name in there else self._added(item, problems))
        return found + list(self._rules(wanted, earlier))

    def _added(self, item: Item, problems: list[Problem]) -> Iterator[Change]:
        if item.not_null and not item.has_default:
            problems.append(self._problem(_NO_VALUE.format(column=item.name, table=self.name)))
            return
        yield self._change("add", f"the column {item.name} is new ({item.type or 'any type'})", item)

    def _changed(self, item: Item, there: Declared, problems: list[Problem]) -> Iterator[Change]:
        if not there.in_key and not _same(item.type, there.type):
            if _wider(*kind_of(there.type), *kind_of(item.type)):
                yield self._change("widen", f"the column {item.name} becomes {item.type}; it was {there.type}", item)
            else:
                problems.append(self._problem(_NARROWER.format(column=item.name, table=self.name, was=there.type, wanted=item.type)))
        if there.in_key or item.numbered:
            return
        if item.not_null and not there.not_null:
            problems.append(self._problem(_NOT_EMPTY.format(column=item.name, table=self.name)))
        if there.not_null and not item.not_null:
            yield self._change("empty", f"the column {item.name} may be empty", item)

    def _rules(self, wanted: Mapping[str, Item], earlier: Mapping[str, Item]) -> Iterator[Change]:
        if self.before is None:
            return
        for name, item in wanted.items():
            if name in earlier and item.constraints != earlier[name].constraints:
                yield self._change("note", f"the rules of the column {item.name} are others now; {_NOT_DONE}", item)
        now, was = (Counter(_table_rules(one.text)) for one in (self.statement, self.before))
        for text in [*(now - was), *(was - now)]:
            yield self._change("note", f"{text} is {'new' if text in now else 'gone'}; {_NOT_DONE}", Item(None, "", "", text))

    def _change(self, what: str, words: str, item: Item) -> Change:
        return Change(self.name, what, words, self.statement.line, item)

    def _problem(self, text: str) -> Problem:
        return Problem(self.file, self.statement.line, self.name, text)


_NOT_DONE = "Ratchet does not change rules: change it in the database yourself"
_GONE = (
    "The column {column} is gone from the file; dropping it would lose what is in it. Put it back; or, when nobody needs it any more, "
    "drop it in the database yourself (ALTER TABLE {table} DROP COLUMN {column}), then deploy again."
)
_NO_VALUE = (
    "The new column {column} must not be empty, but the rows that are there have no value for it. Give it a DEFAULT, or let it be empty."
)
_NARROWER = (
    "The column {column} is {was} in the database and would become {wanted}, which may not hold what is in it. Add a new column of that "
    "type and fill it by a process or a pipe; the old one can stay."
)
_NOT_EMPTY = (
    "The column {column} must not be empty any more, but rows that are there may be. Fill them, then demand it in the database yourself "
    "(ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL), then deploy again."
)


def _table_rules(create: str) -> list[str]:
    return [definition.normal(item.text) for item in definition.items(create) if item.name is None]


def _same(wanted: str, there: str) -> bool:
    """Whether two spellings mean the same type; of types that nobody here knows it is believed."""
    return kind_of(wanted) == kind_of(there) or kind_of(wanted)[0] is OTHER


def _wider(was: Kind, size: Size, wanted: Kind, new_size: Size) -> bool:
    """Whether every value of one type is one of the other, too, and looks the same."""
    if was is wanted:
        return _larger(size, new_size, was is NUMBER)
    if (was, wanted) == (PADDED, TEXT):
        return _larger(size, new_size, False)
    if wanted is NUMBER and was in _DIGITS:
        return not new_size or new_size[0] - (new_size[1] if len(new_size) > 1 else 0) >= _DIGITS[was]
    return wanted in _WIDER.get(was, ())


def _larger(size: Size, new_size: Size, exact: bool) -> bool:
    if not new_size or not size:
        return not new_size
    if not exact:
        return new_size[0] >= size[0]
    (digits, scale), (new_digits, new_scale) = ((*one, 0)[:2] for one in (size, new_size))
    return new_scale >= scale and new_digits - new_scale >= digits - scale


_WIDER: dict[Kind, tuple[Kind, ...]] = {SMALL: (WHOLE, BIG), WHOLE: (BIG,), FLOAT: (FLOAT,), DATE: (MOMENT,)}
_DIGITS = {SMALL: 5, WHOLE: 10, BIG: 19}


def _add(tx: Connection, change: Change) -> None:
    """History gets its columns as those of the table's."""
    _execute(tx, change, f"ALTER TABLE {_quoted(tx, change.table)} ADD COLUMN {change.item.text}")


def _widen(tx: Connection, change: Change) -> None:
    for table in (change.table, change.table + HISTORY_SUFFIX):
        if table in columns.read(tx):
            _execute(tx, change, *rewriting.widened(tx, table, change.item))


def _let_be_empty(tx: Connection, change: Change) -> None:
    _execute(tx, change, *rewriting.emptied(tx, change.table, change.item))


def _execute(tx: Connection, change: Change, *statements: str) -> None:
    try:
        for statement in statements:
            tx.exec_driver_sql(statement, execution_options={"no_parameters": True})
    except DBAPIError as error:
        advice = "Change it in the database yourself, then deploy again."
        raise DeploymentRefused([Problem("tables.sql", change.line, change.table, f"{change.words}: {error.orig}. {advice}")]) from error


def _quoted(tx: Connection, name: str) -> str:
    return tx.dialect.identifier_preparer.quote(name)


_DOING: dict[str, Callable[[Connection, Change], None]] = {
    "add": _add,
    "widen": _widen,
    "empty": _let_be_empty,
    "note": lambda tx, change: None,
}
