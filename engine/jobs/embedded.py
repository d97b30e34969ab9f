"""The side of the wake-up port for one server: threads of it that claim due rows by a lease, on any database.

Two servers on one database share the work: who has claimed a job has it for the time of the lease. When that is over another may take it,
which does no harm while the first is still at it: the instance is locked, and the second finds the job done.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import Connection

from engine import db
from engine.jobs import table
from engine.jobs.table import Job
from engine.jobs.wakeup import Runner

log = logging.getLogger("ratchet")
LEASE = timedelta(seconds=60)
LOOK_EVERY = 1.0  # seconds between two looks at the table, for what other processes write there


class Embedded:
    """Threads that sleep until the next job is due, or until one was written in this process."""

    def __init__(self, lease: timedelta = LEASE, look_every: float = LOOK_EVERY):
        self._lease, self._look_every = lease, look_every
        self._news, self._over = Event(), Event()

    def deferred(self, tx: Connection, jobs: Sequence[Job]) -> None:
        db.after_commit(tx, self._news.set)

    def stop(self) -> None:
        self._over.set()
        self._news.set()

    def run(self, engine: Runner, concurrency: int = 1) -> None:
        others = [Thread(target=self._work, args=(engine,), name=f"ratchet-worker-{number}") for number in range(1, concurrency)]
        for thread in others:
            thread.start()
        self._work(engine)
        for thread in others:
            thread.join()

    def _work(self, engine: Runner) -> None:
        """What goes wrong is in the log, and the next look comes all the same."""
        name = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
        while not self._over.is_set():
            self._news.clear()
            try:
                pause = self._look(engine, name)
            except Exception:
                log.exception("What was due could not be done; it is tried again")
                pause = self._look_every
            if pause and not self._over.is_set():
                self._news.wait(pause)

    def _look(self, engine: Runner, name: str) -> float:
        """Do one job, if one is due; how many seconds nothing will be."""
        now = engine.clock.now()
        with db.read(engine.database) as tx:
            due = table.next_due(tx)
        if due is None or due > now:
            return self._look_every if due is None else min((due - now).total_seconds(), self._look_every)
        with db.begin(engine.database) as tx:
            claimed = table.claim(tx, name, now, now + self._lease)
        if claimed is None:  # somebody else has it
            return self._look_every
        self._do(engine, claimed.id, name)
        return 0

    def _do(self, engine: Runner, job_id: str, name: str) -> None:
        try:
            engine.run_job(job_id)
        except Exception:
            with db.begin(engine.database) as tx:
                table.give_back(tx, job_id, name)
            raise
