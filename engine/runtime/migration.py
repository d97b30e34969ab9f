"""Instances taken from one version of their process to another, as a plan says (engine.runtime.migration_plan).

A token keeps its id, and with it its variables, user task, jobs and retries. What it waits for stays as it was, unless the plan says
otherwise; events on edges and event sub-processes that are new begin to be waited for, and those that are gone end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Connection

from engine.bpmn.model import Element
from engine.jobs import table as jobs
from engine.runtime import compensation, events, history, loops, messages, stages, store, suspension, tasks
from engine.runtime.definitions import Definition
from engine.runtime.migration_plan import MigrationRefused, Obstacle, Plan, Row, dissolves, obstacles, place
from engine.runtime.run import Run
from engine.runtime.tokens import RESTING, WAITING, Token
from engine.runtime.waits import JOB, SUBSCRIPTION, TASK

if TYPE_CHECKING:
    from engine.runtime.case import Case

_MADE = "made"  # notes of a scope that begins on the way


def in_the_way(tx: Connection, plan: Plan, instance_id: str, saved: list[Row]) -> list[Obstacle]:
    """What stands in the way of an instance with these saved tokens."""
    return obstacles(plan, saved, {job.id: job.kind for job in jobs.of_instance(tx, instance_id)})


def migrate(case: Case, old: Run, plan: Plan) -> Run:
    """Take an instance to the other version; what moves on by that runs when the case settles. Raises MigrationRefused."""
    if old.definition.id != plan.source.id:
        told = f"the instance is on version {old.definition.version}, not {plan.source.version}."
        raise MigrationRefused([Obstacle(old.definition.key, told)])
    found = in_the_way(old.tx, plan, old.instance.id, old.tokens.saved())
    if found:
        raise MigrationRefused(found)
    elements = {token.id: token.element for token in old.tokens.live()}
    parents, made = _placed(plan, old)
    _clear(plan, old, parents)
    saved = [*(_row(plan, row, parents[row[0]]) for row in old.tokens.saved() if row[0] in parents), *made]
    _write(plan, old)
    new = Run(case, plan.target, replace(old.instance, definition_id=plan.target.id, tokens=_parents_first(saved)))
    case.runs[new.instance.id] = new
    _begin_scopes(new)
    for token in new.tokens.tasks.values():
        _remember_anew(plan, new, token)
    _watch(plan, new, elements)
    if not new.suspended:
        new.tokens.wake_joins()
        new.stepped()
    return new


# From the old version


def _placed(plan: Plan, old: Run) -> tuple[dict[str, str | None], list[Row]]:
    """The scope that each token goes into, without those that end; and the scopes that begin on the way."""
    rows = {row[0]: row for row in old.tokens.saved()}
    parents: dict[str, str | None] = {old.tokens.task_tree.id: None}
    made: dict[tuple[str, str], Row] = {}
    for row in rows.values():
        if row[1] is not None and "host" not in (row[4] or {}) and not dissolves(plan, rows, row):
            where = place(plan, rows, row)
            assert not isinstance(where, str)
            scope = where.scope
            for element in where.missing:
                scope = made.setdefault((scope, element), [str(uuid4()), scope, element, RESTING, {_MADE: True}])[0]
            parents[row[0]] = scope
    before = {row[1] for row in rows.values() if "host" not in (row[4] or {})}
    while emptied := [id for id in parents if id in before and id not in parents.values() and parents[id] is not None]:
        for id in emptied:
            del parents[id]
    return parents, list(made.values())


def _clear(plan: Plan, old: Run, parents: dict[str, str | None]) -> None:
    """End what the new version has no place for, and let the passive tokens that stay follow those that they wait for."""
    for token in old.tokens.live():
        if token.passive and token.id in old.tokens.tasks:
            if token.notes["host"] in parents and _stays(plan, old, token):
                beside = token.scope.id != token.notes["host"]
                parents[token.id] = parents[token.notes["host"]] if beside else token.notes["host"]
            else:
                old.tokens.drop(token)
    for token in old.tokens.live():
        if token.id not in parents:
            old.waits.end(token)
            old.history.end(token.id, "canceled", old.now)
            old.scopes.close(token.id)


def _stays(plan: Plan, old: Run, token: Token) -> bool:
    """Whether what a passive token waits for is waited for in the new version, too."""
    new, host = plan.becomes(token.element.id), old.tokens.find(token.notes["host"])
    if new is None or host is None or type(new.event) is not type(token.element.event):
        return False
    around = plan.mapping.get(host.element.id) if host.scope is not None else None
    if token.element.attached_to is not None:
        return new.attached_to == around
    if host.element is not None and host.element.kind == "eventBasedGateway":
        flow = plan.target.process.flows.get(plan.flow(token.notes["flow"], new) or "")
        return flow is not None and flow.source == around
    above = plan.target.process.elements.get(new.parent or "")
    return new.kind == "startEvent" and above is not None and above.event_driven and above.parent == around


def _row(plan: Plan, row: Row, parent: str | None) -> Row:
    """A token as it is saved in the new version."""
    id, _, name, state, saved = row
    if parent is None:
        return row
    new, notes = plan.becomes(name), dict(saved or {})
    assert new is not None
    if "flow" in notes and (state == WAITING or "host" in notes):
        notes["flow"] = plan.flow(notes["flow"], new)
    if "stage" in notes:
        stage = stages.nearest(new, notes)
        if stage != notes["stage"]:
            notes.pop("continues", None)
        notes["stage"] = stage
    return [id, parent, new.id, state, notes]


def _write(plan: Plan, old: Run) -> None:
    """What ended is written, and the rows that stay get the names of the new version."""
    old.scopes.save(old.tx)
    old.history.save(old.tx)
    old.save_jobs(old.waits.save(old.tx, old.now))
    for token in old.tokens.live():
        new = plan.becomes(token.element.id)
        if new is not None and (new.id, new.name) != (token.element.id, token.element.name):
            _rename(old, token, new)
    store.move(old.tx, old.instance.id, plan.target.id)


def _rename(old: Run, token: Token, new: Element) -> None:
    rows = token.notes.get("rows", ())
    if TASK in rows:
        tasks.move(old.tx, token.id, new.id, new.name)
    if JOB in rows:
        jobs.move(old.tx, token.id, new.id)
    if SUBSCRIPTION in rows:
        messages.move(old.tx, token.id, new.id)
    history.move(old.tx, token.id, new.id, new.name)


def _parents_first(saved: list[Row]) -> list[Row]:
    inside: dict[str | None, list[Row]] = {}
    for row in saved:
        inside.setdefault(row[1], []).append(row)
    ordered = inside.pop(None)
    for row in ordered:
        ordered += inside.get(row[0], ())
    return ordered


# Into the new version


def _begin_scopes(new: Run) -> None:
    """Sub-processes that are new around tokens begin, without their start."""
    for token in new.tokens.live():
        if token.notes.pop(_MADE, False):
            token.notes["stage"] = stages.WORK
            new.enter(token)
            new.script(token).assign_inputs(token.element.inputs)


def _remember_anew(plan: Plan, new: Run, token: Token) -> None:
    """What could be compensated still can be, where the new version compensates it."""
    if "records" in token.notes:
        token.notes["records"] = _records(plan, new, token.notes["records"])


def _records(plan: Plan, new: Run, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = []
    for record in records:
        element = plan.becomes(record["element"])
        handler = compensation.handler_of(new, element) if element is not None else None
        inner = _records(plan, new, record.get("inner", []))
        if element is not None and (handler is not None or inner):
            same = {name: value for name, value in record.items() if name == "variables"}
            by = {"handler": handler.id} if handler is not None else {}
            kept.append({"element": element.id, **same, **by, **({"inner": inner} if inner else {})})
    return kept


def _watch(plan: Plan, new: Run, before: dict[str, Element]) -> None:
    """Begin to wait for what is new; with `renew` also anew for what was waited for."""
    for token in new.tokens.live():
        if plan.renew and token.id in before and _waits(token):
            new.waits.end(token)
            suspension.wait(new, token)
    for host in list(new.tokens.tasks.values()):
        if not host.passive:
            for element, scope, notes in _expected(new, host):
                if not _was_there(plan, before, host, element):
                    suspension.wait(new, new.tokens.place(element.id, scope, host=host.id, **notes))


def _waits(token: Token) -> bool:
    """Whether a token waits for an event."""
    caught = token.element.event is not None and not token.inside and token._state == RESTING
    return caught and bool({JOB, SUBSCRIPTION} & set(token.notes.get("rows", ()))) and "retries" not in token.notes


def _expected(new: Run, host: Token) -> list[tuple[Element, Token, dict[str, Any]]]:
    """What is waited for on behalf of a token: the event's element, the scope of its token, its notes."""
    spec, element, stage = new.definition.spec, host.element, host.notes.get("stage")
    if element is None:
        return [(start, host, {}) for start in spec.event_starts.get(None, ()) if events.is_awaited(start)]
    found: list[tuple[Element, Token, dict[str, Any]]] = []
    at_work = host._state == RESTING and stage not in (None, stages.BEFORE, stages.ENTER)
    if at_work and "turn" not in host.notes and (not loops.is_body(host) or "done" in host.notes):
        found += [(event, host.scope, {}) for event in spec.boundaries.get(element.id, ()) if events.is_awaited(event)]
    if at_work and stage == stages.WORK and not loops.is_body(host) and "retries" not in host.notes:
        found += [(start, host, {}) for start in spec.event_starts.get(element.id, ()) if events.is_awaited(start)]
        if element.kind == "eventBasedGateway":
            elements = new.definition.process.elements
            found += [(elements[flow.target], host.scope, {"flow": flow.id}) for flow in spec.flows_from(element)]
    return found


def _was_there(plan: Plan, before: dict[str, Element], host: Token, event: Element) -> bool:
    """Whether the old version waited for it, too: it still does, or it has come already."""
    if host.scope is not None and host.id not in before:
        return False
    same = [old for old in plan.source.process.elements.values() if plan.mapping.get(old.id) == event.id]
    return any(type(old.event) is type(event.event) and _belongs(plan.source, old, before.get(host.id)) for old in same)


def _belongs(source: Definition, event: Element, host: Element | None) -> bool:
    """Whether an event stood on the edge of a host, in it as the start of an event sub-process, or behind it."""
    host_id = host.id if host is not None else None
    above = source.process.elements.get(event.parent or "")
    inside = event.kind == "startEvent" and above is not None and above.event_driven and above.parent == host_id
    behind = any(source.process.flows[id].source == host_id for id in event.incoming)
    return event.attached_to == host_id if event.attached_to is not None else inside or behind
