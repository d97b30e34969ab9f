"""How instances go from one version of a process to another: which element becomes which, and what stands in the way of an instance.

Nothing is written here. Nodes and flows may be added, removed, renamed and moved; what matters is only where an instance has tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.bpmn.model import Element, MultiInstance
from engine.errors import Refused
from engine.jobs import table as jobs
from engine.runtime.definitions import Definition
from engine.runtime.tokens import WAITING

Row = list[Any]  # a saved token: id, parent's id, element, state, notes
RUN_BY_JOBS = (jobs.RETRY, jobs.ASYNC)


@dataclass(frozen=True)
class Obstacle:
    """Why instances cannot be migrated: the element of the old version where a token is, the reason, how many instances it concerns."""

    element: str
    reason: str
    instances: int = 1


class MigrationRefused(Refused):
    """The instance stays on its version. `obstacles` say why."""

    def __init__(self, obstacles: Sequence[Obstacle]):
        super().__init__("Not migrated. " + " ".join(f"“{one.element}”: {one.reason}" for one in obstacles))
        self.obstacles = list(obstacles)


@dataclass(frozen=True)
class Plan:
    """From one version to another. `mapping` is complete: old element id -> new one. `renew`: what is waited for is waited for anew."""

    source: Definition
    target: Definition
    mapping: Mapping[str, str]
    renew: bool = False

    def becomes(self, element_id: str) -> Element | None:
        return self.target.process.elements.get(self.mapping.get(element_id, ""))

    def flow(self, flow_id: str, target: Element) -> str | None:
        """The flow of the new version on which a token counts as come that came by this one; None where it leads there no more."""
        old = self.source.process.elements[self.source.process.flows[flow_id].target]
        found = {id: id for id in old.incoming if id in target.incoming}
        for id in old.incoming:
            free = [new for new in target.incoming if new not in found.values()]
            same_source = (new for new in free if self._source(new, self.target) == self.mapping.get(self._source(id, self.source)))
            found[id] = found.get(id) or next(same_source, "")
        free = [new for new in target.incoming if new not in found.values()]
        if [id for id in found if not found[id]] == [flow_id] and len(free) == 1:
            return free[0]  # a node was put into the flow: what is left over on both sides is the same way
        return found[flow_id] or None

    def _source(self, flow_id: str, definition: Definition) -> str:
        return definition.process.flows[flow_id].source


@dataclass(frozen=True)
class Placement:
    """Where a token goes: into the scope of this token, through sub-processes that begin on the way."""

    scope: str
    missing: tuple[str, ...] = ()


def plan(source: Definition, target: Definition, given: Mapping[str, str], renew: bool = False) -> Plan:
    """Elements stay what they are by id, but for those that the caller renames. Raises MigrationRefused for names that are nowhere."""
    wrong = [Obstacle(old, f"version {source.version} has no such element.") for old in given if old not in source.process.elements]
    wrong += [
        Obstacle(old, f"version {target.version} has no element “{new}” that it could become.")
        for old, new in given.items() if new not in target.process.elements
    ]  # fmt: skip
    if source.key != target.key:
        wrong.append(Obstacle(source.key, f"instances stay with their process; “{target.key}” is another one."))
    if wrong:
        raise MigrationRefused(wrong)
    same = {id: id for id in source.process.elements if id in target.process.elements}
    return Plan(source, target, {**same, **given}, renew)


def obstacles(plan: Plan, saved: Iterable[Row], kinds: Mapping[str, str]) -> list[Obstacle]:
    """What stands in the way of an instance with these saved tokens; `kinds` are the kinds of its jobs by token."""
    rows = {row[0]: row for row in saved}
    found = []
    for row in rows.values():
        if row[1] is not None and not _is_passive(row):
            reason = _reason(plan, rows, row, kinds)
            if reason:
                found.append(Obstacle(row[2], reason))
    return list(dict.fromkeys(found))


def _reason(plan: Plan, rows: Mapping[str, Row], row: Row, kinds: Mapping[str, str]) -> str | None:
    old, new = plan.source.process.elements[row[2]], plan.becomes(row[2])
    if new is None:
        if dissolves(plan, rows, row):
            return None
        return f"a token is there, and version {plan.target.version} has no such element. Map it to another one, or move the token first."
    different = _difference(plan, old, new, row, kinds)
    if different:
        return different
    placed = place(plan, rows, row)
    return placed if isinstance(placed, str) else None


def dissolves(plan: Plan, rows: Mapping[str, Row], row: Row) -> bool:
    """Whether a token of a sub-process that is gone can go, since all that is inside goes on elsewhere."""
    element = plan.source.process.elements[row[2]]
    has_inside = any(other[1] == row[0] and not _is_passive(other) for other in rows.values())
    return plan.becomes(row[2]) is None and has_inside and element.kind == "subProcess" and element.loop is None


def _difference(plan: Plan, old: Element, new: Element, row: Row, kinds: Mapping[str, str]) -> str | None:
    """Why a token cannot go on at the new element; what is only run again by a job may have become something else."""
    notes = row[4] or {}
    if _loop(old) != _loop(new):
        return f"a token is there, and “{new.id}” {_LOOPS[_loop(new)]}, while it {_LOOPS[_loop(old)]} in version {plan.source.version}."
    if kinds.get(row[0]) in RUN_BY_JOBS and old.attached_to is None and new.kind not in ("boundaryEvent", "startEvent"):
        return None
    if old.kind != new.kind:
        return f"a token is there, and “{new.id}” is a {new.kind}, not a {old.kind}. Move the token first."
    if type(old.work) is not type(new.work):
        return f"a token waits there for an answer, and “{new.id}” does other work now. Move the token first."
    if type(old.event) is not type(new.event):
        return f"a token waits there, and “{new.id}” waits for something else now. Move the token first."
    if "listener" in notes and _listeners(old, notes["stage"]) != _listeners(new, notes["stage"]):
        return "a listener's job is waited for there, and the listeners are others now. Complete the job first."
    if row[3] == WAITING and "flow" in notes and plan.flow(notes["flow"], new) is None:
        return f"a token waits there that came by the flow “{notes['flow']}”, which does not lead there any more."
    return None


def _listeners(element: Element, event: str) -> list[Any]:
    return [listener.work for listener in element.listeners if listener.event == event]


def _loop(element: Element) -> str:
    if isinstance(element.loop, MultiInstance):
        return "sequential" if element.loop.sequential else "parallel"
    return "once" if element.loop is None else "loop"


_LOOPS = {
    "once": "is done once", "loop": "is a loop",
    "sequential": "is a sequential multi-instance", "parallel": "is a parallel multi-instance",
}  # fmt: skip


def place(plan: Plan, rows: Mapping[str, Row], row: Row) -> Placement | str:
    """The scope of the new version in which a token goes on, or why there is none."""
    if "turn" in (row[4] or {}):
        return Placement(row[1])
    elements, new = plan.target.process.elements, plan.becomes(row[2])
    assert new is not None
    around: list[str] = []
    while (new := elements.get(new.parent or "")) is not None:
        around.insert(0, new.id)
    at = rows[row[1]]
    while at[1] is not None and plan.mapping.get(at[2]) not in around:
        if "turn" in (at[4] or {}):
            return f"a token is there, and it would leave a turn of “{at[2]}”, which is done several times."
        at = rows[at[1]]
    missing = around if at[1] is None else around[around.index(plan.mapping[at[2]]) + 1 :]
    for id in missing:
        if elements[id].kind != "subProcess" or elements[id].loop is not None or elements[id].event_driven:
            told = f"a token is there, and it would be inside “{id}”, which is not under way and cannot begin on the way."
            return f"{told} Move the token first."
    return Placement(at[0], tuple(missing))


def _is_passive(row: Row) -> bool:
    return "host" in (row[4] or {})
