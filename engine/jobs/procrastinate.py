"""The side of the wake-up port for many machines: Procrastinate on PostgreSQL. The only place that knows this library and its tables.

A job that is due soon is put into its queue on the verb's own connection, so that it is there when the verb's transaction is. What is due
later follows when its time comes near, since a queue full of later jobs is slow: every worker looks now and then at everything that waits
in `ratchet_job`, and so finds what dead workers had in hand and what was ever lost. `ratchet_job` stays the truth: a queued job that was
done or moved meanwhile is brought to the engine for nothing.

Procrastinate's lock is the job's, not the instance's. It lets nothing overtake what was queued before it with the same lock, even if that
is due much later: a timer would keep back its whole instance. One verb at a time per instance is what the engine's own lock is for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job as Queued
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from sqlalchemy import Engine as Database

from engine import db
from engine.jobs import table
from engine.jobs.table import Job
from engine.jobs.wakeup import Runner

log = logging.getLogger("ratchet")
QUEUE, TASK = "ratchet", "ratchet.run_job"
NEAR = timedelta(seconds=60)  # what is due later than this from now is not queued yet
HEARTBEAT, STALLED = 2.0, 6.0  # seconds: how often a worker says that it lives, and when it is taken for dead
LOOK_EVERY = 5.0  # seconds between two looks for what is near and for what dead workers had in hand
POLL_EVERY = 1.0  # seconds between two looks at the queue, for what is due now and was put there earlier
CONNECT_SECONDS = 5.0  # how long a worker waits for a connection before it begins anew
QUEUEING = 7282439  # of the advisory lock
_NOT_QUEUED = text(
    "NOT EXISTS (SELECT 1 FROM procrastinate_jobs q WHERE q.queueing_lock = ratchet_job.id AND q.status = 'todo')"
    " AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs q WHERE q.lock = ratchet_job.id AND q.status = 'doing')"
)
# also what somebody has had in hand for ten minutes: its connection may have broken as it wanted to say that it had done it
_GONE = text(
    "DELETE FROM procrastinate_jobs q WHERE q.queue_name = :queue AND q.status = 'doing' AND ("
    "NOT EXISTS (SELECT 1 FROM procrastinate_workers w WHERE w.id = q.worker_id AND w.last_heartbeat > now() - :stalled * interval '1 s')"
    " OR EXISTS (SELECT 1 FROM procrastinate_events e WHERE e.job_id = q.id AND e.type = 'started' AND e.at < now() - interval '10 min'))"
    " RETURNING q.lock"
)
_FORGET = text("DELETE FROM procrastinate_jobs WHERE queueing_lock = ANY(:ids) AND status = 'todo'")


class Procrastinate:
    """Procrastinate's queue in the engine's own database, and a worker of it."""

    def __init__(self, heartbeat: float = HEARTBEAT, stalled: float = STALLED, look_every: float = LOOK_EVERY):
        self._heartbeat, self._stalled, self._look_every = heartbeat, stalled, look_every
        self._writer = App(connector=SyncPsycopgConnector()).job_manager  # never opened: it writes on connections of verbs
        self._over = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wakened: asyncio.Event | None = None

    def deferred(self, tx: Connection, jobs: Sequence[Job]) -> None:
        near = datetime.now(UTC) + NEAR
        soon = [_queued(job) for job in jobs if job.due_at <= near]
        if soon and not self._enqueued(tx, soon):
            tx.execute(_FORGET, {"ids": [job.queueing_lock for job in soon]})  # an earlier moment of the same job
            self._enqueued(tx, soon)  # what another process queues right now instead is as good, and the next look finds the rest

    def _enqueued(self, tx: Connection, jobs: list[Queued]) -> bool:
        with suppress(AlreadyEnqueued):
            with db.savepoint(tx, "ratchet_queue"):
                self._writer.batch_defer_jobs(jobs, connection=tx.connection.driver_connection)
            return True
        return False

    def stop(self) -> None:
        self._over.set()
        if self._loop is not None and self._wakened is not None:
            self._loop.call_soon_threadsafe(self._wakened.set)

    def run(self, engine: Runner, concurrency: int = 1) -> None:
        try:
            asyncio.run(self._run(engine, concurrency))
        finally:
            self._loop = None

    async def _run(self, engine: Runner, concurrency: int) -> None:
        """One worker after another until `stop`: one ends when its connections do."""
        self._wakened, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(concurrency + 2, "ratchet-worker"))
        while not self._over.is_set():
            try:
                await self._work(engine, concurrency)
            except Exception:
                log.exception("The worker has lost its database; it tries again")
            if not self._over.is_set():
                await _first_of(self._wakened.wait(), asyncio.sleep(1))

    async def _work(self, engine: Runner, concurrency: int) -> None:
        app = App(connector=_connector(engine.database, concurrency))
        app.task(name=TASK, queue=QUEUE)(engine.run_job)
        assert self._wakened is not None
        async with app.open_async():
            worker = app.run_worker_async(
                queues=[QUEUE], concurrency=concurrency, delete_jobs="always", install_signal_handlers=False,
                update_heartbeat_interval=self._heartbeat, stalled_worker_timeout=self._stalled, fetch_job_polling_interval=POLL_EVERY,
            )  # fmt: skip
            await _first_of(worker, self._look_after(engine.database), self._wakened.wait())

    async def _look_after(self, database: Database) -> None:
        while True:
            await asyncio.to_thread(self._look, database)
            await asyncio.sleep(self._look_every)

    def _look(self, database: Database) -> None:
        """Queue what is near and is not queued, or was in the hands of a worker that is dead."""
        with db.begin(database) as tx:
            db.one_at_a_time(tx, QUEUEING)
            for lost in tx.execute(_GONE, {"queue": QUEUE, "stalled": self._stalled}).scalars():
                log.warning("The worker that had the job %s in hand is gone; it is queued again", lost)
            self.deferred(tx, table.due_before(tx, datetime.now(UTC) + NEAR, _NOT_QUEUED))


async def _first_of(*awaited: Awaitable[Any]) -> None:
    """Until one of them ends; the others are cancelled and come to their end, too."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _queued(job: Job) -> Queued:
    return Queued(
        queue=QUEUE, task_name=TASK, lock=job.id, queueing_lock=job.id, task_kwargs={"job_id": job.id}, scheduled_at=job.due_at
    )  # fmt: skip


def _connector(database: Database, concurrency: int) -> PsycopgConnector:
    _, arguments = database.dialect.create_connect_args(database.url)
    return PsycopgConnector(kwargs=arguments, min_size=1, max_size=concurrency + 3, timeout=CONNECT_SECONDS)


def prepare(database: Database) -> None:
    """Bring Procrastinate's tables to the version of the library; several processes may start at once."""
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    # no transaction around it: one that waited for the lock would not see the tables that were made meanwhile
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        if _version(tx) == steps[-1].name:
            return
        tx.execute(text("SELECT pg_advisory_lock(:key)"), {"key": QUEUEING})
        try:
            _take(tx, steps)
        finally:
            tx.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": QUEUEING})


def _take(tx: Connection, steps: list[Path]) -> None:
    """The steps that are missing, each with its name in one transaction; all of them at once where there is nothing."""
    version = _version(tx)
    missing = [(step.name, step.read_text()) for step in steps if step.name > version]
    raw: Any = tx.connection.driver_connection
    for name, script in missing if version else [(steps[-1].name, SchemaManager.get_schema())]:
        raw.execute(f"{script};\nCOMMENT ON TABLE procrastinate_jobs IS '{name}'")  # many statements at once, which only the driver takes


def _version(tx: Connection) -> str:
    """The last step that was taken here, as a comment on the table says; empty where there is no table."""
    return tx.execute(text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")).scalar() or ""
