"""Who may do what: the only place for the rules. Pages hide what these refuse."""

from __future__ import annotations

from engine.errors import Forbidden
from engine.identity import Person
from engine.runtime.tasks import Task
from engine.runtime.views import InstanceDetail


def require_worker(who: Person) -> None:
    """Start processes, see one's own tasks."""
    _require(who, "use processes", "officer", "analyst", "admin")


def require_analyst(who: Person) -> None:
    """Deploy, watch every instance, mend what failed."""
    _require(who, "do this; it is for analysts", "analyst", "admin")


def require_admin(who: Person) -> None:
    """Keep secrets."""
    _require(who, "do this; it is for administrators", "admin")


def require_may_see_task(task: Task, who: Person) -> None:
    """The assignee, the candidates, whoever did it, and analysts."""
    if not (is_analyst(who) or who.id in (task.assignee, task.completed_by) or (task.assignee is None and task.is_offered_to(who))):
        raise Forbidden("This task is not yours. Go back to your task list.")


def require_may_see_instance(detail: InstanceDetail, who: Person) -> None:
    """Analysts, whoever started it, and whoever worked or works on it."""
    workers = {detail.info.started_by} | {person for task in detail.tasks for person in (task.assignee, task.completed_by)}
    if not (is_analyst(who) or who.id in workers):
        raise Forbidden("You have no part in this process. Ask an analyst if you need to see it.")


def is_analyst(who: Person) -> bool:
    return who.has_role("analyst", "admin")


def _require(who: Person, what: str, *roles: str) -> None:
    if not who.has_role(*roles):
        raise Forbidden(f"You may not {what}. Ask an administrator for the role {' or '.join(roles)}.")
