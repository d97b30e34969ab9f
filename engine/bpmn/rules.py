"""What BPMN asks of a process as a whole: which flows, starts, links, boundary events and compensations fit together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.draft import Draft, Report, an
from engine.bpmn.model import Flow
from engine.bpmn.nodes import SCOPES, Contents
from engine.bpmn.triggers import CancelEvent, CompensateEvent, ErrorEvent, EscalationEvent, LinkEvent, MessageEvent, SignalEvent
from engine.bpmn.values import Expression, Value

GATEWAYS = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
TAKES_ALL = {"parallelGateway", "eventBasedGateway"}
WAITS = {"intermediateCatchEvent", "receiveTask"}


@dataclass(frozen=True)
class Whole:
    """A process that is read but not yet judged. `scopes` has the drafts by the scope that they stand in."""

    node: etree._Element
    contents: Contents
    incoming: Mapping[str, tuple[str, ...]]
    outgoing: Mapping[str, tuple[str, ...]]
    scopes: Mapping[str | None, list[Draft]]

    @property
    def drafts(self) -> Mapping[str, Draft]:
        return self.contents.drafts

    @property
    def flows(self) -> Mapping[str, Flow]:
        return self.contents.flows

    def gateways(self) -> list[Draft]:
        return [draft for draft in self.drafts.values() if draft.kind in GATEWAYS]

    def come(self, draft: Draft) -> tuple[str, ...]:
        return self.incoming.get(draft.id, ())

    def leave(self, draft: Draft) -> tuple[str, ...]:
        return self.outgoing.get(draft.id, ())


Finding = tuple[etree._Element, str]


def check(whole: Whole, report: Report) -> None:
    """Note what does not fit."""
    for rule in RULES:
        for node, message in rule(whole):
            report.refuse(node, message)


def _flow_ends(whole: Whole) -> Iterator[Finding]:
    for flow in whole.flows.values():
        node, scope = whole.contents.flow_nodes[flow.id]
        for end in (flow.source, flow.target):
            if end in whole.contents.refused:
                continue
            if end not in whole.drafts:
                yield node, f"The flow joins “{end}”, which does not stand in this process."
            elif whole.drafts[end].parent != scope:
                yield node, f"The flow joins “{end}”, which stands in another sub-process; a flow cannot cross its border."


def _no_incoming(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if whole.come(draft) and (draft.kind in {"startEvent", "boundaryEvent"} or _is_link_catch(draft) or _is_apart(draft)):
            yield draft.node, f"Nothing may flow into this {_called(draft)}; take the incoming flow out."


def _no_outgoing(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if whole.leave(draft) and (draft.kind == "endEvent" or _is_link_throw(draft) or _is_apart(draft) or _compensates(draft)):
            yield draft.node, f"Nothing may flow out of this {_called(draft)}; take the outgoing flow out."


def _is_apart(draft: Draft) -> bool:
    return draft.event_driven or draft.compensates


def _is_link_catch(draft: Draft) -> bool:
    return isinstance(draft.event, LinkEvent) and draft.kind == "intermediateCatchEvent"


def _is_link_throw(draft: Draft) -> bool:
    return isinstance(draft.event, LinkEvent) and draft.kind == "intermediateThrowEvent"


def _compensates(draft: Draft) -> bool:
    return draft.kind == "boundaryEvent" and isinstance(draft.event, CompensateEvent)


def _called(draft: Draft) -> str:
    if draft.event_driven:
        return "event sub-process"
    return "compensation handler" if draft.compensates else "compensation event" if _compensates(draft) else draft.kind


def _starts(whole: Whole) -> Iterator[Finding]:
    yield from _starts_of_process(whole)
    for draft in whole.drafts.values():
        if draft.kind in SCOPES:
            starts = [inner for inner in whole.scopes.get(draft.id, []) if inner.kind == "startEvent"]
            if draft.event_driven and len(starts) != 1:
                yield draft.node, f"The event sub-process has {len(starts)} start events; it needs exactly one, with a trigger."
            elif draft.kind == "adHocSubProcess" and not draft.event_driven:
                yield from _ad_hoc(whole, draft)
            elif not draft.event_driven and len(starts) != 1:
                yield draft.node, f"The sub-process has {len(starts)} start events; it needs exactly one, without a trigger."


def _starts_of_process(whole: Whole) -> Iterator[Finding]:
    starts = [draft for draft in whole.scopes.get(None, []) if draft.kind == "startEvent"]
    plain = [draft for draft in starts if "definition" not in draft.facts]
    if not starts:
        yield whole.node, "The process has no start event; draw one where it begins."
    if len(plain) > 1:
        yield whole.node, f"The process has {len(plain)} start events without a trigger; it can begin at one only."


def _ad_hoc(whole: Whole, draft: Draft) -> Iterator[Finding]:
    inside = whole.scopes.get(draft.id, [])
    if not any(inner.kind not in EVENTS | GATEWAYS for inner in inside):
        yield draft.node, "The ad-hoc sub-process has no activity."
    for inner in inside:
        if inner.kind in {"startEvent", "endEvent"}:
            yield inner.node, f"{an(inner.kind)} cannot stand in an ad-hoc sub-process: whatever has no incoming flow can begin."


def _boundaries(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if draft.kind != "boundaryEvent":
            continue
        host = whole.drafts.get(draft.node.get("attachedToRef", ""))
        if host is None or host.parent != draft.parent:
            yield draft.node, f"It is attached to “{draft.node.get('attachedToRef', '')}”, which does not stand in the same (sub-)process."
        elif host.kind in EVENTS | GATEWAYS or host.event_driven:
            yield draft.node, f"A boundary event can be attached to an activity only, not to this {_called(host)}."
        elif isinstance(draft.event, CancelEvent) and host.kind != "transaction":
            yield draft.node, "A cancel event can be attached to a transaction only."


def _cancel_ends(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if draft.kind == "endEvent" and isinstance(draft.event, CancelEvent) and not _inside_transaction(draft):
            yield draft.node, "A cancel end event can stand inside a transaction only."


def _inside_transaction(draft: Draft | None) -> bool:
    while draft is not None and draft.kind != "transaction":
        draft = draft.scope
    return draft is not None


def _links(whole: Whole) -> Iterator[Finding]:
    for inside in whole.scopes.values():
        caught = Counter(draft.event.name for draft in inside if _is_link_catch(draft) and isinstance(draft.event, LinkEvent))
        for draft in inside:
            if isinstance(draft.event, LinkEvent) and caught[draft.event.name] != 1:
                number = caught[draft.event.name] or "no"
                yield draft.node, f"{number} catching link events named “{draft.event.name}” stand in this (sub-)process; it takes one."


def _event_gateways(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if draft.kind == "eventBasedGateway":
            if not whole.leave(draft):
                yield draft.node, "The event-based gateway leads to no event."
            for target in (whole.drafts.get(whole.flows[id].target) for id in whole.leave(draft)):
                if target is not None and (target.kind not in WAITS or _is_link_catch(target)):
                    yield draft.node, f"It leads to “{target.id}”; an event-based gateway leads to catching events and receive tasks only."
                elif target is not None and len(whole.come(target)) > 1:
                    yield target.node, "Behind an event-based gateway nothing else may flow into this event."


def _defaults(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if not draft.default:
            continue
        flow = whole.flows.get(draft.default)
        if flow is None or flow.source != draft.id:
            yield draft.node, f"Its default flow “{draft.default}” does not leave from it."
        elif flow.condition is not None:
            yield whole.contents.flow_nodes[flow.id][0], "The default flow is taken when no other is, so remove its condition."


def _conditions(whole: Whole) -> Iterator[Finding]:
    for flow in whole.flows.values():
        source = whole.drafts.get(flow.source)
        if flow.condition is not None and source is not None and source.kind in TAKES_ALL:
            yield whole.contents.flow_nodes[flow.id][0], f"{an(source.kind)} does not look at conditions; use another gateway, or none."


def _compensations(whole: Whole) -> Iterator[Finding]:
    for draft in whole.drafts.values():
        if _compensates(draft) and draft.handler is None:
            yield draft.node, "The compensation event has no handler: join it by an association to an activity marked for compensation."
        elif isinstance(draft.event, CompensateEvent) and draft.event.activity is not None:
            target = whole.drafts.get(draft.event.activity)
            if target is None or target.kind in EVENTS | GATEWAYS or target.parent not in _seen_by(draft):
                yield draft.node, f"It compensates “{draft.event.activity}”, which is no activity of this process or sub-process."


def _seen_by(draft: Draft) -> set[str | None]:
    """The scopes whose activities an event can compensate: its own, and from an event sub-process the one around."""
    return {draft.parent, draft.scope.parent} if draft.scope is not None and draft.scope.event_driven else {draft.parent}


def _twins(whole: Whole) -> Iterator[Finding]:
    """Two events that wait for the same thing at the same place: nobody could say which one gets it."""
    for waiting in _waiting_together(whole):
        met: set[tuple[str, str | None]] = set()
        for draft in waiting:
            what = _awaited(draft)
            if what is not None and what in met:
                named = f" “{what[1]}”" if what[1] else ""
                yield draft.node, f"Another event at the same place waits for the same {what[0]}{named}. Keep one of them."
            met |= {what} if what else set()


def _waiting_together(whole: Whole) -> Iterator[list[Draft]]:
    hosts: dict[str, list[Draft]] = defaultdict(list)
    for draft in whole.drafts.values():
        if draft.kind == "boundaryEvent":
            hosts[draft.node.get("attachedToRef", "")].append(draft)
        elif draft.kind == "eventBasedGateway":
            yield [whole.drafts[target] for id in whole.leave(draft) if (target := whole.flows[id].target) in whole.drafts]
    yield from hosts.values()
    for scope, inside in whole.scopes.items():
        yield [start for draft in inside if draft.event_driven for start in whole.scopes.get(draft.id, []) if start.kind == "startEvent"]
        if scope is None:
            yield [draft for draft in inside if draft.kind == "startEvent"]


def _awaited(draft: Draft) -> tuple[str, str | None] | None:
    """What an event waits for, when that is known from the text alone."""
    event = draft.event
    if isinstance(event, CancelEvent | CompensateEvent):
        return type(event).__name__.removesuffix("Event").lower(), None
    if isinstance(event, MessageEvent | SignalEvent):
        return _named(type(event).__name__.removesuffix("Event").lower(), event.name)
    if isinstance(event, ErrorEvent | EscalationEvent):
        return _named(type(event).__name__.removesuffix("Event").lower(), event.code)
    return None


def _named(kind: str, name: Value | None) -> tuple[str, str | None] | None:
    if name is None:
        return kind, None
    return (kind, name.source) if isinstance(name, Expression) and name.language == "text" else None


def join_handlers(contents: Contents) -> None:
    """An association leads from a compensation boundary event to the activity that compensates."""
    for node in contents.associations:
        ends = node.get("sourceRef", ""), node.get("targetRef", "")
        for event_id, activity_id in (ends, ends[::-1]):
            event, activity = contents.drafts.get(event_id), contents.drafts.get(activity_id)
            if event and activity and _compensates(event) and activity.compensates and event.parent == activity.parent:
                event.handler = activity.id


RULES: tuple[Callable[[Whole], Iterator[Finding]], ...] = (
    _flow_ends,
    _no_incoming,
    _no_outgoing,
    _starts,
    _boundaries,
    _cancel_ends,
    _links,
    _event_gateways,
    _defaults,
    _conditions,
    _compensations,
    _twins,
)
