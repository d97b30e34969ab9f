"""The engine's front: what a person or program can do, one method each, one transaction each.

Every verb reads from top to bottom: look up, check, do, save. `open` builds everything from a `Config`; nothing below knows how.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import access, db, identity, migrations
from engine.clock import Clock, SystemClock
from engine.config import Config
from engine.data import factory, headers
from engine.data.errors import DataError
from engine.data.schema import Registry
from engine.data.signatures import Change
from engine.delegates.call import World
from engine.delegates.foreign import Foreign
from engine.errors import InvalidData, NotFound, Problem, RatchetError, Refused
from engine.identity import Person, Tokens
from engine.jobs import table as jobs
from engine.runtime import completion, definitions, deployments, failures, messages, run, store, submissions, tasks, views
from engine.runtime.definitions import DefinitionInfo, Definitions
from engine.runtime.deployments import Deployment, SourceFile
from engine.runtime.failures import Failure
from engine.runtime.refusals import in_words
from engine.runtime.run import Run
from engine.runtime.store import Instance
from engine.runtime.submissions import SigningRequest, Submission
from engine.runtime.tasks import Task
from engine.runtime.views import InstanceDetail, InstanceInfo, TaskInfo
from engine.secrets import Secrets
from engine.signing import SystemSigner, Trust

__all__ = ["Engine", "SourceFile", "open"]

log = logging.getLogger("ratchet")
DEFAULT_MESSAGE_SECONDS = 3600
WORKER_LOCK_SECONDS = 300


class Unsuccessful(RatchetError):
    """A step failed for a reason that is not yours, and nothing was saved. `reference` leads the analyst to it."""

    def __init__(self, reference: str):
        super().__init__(
            "This step could not be finished, and nothing was saved. It is not your doing: "
            f"tell the person who looks after the process the reference {reference}."
        )
        self.reference = reference


@dataclass(frozen=True)
class TaskForm:
    """What the page of a task shows: the schema (None: a task without a form), what it starts with, whether it must be signed."""

    task: TaskInfo
    schema: dict[str, Any] | None
    data: dict[str, Any]
    signed: bool


@dataclass(frozen=True)
class Signing:
    """What a person is asked to sign: the exact bytes, and the same in words."""

    id: str
    document: bytes
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Submitted:
    """What came of a submission: the instance, and the person's next task in it."""

    instance_id: str
    next_task_id: str | None


class Engine:
    """One database and everything that runs in it."""

    def __init__(self, database: Any, config: Config, clock: Clock):
        self.database, self.config, self.clock = database, config, clock
        self.tokens = Tokens(config.token_key(), clock)
        self.definitions_cache = Definitions()
        self._registry: tuple[Any, Registry] | None = None
        self.world = World(
            registry=self.registry, secrets=Secrets(config.secrets), connections=config.connections,
            seal=SystemSigner.load(config.seal, clock), tokens=self.tokens, clock=clock, foreign=Foreign(),
        )  # fmt: skip

    # Deploying

    def check(self, files: Iterable[SourceFile]) -> list[Problem]:
        """What stands in the way of deploying these files; nothing is written."""
        return deployments.examine(files).problems

    def deploy(self, files: Iterable[SourceFile], who: Person) -> Deployment:
        """Bring files in: all of them, or none and `DeploymentRefused` with every problem."""
        access.require_analyst(who)
        bundle = deployments.examine(files)
        with db.begin(self.database) as tx:
            done = deployments.apply(tx, bundle, self.clock.now(), who.id)
            Registry.reflect(tx, deployments.registry_declarations(tx))  # refuses declarations that do not fit the tables
        self._registry = None
        return done

    def definitions(self, who: Person) -> list[DefinitionInfo]:
        """The latest version of each process."""
        with self._reading(who) as tx:
            return definitions.latest(tx)

    def versions(self, key: str, who: Person) -> list[DefinitionInfo]:
        with self._reading(who) as tx:
            return definitions.versions(tx, key)

    def definition_xml(self, definition_id: str, who: Person) -> bytes:
        with self._reading(who) as tx:
            return definitions.xml(tx, definition_id)

    # Instances

    def start(
        self, key: str, variables: Mapping[str, Any], who: Person, business_key: str | None = None, version: int | None = None
    ) -> str:  # fmt: skip
        """Start a process and run it to its first rest; the new instance's id."""
        access.require_worker(who)
        with self._moving(who, instance_id="") as tx:
            found = self.definitions_cache.get(tx, definitions.find_id(tx, key, version))
            new = run.new_instance(found, business_key, who, self.clock.now())
            store.add(tx, new)
            begun = self._run(tx, new, who)
            begun.begin(dict(variables))
            begun.save()
            return new.id

    def cancel(self, instance_id: str, who: Person) -> None:
        """Stop an instance; what it wrote stays."""
        access.require_analyst(who)
        with db.begin(self.database) as tx:
            self._open_run(tx, instance_id, who).cancel()

    def retry(self, instance_id: str, who: Person) -> None:
        """Try every incident of an instance once more."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            found = self._open_run(tx, instance_id, who)
            for job in jobs.incidents(tx, instance_id):
                self._try_again(found, job, retries=1)
            found.save()

    def instances(self, who: Person, key: str | None = None, state: str | None = None) -> list[InstanceInfo]:
        """The instances that the person may see, the newest first."""
        mine = None if access.is_analyst(who) else who.id
        with self._reading(who) as tx:
            return views.instances(tx, key, state, started_by=mine)

    def instance(self, instance_id: str, who: Person) -> InstanceDetail:
        with self._reading(who) as tx:
            detail = views.instance_detail(tx, instance_id)
            access.require_may_see_instance(detail, who)
            return detail

    # User tasks

    def tasks(self, who: Person, which: str = "mine") -> list[TaskInfo]:
        """`mine`, `claimable`, `done` (by me), or `all` open ones (for analysts)."""
        if which == "all":
            access.require_analyst(who)
        with self._reading(who) as tx:
            return views.tasks_of(tx, who, which)

    def claim(self, task_id: str, who: Person) -> None:
        """Make a task one's own."""
        with db.begin(self.database) as tx:
            found = tasks.require_open(tasks.get(tx, task_id))
            if found.assignee != who.id:
                tasks.require_may_work(found, who)
                tasks.claim(tx, task_id, who)

    def unclaim(self, task_id: str, who: Person) -> None:
        """Give a task back."""
        with db.begin(self.database) as tx:
            tasks.require_may_work(tasks.require_open(tasks.get(tx, task_id)), who)
            tasks.unclaim(tx, task_id)

    def task_form(self, task_id: str, who: Person) -> TaskForm:
        """What the page of a task shows. A finished task shows what was submitted."""
        with self._reading(who) as tx:
            found = tasks.get(tx, task_id)
            access.require_may_see_task(found, who)
            seen = self._run(tx, store.get(tx, found.instance_id), who)
            form, done = completion.form_of(seen, found), submissions.of_task(tx, task_id)
            data = done.data if done else completion.shown(seen, found)
            return TaskForm(views.task_info(tx, found), form.schema if form else None, data, completion.work_of(seen, found).signed)

    def save_draft(self, task_id: str, data: dict[str, Any], who: Person) -> None:
        """Keep what was typed so far."""
        with db.begin(self.database) as tx:
            tasks.require_may_work(tasks.require_open(tasks.get(tx, task_id)), who)
            tasks.save_draft(tx, task_id, data)

    def prepare_signature(self, task_id: str, data: dict[str, Any], who: Person) -> Signing:
        """Check the form and write down the exact bytes that the person is to sign."""
        with db.begin(self.database) as tx:
            found, seen = self._task_in_hand(tx, task_id, who)
            accepted = completion.accept(seen, found, data)
            tasks.save_draft(tx, task_id, data)
            return self._signing(seen, found, completion.request_signature(seen, found, accepted))

    def signing(self, request_id: str, who: Person) -> Signing:
        """The signing request once more, for whoever it was made for."""
        with self._reading(who) as tx:
            request = submissions.get_request(tx, request_id)
            if request.person != who.id:
                raise NotFound("There is nothing to sign here. Open the task again and fill in the form.")
            found = tasks.get(tx, request.task_id)
            return self._signing(self._run(tx, store.get(tx, found.instance_id), who), found, request)

    def submit(
        self, task_id: str, data: dict[str, Any], who: Person, signature: bytes | None = None, request_id: str | None = None
    ) -> Submitted:  # fmt: skip
        """Complete a user task: form checked, signature verified, submission recorded, process moved on, all in one transaction."""
        with db.read(self.database) as tx:
            instance_id = tasks.get(tx, task_id).instance_id
        with self._moving(who, instance_id, task_id) as tx:
            found, seen = self._task_in_hand(tx, task_id, who)
            signed = None
            if completion.work_of(seen, found).signed:
                signed = completion.verify(seen, found, request_id, signature, Trust.load(self.config.trust))
            accepted = signed.request.data if signed else completion.accept(seen, found, data)
            completion.complete(seen, found, accepted, signed)
            return Submitted(instance_id, self._next_task(tx, instance_id, who))

    def submission(self, task_id: str, who: Person) -> Submission | None:
        """What was submitted for a task, and who signed it."""
        with self._reading(who) as tx:
            access.require_may_see_task(tasks.get(tx, task_id), who)
            return submissions.of_task(tx, task_id)

    # Messages and jobs

    def correlate(
        self, name: str, key: str | None, variables: Mapping[str, Any], who: Person, ttl_seconds: float = DEFAULT_MESSAGE_SECONDS
    ) -> list[str]:  # fmt: skip
        """Deliver a message to whoever waits for it, once per process; it is kept for its time to live. The instances it reached."""
        access.require_worker(who)
        reached: dict[str, str] = {}
        with self._moving(who, instance_id="") as tx:
            for waiting in messages.waiting(tx, name, key):
                if waiting.process_key not in reached:
                    reached[waiting.process_key] = waiting.instance_id
                    found = self._open_run(tx, waiting.instance_id, who)
                    found.finish(waiting.token_id, dict(variables))
                    found.save()
            if ttl_seconds > 0:
                expires = self.clock.now() + timedelta(seconds=ttl_seconds)
                messages.keep(tx, messages.Message(name, key, dict(variables), expires, list(reached)))
        return list(reached.values())

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
            given_back = replace(job, retries=retries, due_at=self.clock.now() + backoff, locked_by=None, locked_until=None, last_error=message)
            jobs.put(found.tx, given_back)
            found.failed(job.id, retries)

    def run_due(self, limit: int = 100) -> int:
        """Try again what failed and is due; how many jobs ran."""
        with db.read(self.database) as tx:
            due = jobs.waiting(tx, jobs.RETRY, self.clock.now(), limit=limit)
        for job in due:
            with self._moving_job(job.id, identity.SYSTEM) as (found, current):
                if current.due_at <= self.clock.now() and current.retries > 0:
                    self._try_again(found, current)
        return len(due)

    # The data factory, for REST

    def data_read(self, resource: str, id: str, who: Person) -> dict[str, Any]:
        with self._reading(who) as tx:
            return factory.read(tx, self.registry(tx), resource, id)

    def data_create(self, resource: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            return factory.create(tx, registry, resource, body, self._change(given, who, registry.resource(resource).signed))

    def data_update(self, resource: str, id: str, body: bytes, given: Mapping[str, str], who: Person) -> None:
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            factory.update(tx, registry, resource, id, body, self._change(given, who, registry.resource(resource).signed))

    def data_delete(self, resource: str, id: str, given: Mapping[str, str], who: Person) -> None:
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            factory.delete(tx, registry, resource, id, self._change(given, who, registry.resource(resource).signed))

    def data_upsert_nested(self, composite: str, body: bytes, given: Mapping[str, str], who: Person) -> str:
        with db.begin(self.database) as tx:
            registry = self.registry(tx)
            signed = any(registry.of_table(table).signed for table in registry.composite(composite).tables())
            return factory.upsert(tx, registry, composite, body, self._change(given, who, signed))

    def registry(self, tx: Connection) -> Registry:
        """The data factory's tables, reflected again when the database's schema has changed."""
        version = tx.execute(text(_SCHEMA_VERSION[tx.dialect.name])).one()
        if self._registry is None or self._registry[0] != version:
            self._registry = (version, Registry.reflect(tx, deployments.registry_declarations(tx)))
        return self._registry[1]

    # People

    def authenticate(self, user: str, password: str) -> Person:
        """The person with this name and password; `LoginRefused` otherwise."""
        with db.read(self.database) as tx:
            return identity.authenticate(tx, user, password)

    def find_person(self, user: str) -> Person | None:
        with db.read(self.database) as tx:
            return identity.find(tx, user)

    def add_person(self, person: Person, password: str | None) -> None:
        with db.begin(self.database) as tx:
            identity.add(tx, person, password, self.clock)

    # Shared steps of the verbs

    @contextmanager
    def _reading(self, who: Person) -> Iterator[Connection]:
        access.require_worker(who)
        with db.read(self.database) as tx:
            yield tx

    @contextmanager
    def _moving(self, who: Person, instance_id: str, task_id: str | None = None) -> Iterator[Connection]:
        """The transaction of a verb that moves instances. What fails undoes it whole and is told in words that fit the person."""
        try:
            with db.begin(self.database) as tx:
                yield tx
        except DataError as refused:
            raise InvalidData(refused.fields, in_words(refused)) from refused
        except Refused:
            raise
        except Exception as failure:
            raise Unsuccessful(self._keep_failure(failure, who, instance_id, task_id)) from failure

    @contextmanager
    def _moving_job(self, job_id: str, who: Person) -> Iterator[tuple[Run, jobs.Job]]:
        with db.read(self.database) as tx:
            instance_id = jobs.get(tx, job_id).instance_id
        with self._moving(who, instance_id) as tx:
            found = self._open_run(tx, instance_id, who)
            yield found, jobs.get(tx, job_id)
            found.save()

    def _keep_failure(self, failure: Exception, who: Person, instance_id: str, task_id: str | None) -> str:
        """Note a failed attempt in a transaction of its own; its reference."""
        reference, message = failures.new_reference(), self.world.secrets.mask(f"{type(failure).__name__}: {failure}")
        log.error("%s: %s", reference, message, exc_info=failure if not isinstance(failure, RatchetError) else None)
        element_id = getattr(failure, "element_id", None)
        with db.begin(self.database) as tx:
            failures.add(tx, Failure(reference, instance_id, task_id, element_id, message, who.id, self.clock.now()))
        return reference

    def _run(self, tx: Connection, found: Instance, who: Person) -> Run:
        return Run(tx, self.world, self.definitions_cache.get(tx, found.definition_id), found, who, identity.find)

    def _open_run(self, tx: Connection, instance_id: str, who: Person) -> Run:
        """The instance, locked for this verb; refused when it has ended."""
        found = store.lock(tx, instance_id)
        if found.state not in store.OPEN:
            raise Refused(f"The instance {instance_id} has ended ({found.state}).")
        return self._run(tx, found, who)

    def _task_in_hand(self, tx: Connection, task_id: str, who: Person) -> tuple[Task, Run]:
        """An open task that the person may work on, with its instance locked."""
        locked = store.lock(tx, tasks.get(tx, task_id).instance_id)
        found = tasks.require_open(tasks.get(tx, task_id))
        tasks.require_may_work(found, who)
        return found, self._run(tx, locked, who)

    def _next_task(self, tx: Connection, instance_id: str, who: Person) -> str | None:
        offered = [*views.tasks_of(tx, who, "mine"), *views.tasks_of(tx, who, "claimable")]
        return next((task.id for task in offered if task.instance_id == instance_id), None)

    def _signing(self, seen: Run, found: Task, request: SigningRequest) -> Signing:
        return Signing(request.id, request.document.encode(), completion.described(seen, found, request.data))

    def _try_again(self, found: Run, job: jobs.Job, retries: int | None = None) -> None:
        if job.kind == jobs.RETRY:
            found.again(job.id, retries)
        else:
            jobs.put(found.tx, replace(job, retries=retries or 1, due_at=self.clock.now(), locked_by=None, locked_until=None))
            found.failed(job.id, retries or 1)

    def _change(self, given: Mapping[str, str], who: Person, signed: bool) -> Change:
        origin, named = headers.read(given, who, signed)
        return Change(origin, self.clock.now(), named, self.world.seal)


_SCHEMA_VERSION = {
    "sqlite": "PRAGMA schema_version",
    "postgresql": "SELECT count(*), max(oid) FROM pg_class WHERE relkind IN ('r', 'p')",
}


def open(config: Config, clock: Clock | None = None) -> Engine:
    """The engine over a database, brought to the present version of its tables first."""
    database = db.open_database(config.database_url)
    migrations.upgrade(database)
    return Engine(database, config, clock or SystemClock())
