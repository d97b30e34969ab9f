"""Verbs: work that waits, for external workers, for its moment and for its next try."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from engine import access, db, identity
from engine.core.messages import Messages
from engine.errors import BpmnError, NotFound, RatchetError, Refused, SomebodyWasFaster
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import messages, starts, store
from engine.runtime.case import Case
from engine.runtime.run import Run
from engine.runtime.values import from_json

log = logging.getLogger("ratchet")
WORKER_LOCK_SECONDS = 300


class JobGone(RatchetError):
    """The job has been done meanwhile, or is not due any more."""


class NotYours(SomebodyWasFaster):
    """Another worker has taken the job."""


class Work(Messages):
    """What workers do, ours and others'."""

    def retry(self, instance_id: str, who: Person, incident_id: str | None = None) -> None:
        """Try every incident of an instance once more, or only one of them. Each is tried for itself; then the first failure is told."""
        access.require_analyst(who)
        with db.begin(self.database) as tx:
            self._case(tx, who).open(instance_id)
            incidents = [job.id for job in jobs.incidents(tx, instance_id) if incident_id in (None, job.id)]
        if incident_id is not None and not incidents:
            raise NotFound(f"The instance {instance_id} has no incident {incident_id}; it may have been mended already.")
        failures = [failure for id in incidents for failure in (self._retry_one(instance_id, id, who),) if failure is not None]
        if failures:
            raise failures[0]

    def _retry_one(self, instance_id: str, incident_id: str, who: Person) -> RatchetError | None:
        """One more try, unless another one has mended it; what went wrong."""
        try:
            with self._moving(who, instance_id) as tx:
                case = self._case(tx, who)
                found, job = case.open(instance_id), jobs.find(tx, incident_id)
                if job is not None and job.retries <= 0:
                    _try_again(found, job)
                case.settle()
        except RatchetError as failure:
            return failure
        return None

    def retry_job(self, job_id: str, who: Person) -> None:
        """Try one incident once more, also of what belongs to no instance: a start by a timer, a message on its way."""
        access.require_analyst(who)
        with db.begin(self.database) as tx:
            job = jobs.lock_row(tx, job_id)
            if job is not None and not job.instance_id and job.retries <= 0:
                jobs.put(tx, replace(job, retries=1, due_at=self.clock.now(), locked_by=None, locked_until=None))
                return
        if job is None or not job.instance_id:
            raise NotFound(f"There is no incident {job_id}; it may have been mended already.")
        self.retry(job.instance_id, who, job_id)

    def activate_jobs(self, type: str, worker: str, who: Person, limit: int = 10, seconds: float = WORKER_LOCK_SECONDS) -> list[jobs.Job]:
        """Hand waiting jobs of a type to an external worker, which has them for so many seconds."""
        access.require_analyst(who)
        now = self.clock.now()
        with db.begin(self.database) as tx:
            found = jobs.waiting(tx, (jobs.EXTERNAL,), now, type, limit)
            for job in found:
                jobs.lock(tx, job.id, worker, now + timedelta(seconds=seconds))
            return found

    def complete_job(self, job_id: str, variables: Mapping[str, Any], who: Person, worker: str | None = None) -> None:
        """An external worker did a job. A worker that says its name is refused when another one has the job by now."""
        access.require_analyst(who)
        with self._moving_job(job_id, who, worker) as (found, job):
            found.answered(job.id, dict(variables))

    def fail_job(
        self, job_id: str, message: str, who: Person, retries: int = 0, backoff: timedelta = timedelta(0), worker: str | None = None
    ) -> None:  # fmt: skip
        """An external worker could not do a job; without retries left it is an incident."""
        access.require_analyst(who)
        with self._moving_job(job_id, who, worker) as (found, job):
            jobs.put(found.tx, replace(
                job, retries=retries, due_at=self.clock.now() + backoff, locked_by=None, locked_until=None, last_error=message
            ))  # fmt: skip
            found.failed(job.id, retries, message)

    def throw_job_error(self, job_id: str, error: BpmnError, who: Person, worker: str | None = None) -> None:
        """An external worker answers a job with a BPMN error, which the process may catch."""
        access.require_analyst(who)
        with self._moving_job(job_id, who, worker) as (found, job):
            found.throw_error(job.id, error)

    def extend_job(self, job_id: str, worker: str, who: Person, seconds: float = WORKER_LOCK_SECONDS) -> None:
        """A worker needs more time for a job that it has: so many seconds from now."""
        access.require_analyst(who)
        with db.begin(self.database) as tx:
            job = _for_worker(jobs.lock_row(tx, job_id), job_id, worker)
            if job.locked_by is None:
                raise NotYours(f"The job {job_id} is not yours any more: you have given it back. Activate it again.")
            jobs.lock(tx, job_id, worker, self.clock.now() + timedelta(seconds=seconds))

    def run_due(self, limit: int = 100) -> int:
        """Do what is due now; how many jobs were tried."""
        with db.read(self.database) as tx:
            due = jobs.waiting(tx, jobs.OURS, self.clock.now(), limit=limit)
        for job in due:
            self.run_job(job.id)
        return len(due)

    def run_job(self, job_id: str) -> bool:
        """Do a job of ours if it is due; False when there is nothing to do. What fails is noted at the job, to be tried again or mended."""
        with db.read(self.database) as tx:
            job = jobs.find(tx, job_id)
        if job is None or not job.is_due(self.clock.now()):
            return False
        try:
            _RUN[job.kind](self, job)
        except OperationalError:
            raise  # the database is lost, or another verb was in the way: the job stays as it is
        except JobGone:
            return False
        except Exception as failure:
            if db.is_lost(failure):
                raise
            self._job_failed(job, failure)
        return True

    def _job_failed(self, job: jobs.Job, failure: Exception) -> None:
        """In a transaction of its own: one try less, and when the next is due."""
        message = self.world.secrets.mask(f"{type(failure).__name__}: {failure}")
        trace = "" if isinstance(failure, RatchetError) else "\n" + "".join(traceback.format_exception(failure))
        log.error("The job %s of %s failed: %s%s", job.id, job.element_id, message, self.world.secrets.mask(trace))
        left = max(job.retries - 1, 0)
        with db.begin(self.database) as tx:
            if left == 0 and job.instance_id:
                case = self._case(tx, identity.SYSTEM)
                case.open_any(job.instance_id).give_up(job.id)
                case.settle()
            jobs.note_failure(tx, job, left, self.clock.now() + job.backoff(left), message)

    @contextmanager
    def _moving_job(self, job_id: str, who: Person, worker: str | None) -> Iterator[tuple[Run, jobs.Job]]:
        with db.read(self.database) as tx:
            instance_id = jobs.get(tx, job_id).instance_id
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            found = case.open(instance_id)
            yield found, _for_worker(jobs.lock_row(tx, job_id), job_id, worker)
            case.settle()

    def _go_on(self, job: jobs.Job) -> None:
        """A retry or an asynchronous step: its token goes on."""
        with self._doing(job) as case:
            case.open(job.instance_id).again(job.id)

    def _fire(self, job: jobs.Job) -> None:
        """A timer event occurs."""
        with self._doing(job) as case:
            case.open(job.instance_id).finish(job.id, {})

    def _start(self, job: jobs.Job) -> None:
        """A timer start event: a new instance, and the next moment."""
        with self._doing(job) as case:
            case.new(self._definitions.get(case.tx, job.headers["definition"]), None).begin({}, job.element_id)
            starts.again(case.tx, job, case.now)

    def _send_message(self, job: jobs.Job) -> None:
        """A message that a process has thrown."""
        with self._doing(job) as case:
            self._correlate(case.tx, messages.Sent(**{**job.headers, "variables": from_json(job.headers["variables"])}), identity.SYSTEM)
            jobs.remove(case.tx, job.id)

    def _send_signal(self, job: jobs.Job) -> None:
        """A signal that a process has thrown, on its way to one that waits for it."""
        sent = job.headers
        waiting = messages.Subscription(sent["token"], job.instance_id, "", job.element_id, job.type, None, self.clock.now())
        with self._doing(job) as case:
            self._arrive(case.tx, waiting, from_json(sent["variables"]), case)
            jobs.remove(case.tx, job.id)

    @contextmanager
    def _doing(self, job: jobs.Job) -> Iterator[Case]:
        """The transaction of a job: its effect, the new state and its end are one. Nothing is done when it is gone meanwhile."""
        with db.begin(self.database) as tx:
            if job.instance_id:
                store.lock(tx, job.instance_id)
            current = jobs.lock_row(tx, job.id)
            if current is None or not current.is_due(self.clock.now()):
                raise JobGone()
            case = self._case(tx, identity.SYSTEM)
            yield case
            case.settle()


def _for_worker(job: jobs.Job | None, job_id: str, worker: str | None) -> jobs.Job:
    """A job that is an external worker's, and not another one's by now."""
    if job is None:
        raise NotFound(f"There is no job {job_id}; it may have been done already.")
    if job.kind != jobs.EXTERNAL:
        raise Refused(f"The job {job_id} is Ratchet's own ({job.kind}); no external worker can answer it.")
    if worker is not None and job.locked_by not in (None, worker):
        raise NotYours(f"The job {job_id} is not yours any more: its lock ended, and {job.locked_by} has taken it.")
    return job


def _try_again(found: Run, job: jobs.Job) -> None:
    """A new try for an incident: at once where the work is ours, offered again where it is a worker's."""
    if job.kind in (jobs.RETRY, jobs.ASYNC):
        found.again(job.id, retries=1)
    elif job.kind == jobs.TIMER:
        found.finish(job.id, {})
    else:
        jobs.put(found.tx, replace(job, retries=1, due_at=found.now, locked_by=None, locked_until=None))
        if found.tokens.find(job.id) is not None:
            found.failed(job.id, retries=1)


_RUN: dict[str, Callable[[Work, jobs.Job], None]] = {
    jobs.RETRY: Work._go_on,
    jobs.ASYNC: Work._go_on,
    jobs.TIMER: Work._fire,
    jobs.START: Work._start,
    jobs.MESSAGE: Work._send_message,
    jobs.SIGNAL: Work._send_signal,
}
