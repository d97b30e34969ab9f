"""The rows of what rests in one instance (user tasks, jobs, subscriptions): collected while a verb runs, written at its end in one go.

A token's notes name the kinds of its rows, so that what is left behind is cleared away without asking the database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.jobs import table as jobs
from engine.jobs.table import Job
from engine.runtime import messages, tasks
from engine.runtime.messages import Subscription
from engine.runtime.tasks import Task
from engine.runtime.tokens import Token

TASK, JOB, SUBSCRIPTION = "task", "job", "subscription"
Key = tuple[str, str]


class Waits:
    """What begins and ends to wait during one verb."""

    def __init__(self) -> None:
        self._new: dict[Key, Any] = {}
        self._gone: dict[Key, None] = {}
        self._loose: list[Job] = []
        self._closed: list[tuple[str, str, str | None]] = []

    def task(self, token: Token, new: Task) -> None:
        self._put(TASK, token, new)

    def job(self, token: Token, new: Job) -> None:
        """A job in place of an earlier one of the same token."""
        self._put(JOB, token, new)

    def subscription(self, token: Token, new: Subscription) -> None:
        self._put(SUBSCRIPTION, token, new)

    def send(self, new: Job) -> None:
        """A job that belongs to no token: something on its way to other instances."""
        self._loose.append(new)

    def end(self, token: Token, state: str = tasks.CANCELED, person: str | None = None) -> None:
        """Nothing waits at a token any more; a user task there ends in this state."""
        for kind in token.notes.pop("rows", ()):
            self._remove(kind, token, state, person)

    def end_job(self, token: Token) -> None:
        """A listener's job is done; whatever else waits at the token stays."""
        token.notes["rows"].remove(JOB)
        self._remove(JOB, token, "", None)

    def save(self, tx: Connection, at: datetime) -> list[Job]:
        """Write all but the new jobs, which are given back: somebody is to be told of them."""
        for kind, delete in _DELETE.items():
            gone = [id for where, id in self._gone if where == kind]
            if gone:
                delete(tx, gone)
        for state, person in dict.fromkeys((state, person) for _, state, person in self._closed):
            tasks.close_all(tx, [id for id, *how in self._closed if how == [state, person]], state, at, person)
        for kind, insert in _INSERT.items():
            new = [row for (where, _), row in self._new.items() if where == kind]
            if new:
                insert(tx, new)
        jobs = [*(row for (where, _), row in self._new.items() if where == JOB), *self._loose]
        self.__init__()  # type: ignore[misc]  # as new
        return jobs

    def mark(self) -> tuple[Any, ...]:
        """What has been collected so far, for `back_to`."""
        return dict(self._new), dict(self._gone), list(self._loose), list(self._closed)

    def back_to(self, mark: tuple[Any, ...]) -> None:
        self._new, self._gone, self._loose, self._closed = mark

    def _put(self, kind: str, token: Token, row: Any) -> None:
        rows = token.notes.setdefault("rows", [])
        if kind in rows:
            self._gone[kind, token.id] = None
        else:
            rows.append(kind)
        self._new[kind, token.id] = row

    def _remove(self, kind: str, token: Token, state: str, person: str | None) -> None:
        written = self._new.pop((kind, token.id), None) is None or (kind, token.id) in self._gone
        if not written:
            return
        if kind == TASK:
            self._closed.append((token.id, state, person))
        else:
            self._gone[kind, token.id] = None


_DELETE: dict[str, Callable[[Connection, list[str]], None]] = {JOB: jobs.remove_all, SUBSCRIPTION: messages.unsubscribe_all}
_INSERT: dict[str, Callable[[Connection, list[Any]], None]] = {
    TASK: tasks.add_all, SUBSCRIPTION: messages.subscribe_all,
}  # fmt: skip
