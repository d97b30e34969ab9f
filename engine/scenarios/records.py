"""Everything that stands in the throw-away database at one moment: each table read when it is first asked for, in the order of writing."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, inspect, select, text

from engine.jobs import table as jobs
from engine.prepared import Prepared
from engine.runtime import history, messages, scopes, store, tasks
from engine.runtime.values import from_json, plain

_WRITTEN = text("rowid")
_INSTANCES = Prepared(select(store.instance).order_by(_WRITTEN))
_HISTORY = Prepared(select(history.history).order_by(history.history.c.seq))
_TASKS = Prepared(select(tasks.task).where(tasks.task.c.state == tasks.OPEN).order_by(_WRITTEN))
_JOBS = Prepared(select(jobs.job).order_by(jobs.job.c.due_at, _WRITTEN))
_SUBSCRIPTIONS = Prepared(select(messages.subscription).order_by(messages.subscription.c.seq))
_VARIABLES = Prepared(select(scopes.variable))


class Records:
    """The rows of each table, with the columns as attributes."""

    def __init__(self, tx: Connection):
        self._tx = tx

    @cached_property
    def instances(self) -> list[Any]:
        return self._rows(_INSTANCES)

    @cached_property
    def activities(self) -> list[Any]:
        """The history without the flows and without activities done several times that had no turn."""
        return [row for row in self.history if row.kind not in (history.FLOW, "multiInstanceBody")]

    @cached_property
    def history(self) -> list[Any]:
        return self._rows(_HISTORY)

    @cached_property
    def open_tasks(self) -> list[Any]:
        return self._rows(_TASKS)

    @cached_property
    def jobs(self) -> list[jobs.Job]:
        return [jobs.Job(**row) for row in _JOBS.rows(self._tx)]

    @cached_property
    def subscriptions(self) -> list[Any]:
        return self._rows(_SUBSCRIPTIONS)

    @cached_property
    def variables(self) -> dict[str, dict[str, Any]]:
        """The variables of each scope, as a client's JSON shows them."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in _VARIABLES.rows(self._tx):
            found[row["scope"]][row["name"]] = plain(from_json(row["value"]))
        return found

    def table(self, name: str) -> list[dict[str, Any]] | None:
        """All rows of any table as the driver gives them; names of tables and columns in any case. None where there is no such table."""
        known = next((one for one in inspect(self._tx).get_table_names() if one.lower() == name.lower()), None)
        if known is None:
            return None
        found = self._tx.exec_driver_sql(f"SELECT * FROM {self._tx.dialect.identifier_preparer.quote_identifier(known)}")
        return [{str(column).lower(): plain(value) for column, value in row._mapping.items()} for row in found]

    def tree(self, instance_id: str) -> set[str]:
        """The ids of an instance and of all that it called; callers are older than what they call."""
        found = {instance_id}
        for row in self.instances:
            if row.parent_id in found:
                found.add(row.id)
        return found

    def _rows(self, statement: Prepared) -> list[Any]:
        return [SimpleNamespace(**row) for row in statement.rows(self._tx)]
