"""Verbs: claim, fill in, sign and submit user tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.errors import NotFound
from engine.identity import Person
from engine.runtime import completion, listeners, submissions, tasks, views
from engine.runtime.run import Run
from engine.runtime.submissions import SigningRequest, Submission
from engine.runtime.tasks import Task
from engine.runtime.views import TaskInfo
from engine.signing import Trust


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


class UserTasks(Kernel):
    """What officers do."""

    def tasks(self, who: Person, which: str = "mine") -> list[TaskInfo]:
        """`mine`, `claimable`, `done` (by me), or `all` open ones (for analysts)."""
        if which == "all":
            access.require_analyst(who)
        with self._reading(who) as tx:
            return views.tasks_of(tx, who, which)

    def claim(self, task_id: str, who: Person) -> None:
        """Make a task one's own; whoever listens to that is called."""
        with self._moving(who, "", task_id) as tx:
            found = tasks.require_open(tasks.get(tx, task_id))
            if found.assignee != who.id:
                tasks.require_may_work(found, who)
                tasks.claim(tx, task_id, who)
                self._tell_assigned(tx, found, who)

    def _tell_assigned(self, tx: Connection, found: Task, who: Person) -> None:
        seen = self._seen(tx, found.instance_id, who)
        if listeners.hear_assignment(seen.definition.process.elements[found.element_id]):
            run = self._case(tx, who).open(found.instance_id)
            listeners.assigned(run, run.resting(found.id))
            run.case.settle()

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
            seen = self._seen(tx, found.instance_id, who)
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
            return self._signing(self._seen(tx, found.instance_id, who), found, request)

    def submit(
        self, task_id: str, data: dict[str, Any], who: Person, signature: bytes | None = None, request_id: str | None = None
    ) -> Submitted:  # fmt: skip
        """Complete a user task: form checked, signature verified, submission recorded, process moved on, all in one transaction."""
        with self._moving(who, task_id=task_id) as tx:
            found, seen = self._task_in_hand(tx, task_id, who)
            signed = None
            if completion.work_of(seen, found).signed:
                signed = completion.verify(seen, found, request_id, signature, Trust.load(self.config.trust))
            accepted = signed.request.data if signed else completion.accept(seen, found, data)
            completion.complete(seen, found, accepted, signed)
            return Submitted(found.instance_id, self._next_task(tx, found.instance_id, who) if seen.waits_for_people() else None)

    def submission(self, task_id: str, who: Person) -> Submission | None:
        """What was submitted for a task, and who signed it."""
        with self._reading(who) as tx:
            access.require_may_see_task(tasks.get(tx, task_id), who)
            return submissions.of_task(tx, task_id)

    def _next_task(self, tx: Connection, instance_id: str, who: Person) -> str | None:
        """The person's own next task in the instance, else one that is offered to them."""
        there = tasks.open_of_instance(tx, instance_id)
        own = [task for task in there if task.assignee == who.id]
        offered = [task for task in there if task.assignee is None and task.is_offered_to(who)]
        return next((task.id for task in (*own, *offered)), None)

    def _signing(self, seen: Run, found: Task, request: SigningRequest) -> Signing:
        return Signing(request.id, request.document.encode(), completion.described(seen, found, request.data))
