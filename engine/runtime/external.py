"""What an external worker's answer becomes besides results: the BPMN errors that Camunda 7's external tasks name with a condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.bpmn.model import JobWork
from engine.errors import BpmnError
from engine.expressions.exposed import Exposed, names
from engine.runtime.evaluate import raw
from engine.runtime.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.run import Run


@dataclass(frozen=True)
class ExternalTask(Exposed):
    """Camunda's `externalTask`, as conditions see it; without a message nothing failed."""

    called: ClassVar[str] = "externalTask"
    exposed: ClassVar[frozenset[str]] = names("id topicName activityId errorMessage errorDetails retries")
    id: str
    topicName: str
    activityId: str
    errorMessage: str | None = None
    errorDetails: str | None = None
    retries: int | None = None


def error(run: Run, token: Token, message: str | None = None, retries: int | None = None) -> BpmnError | None:
    """The first error whose condition holds, looked at when a job is done, or has failed with a message; None where there is none."""
    work = token.element.work if token.element is not None else None
    if not isinstance(work, JobWork) or not work.errors:
        return None
    script = run.script(token)
    task = ExternalTask(token.id, script.text(work.type) or "", token.element.id, message, message, retries)
    asking = replace(script, given=lambda: {**script.given(), "externalTask": task})
    for one in work.errors:
        if raw(asking.value(one.condition)) is True:
            return BpmnError(script.text(one.error.code) or "", script.text(one.error.message) or "")
    return None
