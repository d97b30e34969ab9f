"""Verbs: work that waits, for external workers and for its next try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine import access, db, identity
from engine.core.kernel import Kernel
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime.run import Run

WORKER_LOCK_SECONDS = 300


class Work(Kernel):
    """What workers do, ours and others'."""

    def retry(self, instance_id: str, who: Person) -> None:
        """Try every incident of an instance once more."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            found = self._open_run(tx, instance_id, who)
            for job in jobs.incidents(tx, instance_id):
                _try_again(found, job)
            found.save()

    def activate_jobs(self, type: str, worker: str, who: Person, limit: int = 10, seconds: float = WORKER_LOCK_SECONDS) -> list[jobs.Job]:
        """Hand waiting jobs of a type to an external worker, which has them for so many seconds."""
        access.require_analyst(who)
        now = self.clock.now()
        with db.begin(self.database) as tx:
            found = jobs.waiting(tx, jobs.EXTERNAL, now, type, limit)
            for job in found:
                jobs.lock(tx, job.id, worker, now + timedelta(seconds=seconds))
            return found

    def complete_job(self, job_id: str, variables: Mapping[str, Any], who: Person) -> None:
        """An external worker did a job."""
        access.require_analyst(who)
        with self._moving_job(job_id, who) as (found, job):
            found.finish(job.id, dict(variables))

    def fail_job(self, job_id: str, message: str, who: Person, retries: int = 0, backoff: timedelta = timedelta(0)) -> None:
        """An external worker could not do a job; without retries left it is an incident."""
        access.require_analyst(who)
        with self._moving_job(job_id, who) as (found, job):
            given_back = replace(
                job, retries=retries, due_at=self.clock.now() + backoff, locked_by=None, locked_until=None, last_error=message
            )
            jobs.put(found.tx, given_back)
            found.failed(job.id, retries)

    def run_due(self, limit: int = 100) -> int:
        """Try again what failed and is due; how many jobs ran."""
        with db.read(self.database) as tx:
            due = jobs.waiting(tx, jobs.RETRY, self.clock.now(), limit=limit)
        for job in due:
            with self._moving_job(job.id, identity.SYSTEM) as (found, current):
                if current.due_at <= self.clock.now() and current.retries > 0:
                    found.again(current.id)
        return len(due)

    @contextmanager
    def _moving_job(self, job_id: str, who: Person) -> Iterator[tuple[Run, jobs.Job]]:
        with db.read(self.database) as tx:
            instance_id = jobs.get(tx, job_id).instance_id
        with self._moving(who, instance_id) as tx:
            found = self._open_run(tx, instance_id, who)
            yield found, jobs.get(tx, job_id)
            found.save()


def _try_again(found: Run, job: jobs.Job) -> None:
    """A new try for an incident: at once where the work is ours, offered again where it is a worker's."""
    if job.kind == jobs.RETRY:
        found.again(job.id, retries=1)
    else:
        jobs.put(found.tx, replace(job, retries=1, due_at=found.now, locked_by=None, locked_until=None))
        found.failed(job.id, retries=1)
