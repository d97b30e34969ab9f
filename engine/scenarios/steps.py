"""The steps of a scenario: one function per kind, with the keys that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine import durations
from engine.core import Unsuccessful
from engine.durations import NotADuration
from engine.errors import RatchetError
from engine.scenarios import moving, working
from engine.scenarios.expectations import CHECKS, check
from engine.scenarios.files import deployed
from engine.scenarios.problems import StepProblem, only, told_by
from engine.scenarios.records import Records
from engine.scenarios.stage import ANALYST, Stage

Body = Mapping[str, Any]
OPTIONS = ("refused",)


@dataclass(frozen=True)
class Step:
    """A kind of step: what takes it, the keys of its body, the key that a bare value stands for; whether its work may fail once more."""

    take: Callable[[Stage, Body], None]
    keys: tuple[str, ...]
    bare: str = ""
    may_fail: bool = False

    def body(self, kind: str, given: Any) -> Body:
        """The body as a mapping, with nothing that the step does not know."""
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            if not self.bare:
                raise StepProblem(f"{kind} takes a mapping with {', '.join(self.keys)}, not “{given}”.")
            given = {self.bare: given}
        only(kind, given, self.keys)
        body: Body = given
        if not isinstance(body.get("vars") or {}, Mapping):
            raise StepProblem(f"{kind}: vars must be a mapping, like {{amount: 5}}.")
        return body


def play(stage: Stage, step: Any) -> None:
    """Take one step, then let what is due happen. A step with `refused:` must be refused with that text in the message."""
    kinds = [name for name in step if name not in OPTIONS] if isinstance(step, Mapping) else [step]
    if len(kinds) != 1 or not isinstance(step, Mapping):
        raise StepProblem(f"A step is one of {', '.join(STEPS)}; this one is {', '.join(map(str, kinds)) or 'empty'}.")
    only("A step", {kinds[0]: None}, tuple(STEPS))
    kind = STEPS[kinds[0]]
    body = kind.body(kinds[0], step[kinds[0]])
    if "refused" not in step:
        _take(stage, kind, body)
    else:
        _play_refused(stage, kind, body, str(step["refused"]))
    moving.settle(stage)


def _take(stage: Stage, kind: Step, body: Body) -> None:
    """What is tried again and fails again is an incident as before: to be expected, not an end of the scenario."""
    try:
        kind.take(stage, body)
    except Unsuccessful:
        if not kind.may_fail:
            raise


def _play_refused(stage: Stage, kind: Step, body: Body, text: str) -> None:
    try:
        kind.take(stage, body)
    except StepProblem:
        raise
    except RatchetError as refused:
        told = told_by(refused)
        if text.lower() not in told.lower():
            raise StepProblem(f"It was refused, but not with “{text}”. It said: {told}") from None
        return
    raise StepProblem(f"It should have been refused with “{text}”, but it went through.")


def _deploy(stage: Stage, body: Body) -> None:
    deploy(stage, body.get("files"))


def deploy(stage: Stage, names: Any) -> None:
    """Deploy files, named from where the scenario lies."""
    done = stage.engine.deploy(deployed(stage.folder, names), ANALYST, confirmed=True)
    stage.deployed |= {info.key: info for info in done.definitions}


def _start(stage: Stage, body: Body) -> None:
    before = body.get("before") or ()
    id = stage.engine.start(
        stage.process(body.get("process")), body.get("vars") or {}, stage.person(body.get("as")), _text(body.get("business_key")),
        body.get("version"), [before] if isinstance(before, str) else before,
    )  # fmt: skip
    if "name" in body:
        stage.names[str(body["name"])] = id


def _message(stage: Stage, body: Body) -> None:
    stage.engine.correlate(
        _needed("message", body, "name"), _text(body.get("key")), body.get("vars") or {}, ANALYST,
        **({"ttl_seconds": _seconds(body["ttl"])} if "ttl" in body else {}), message_id=_text(body.get("id")), element=body.get("element"),
    )  # fmt: skip


def _trigger(stage: Stage, body: Body) -> None:
    """Where several instances are open, the first one in which somebody waits there."""
    element, variables = _needed("trigger", body, "element"), body.get("vars") or {}
    records = Records(stage.reader)
    within = stage.meant(records, body.get("instance"))
    waiting = [row.id for row in records.instances if row.id in within and any(token[2] == element for token in row.tokens or ())]
    for id in (waiting or stage.open_instances(body.get("instance")))[:1]:
        stage.engine.trigger(id, element, variables, ANALYST)


def _signal(stage: Stage, body: Body) -> None:
    stage.engine.signal(_needed("signal", body, "name"), body.get("vars") or {}, ANALYST)


def _set(stage: Stage, body: Body) -> None:
    for id in stage.open_instances(body.get("instance"), called=True):
        stage.engine.set_variables(id, body.get("vars") or {}, ANALYST, element_id=body.get("element"))


def _retry(stage: Stage, body: Body) -> None:
    """Every incident of the instances that are meant, and without a name also of what never became an instance."""
    records = Records(stage.reader)
    within = [*stage.meant(records, body.get("instance")), *([""] if body.get("instance") is None else [])]
    broken = [job.id for job in records.jobs if job.retries <= 0 and job.instance_id in within]
    if not broken:
        raise StepProblem("There is no incident to retry.")
    failures = [failure for id in broken if (failure := _retry_one(stage, id)) is not None]
    if failures:
        raise failures[0]


def _retry_one(stage: Stage, job_id: str) -> Unsuccessful | None:
    """The failure of an incident that is tried again, for what the others come to first."""
    if not any(job.id == job_id and job.retries <= 0 for job in Records(stage.reader).jobs):
        return None  # an earlier retry has ended it
    try:
        stage.engine.retry_job(job_id, ANALYST)
    except Unsuccessful as failure:
        return failure
    return None


def _cancel(stage: Stage, body: Body) -> None:
    for id in stage.open_instances(body.get("instance")):
        stage.engine.cancel(id, ANALYST)


def _suspend(stage: Stage, body: Body) -> None:
    for id in stage.open_instances(body.get("instance")):
        stage.engine.suspend(id, ANALYST)


def _resume(stage: Stage, body: Body) -> None:
    for id in stage.open_instances(body.get("instance")):
        stage.engine.resume(id, ANALYST)


def _advance(stage: Stage, body: Body) -> None:
    """Move the clock by a duration, to a moment, or to the next job that is due."""
    wanted = str(_needed("advance", body, "by"))
    moving.advance(stage, moving.next_due(stage) if wanted == "next" else _moment(stage, wanted))


def _moment(stage: Stage, text: str) -> datetime:
    try:
        if not text.startswith("P"):
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return durations.parse(text).after(stage.clock.now())
    except (NotADuration, ValueError, OverflowError) as wrong:
        raise StepProblem(f"“{text}” is not a duration; write it like PT5M, P1DT12H or P1M, or write next.") from wrong


def _seconds(text: Any) -> float:
    return float(text) if isinstance(text, (int, float)) else durations.duration(str(text)).total_seconds()


def _expect(stage: Stage, body: Body) -> None:
    check(stage, body)


def _needed(kind: str, body: Body, key: str) -> Any:
    if body.get(key) is None:
        raise StepProblem(f"{kind} needs {key}.")
    return body[key]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


STEPS: dict[str, Step] = {
    "start": Step(_start, ("process", "vars", "business_key", "before", "name", "version", "as"), "process"),
    "complete": Step(working.complete, ("task", "vars", "as", "count", "all", "assignee", "instance"), "task"),
    "claim": Step(working.claim, ("task", "as", "assignee", "instance"), "task"),
    "job": Step(working.job, ("type", "element", "vars", "count", "fail", "retries", "error", "message", "instance"), "type"),
    "message": Step(_message, ("name", "key", "vars", "element", "ttl", "id"), "name"),
    "trigger": Step(_trigger, ("element", "vars", "instance"), "element"),
    "signal": Step(_signal, ("name", "vars"), "name"),
    "set": Step(_set, ("vars", "instance", "element")),
    "advance": Step(_advance, ("by",), "by"),
    "retry": Step(_retry, ("instance",), "instance", may_fail=True),
    "cancel": Step(_cancel, ("instance",), "instance"),
    "suspend": Step(_suspend, ("instance",), "instance"),
    "resume": Step(_resume, ("instance",), "instance"),
    "deploy": Step(_deploy, ("files",), "files"),
    "expect": Step(_expect, ("instance", *CHECKS)),
}
