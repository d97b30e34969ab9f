"""The variables of one instance: scopes inside scopes, and their table. Nothing else reads or writes `ratchet_variable`.

A read climbs from a scope to the instance. A write goes to the nearest scope that has the name, else to the instance. A transient variable
lives like any other until the verb ends; it is never saved, unless it is kept: then it is an ordinary one from the next verb on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, PrimaryKeyConstraint, Table, Text, bindparam, delete, select

from engine.db import Json, metadata
from engine.expressions.spin import JsonNode
from engine.prepared import Answer, Insertion, Prepared, Row
from engine.runtime.values import NotKept, can_be_kept, from_json, to_json

variable = Table(
    "ratchet_variable",
    metadata,
    Column("instance_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Json),
    PrimaryKeyConstraint("instance_id", "scope", "name"),
)
_ADD = Insertion(variable)
_OF_INSTANCE = Prepared(select(variable).where(variable.c.instance_id == bindparam("instance_id")))
_DELETE = Prepared(delete(variable).where(
    variable.c.instance_id == bindparam("of"), variable.c.scope == bindparam("at"), variable.c.name == bindparam("named")
))  # fmt: skip
Key = tuple[str, str]
Change = tuple[str, str, str]
_ABSENT = object()


def ask(tx: Connection, instance_id: str) -> Answer:
    """The saved variables of an instance, for `Scopes.load`."""
    return _OF_INSTANCE.ask(tx, instance_id=instance_id)


class Scopes:
    """The variables of one instance during one verb. The scope of the instance itself has the instance's id."""

    def __init__(self, root: str):
        self.root = root
        self._values: dict[str, dict[str, Any]] = {root: {}}
        self._above: dict[str, str] = {}
        self._transient: set[Key] = set()
        self._kept: set[Key] = set()
        self._changed: set[Key] = set()
        self._stored: set[Key] = set()
        self._undo: list[tuple[Key, Any, bool]] | None = None
        self._log: list[Change] | None = None

    def open(self, scope: str, above: str) -> None:
        """Begin a scope below another; opening an open scope does nothing."""
        if scope not in self._values:
            self._values[scope] = {}
            self._above[scope] = above

    def close(self, scope: str) -> None:
        """Forget a scope and its variables."""
        for name in list(self._values.get(scope, ())):
            self.remove(scope, name)
        self._values.pop(scope, None)
        self._above.pop(scope, None)

    def chain(self, scope: str) -> Iterator[str]:
        """The scope and those above it, innermost first."""
        at: str | None = scope
        while at is not None:
            yield at
            at = self._above.get(at)

    def owner(self, scope: str, name: str) -> str | None:
        """The nearest scope that has the name."""
        return next((at for at in self.chain(scope) if name in self._values.get(at, ())), None)

    def get(self, scope: str, name: str) -> Any:
        """The nearest value of the name; KeyError where there is none."""
        owner = self.owner(scope, name)
        if owner is None:
            raise KeyError(name)
        return self._values[owner][name]

    def is_transient(self, scope: str, name: str) -> bool:
        return (self.owner(scope, name), name) in self._transient

    def is_kept(self, scope: str, name: str) -> bool:
        """Whether a transient variable is saved all the same."""
        return (self.owner(scope, name), name) in self._kept

    def local(self, scope: str) -> dict[str, Any]:
        """What exactly this scope holds."""
        return self._values.get(scope, {})

    def visible(self, scope: str) -> dict[str, Any]:
        """All that a scope sees, inner values hiding outer ones."""
        seen: dict[str, Any] = {}
        for at in self.chain(scope):
            seen = {**self._values.get(at, {}), **seen}
        return seen

    def handed_on(self, scope: str, local: bool = False) -> dict[str, Any]:
        """What others may be given of all that a scope sees, or holds itself: nothing of ours, and nothing that cannot be kept."""
        seen = self.local(scope) if local else self.visible(scope)
        loose = {name for at, name in self._transient}
        return {name: value for name, value in seen.items() if name[:1] != "(" and (name not in loose or can_be_kept(value))}

    def assign(self, scope: str, name: str, value: Any, transient: bool = False) -> None:
        """Write where the name is, else to the instance."""
        self.assign_local(self.owner(scope, name) or self.root, name, value, transient)

    def assign_local(self, scope: str, name: str, value: Any, transient: bool = False) -> None:
        """Write in exactly this scope."""
        key = (scope, name)
        self._remember(key)
        if self._log is not None:
            self._log.append((scope, name, "update" if name in self._values[scope] else "create"))
        self._values[scope][name] = value
        self._changed.add(key)
        if transient:
            self._transient.add(key)
        else:
            self._transient.discard(key)

    def keep(self, scope: str, name: str) -> None:
        """Save this transient variable all the same."""
        self._kept.add((scope, name))

    def touch(self, scope: str, name: str) -> None:
        """A script was handed the variable: what it can change in place is saved again."""
        if isinstance(self._values[scope][name], (dict, list, JsonNode)):
            self._changed.add((scope, name))

    def remove(self, scope: str, name: str) -> None:
        """Take the name out of exactly this scope."""
        key = (scope, name)
        self._remember(key)
        if self._log is not None and name in self._values.get(scope, ()):
            self._log.append((scope, name, "delete"))
        self._values.get(scope, {}).pop(name, None)
        self._transient.discard(key)
        self._changed.add(key)

    def _remember(self, key: Key) -> None:
        if self._undo is not None:
            before = self._values.get(key[0], {}).get(key[1], _ABSENT)
            self._undo.append((key, before, key in self._transient))

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Undo every change made inside when it fails; one may stand inside another."""
        outer, self._undo = self._undo, []
        try:
            yield
        except BaseException:
            self._roll_back(self._undo)
            raise
        else:
            if outer is not None:
                outer += self._undo
        finally:
            self._undo = outer

    def _roll_back(self, log: list[tuple[Key, Any, bool]]) -> None:
        self._undo = None
        for (scope, name), before, transient in reversed(log):
            if before is _ABSENT:
                self.remove(scope, name)
            elif scope in self._values:  # else it was closed meanwhile, with all that it held
                self.assign_local(scope, name, before, transient)

    def watch(self) -> None:
        """From now on, note what changes."""
        self._log = []

    def changes(self) -> list[Change]:
        """What has changed since this was last asked: scope, name, and create, update or delete."""
        log, self._log = self._log or [], []
        return log

    def load(self, rows: list[Row]) -> None:
        """Take what is saved. Scopes below the instance must be open already."""
        for row in rows:
            scope, name = row["scope"], row["name"]
            self._values.setdefault(scope, {})[name] = from_json(row["value"])
            self._stored.add((scope, name))

    def save(self, tx: Connection) -> None:
        """Write what changed; transient variables are not kept."""
        gone = [{"of": self.root, "at": scope, "named": name} for scope, name in self._changed & self._stored]
        if gone:
            _DELETE.run(tx, *gone)
        lasting = sorted(self._changed - (self._transient - self._kept))
        rows = [row for at, name in lasting if name in self._values.get(at, ()) for row in self._row(at, name)]
        if rows:
            _ADD.run(tx, *rows)
        self._stored = (self._stored - self._changed) | {(row["scope"], row["name"]) for row in rows}
        self._changed.clear()

    def _row(self, scope: str, name: str) -> list[dict[str, Any]]:
        """The row of a variable; none where a transient one was to be kept but holds what no variable can."""
        try:
            value = to_json(self._values[scope][name])
        except NotKept:
            if (scope, name) in self._transient:
                return []
            raise
        return [{"instance_id": self.root, "scope": scope, "name": name, "value": value}]
