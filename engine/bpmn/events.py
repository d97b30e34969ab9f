"""Event definitions: which stand where, and what each says. The only place that knows the positions of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.bpmn.dialect import Reading
from engine.bpmn.draft import Draft, a, an
from engine.bpmn.triggers import (
    CancelEvent,
    CompensateEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    Event,
    LinkEvent,
    MessageEvent,
    SignalEvent,
    TerminateEvent,
    TimerEvent,
)
from engine.bpmn.values import Expression, Value
from engine.bpmn.xml import BPMN, line_of, local, plain_attributes

NONE = "none"
START, SUB_START, EVENT_START = "start event", "start event of a sub-process", "start event of an event sub-process"
CATCH, THROW, END, BOUNDARY = "intermediate catch event", "intermediate throw event", "end event", "boundary event"
TRIGGERS = {"message", "timer", "signal", "conditional"}
LEGAL: dict[str, set[str]] = {
    START: {NONE, *TRIGGERS},
    SUB_START: {NONE},
    EVENT_START: {*TRIGGERS, "error", "escalation", "compensate"},
    CATCH: {*TRIGGERS, "link"},
    THROW: {NONE, "message", "signal", "escalation", "link", "compensate"},
    END: {NONE, "message", "signal", "error", "escalation", "compensate", "terminate", "cancel"},
    BOUNDARY: {*TRIGGERS, "error", "escalation", "compensate", "cancel"},
}
POSITIONS = {"intermediateCatchEvent": CATCH, "intermediateThrowEvent": THROW, "endEvent": END, "boundaryEvent": BOUNDARY}
ALWAYS_INTERRUPT = {"error", "cancel"}
THROWING = {THROW, END}


def position(draft: Draft) -> str:
    """Where an event stands, in words."""
    if draft.kind != "startEvent":
        return POSITIONS[draft.kind]
    return START if draft.scope is None else EVENT_START if draft.scope.event_driven else SUB_START


def throws(draft: Draft) -> bool:
    return draft.kind == "sendTask" or POSITIONS.get(draft.kind) in THROWING


def read(draft: Draft, node: etree._Element, at: Reading) -> None:
    """One event definition of an event."""
    name, where = local(node).removesuffix("EventDefinition"), position(draft)
    if "definition" in draft.facts:
        at.report.refuse(node, "The event has more than one event definition. Draw one event for each.")
        return
    draft.facts["definition"] = name
    if name not in LEGAL[where]:
        at.report.refuse(node, f"{an(where)} cannot be {a(name)} event{_advice(name, where)}.")
        return
    if name in ALWAYS_INTERRUPT and not draft.interrupting:
        at.report.refuse(node, f"{an(name)} event always interrupts; it cannot be drawn as one that does not.")
    reader, attributes, inside = _READERS[name]
    for attribute in plain_attributes(node):
        if attribute not in {"id", *attributes}:
            at.report.refuse(node, f"The attribute {attribute} is not run by Ratchet in {a(name)} event. Remove it.")
    for child in node:
        if local(child) not in {*inside, "documentation", "extensionElements"}:
            at.report.refuse_unknown(child, f"in {a(name)} event")
    draft.event = reader(draft, node, at, at.dialect.details(draft, node, at.report))


def settle(draft: Draft, at: Reading) -> None:
    """What is to be said of an event once its definitions are read: some must have one."""
    if "definition" not in draft.facts and NONE not in LEGAL[position(draft)]:
        at.report.refuse(draft.node, f"This event waits for nothing: {a(position(draft))} needs an event definition, like a message.")
    if not draft.interrupting and draft.kind == "startEvent" and position(draft) != EVENT_START:
        at.report.refuse(draft.node, "Only the start of an event sub-process can be one that does not interrupt; remove isInterrupting.")


def _advice(name: str, where: str) -> str:
    legal = [place for place, names in LEGAL.items() if name in names]
    return f", only {' or '.join(map(a, legal))} can" if legal else ""


def message(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> MessageEvent | None:
    """The message that a node refers to. A thrown one may have work in its place, and then needs none."""
    reference = node.get("messageRef", "")
    found = at.root("message", reference)
    if not reference and (draft.work or draft.facts.get("throws nothing")):
        return None
    if found is None or not found.get("name"):
        at.report.refuse(node, f"It refers to the message “{reference}”, which has no name or does not stand in this file.")
        return None
    at.dialect.details(draft, found, at.report)
    return MessageEvent(_name(draft, node, found, at), **{"key": at.dialect.correlation(draft, found, at.report), **details})


def _name(draft: Draft, node: etree._Element, found: etree._Element, at: Reading) -> Expression:
    name = at.dialect.expression(found.get("name", ""), line_of(found))
    if draft.kind == "startEvent" and draft.scope is None:
        at.dialect.check_start_name(node, name, at.report)
    return name


def _signal(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> SignalEvent | None:
    reference = node.get("signalRef", "")
    found = at.root("signal", reference)
    if found is None or not found.get("name"):
        at.report.refuse(node, f"It refers to the signal “{reference}”, which has no name or does not stand in this file.")
        return None
    at.dialect.details(draft, found, at.report)
    return SignalEvent(_name(draft, node, found, at), **details)


def _timer(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> TimerEvent | None:
    told = [child for child in node if local(child) in TIMES]
    if len(told) != 1 or not (told[0].text or "").strip():
        at.report.refuse(node, "A timer needs exactly one of timeDate, timeDuration and timeCycle, with a value.")
        return None
    kind = TIMES[local(told[0])]
    at.dialect.check_timer(draft, node, kind, at.report)
    return TimerEvent(kind, at.dialect.expression((told[0].text or "").strip(), line_of(told[0])), at.dialect.QUARTZ)


def _conditional(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> ConditionalEvent | None:
    condition = node.find(f"{BPMN}condition")
    if condition is None or not (condition.text or "").strip():
        at.report.refuse(node, "The conditional event has no condition.")
        return None
    return ConditionalEvent(at.dialect.condition(condition, at.report), **details)


def _error(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> ErrorEvent | None:
    reference = node.get("errorRef", "")
    found = at.root("error", reference)
    if found is not None:
        return ErrorEvent(_code(draft, node, found, "errorCode", at), **details, **at.dialect.details(draft, found, at.report))
    if reference:
        return ErrorEvent(at.dialect.undefined_error(node, reference, at.report), **details)
    if throws(draft):
        at.report.refuse(node, "It throws no error: give it an error with a code.")
    return ErrorEvent(**details)


def _escalation(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> EscalationEvent | None:
    reference = node.get("escalationRef", "")
    found = at.root("escalation", reference)
    if found is not None:
        return EscalationEvent(_code(draft, node, found, "escalationCode", at), **details)
    if reference or throws(draft):
        at.report.refuse(node, f"It refers to the escalation “{reference}”, which does not stand in this file.")
    return EscalationEvent(**details)


def _code(draft: Draft, node: etree._Element, found: etree._Element, attribute: str, at: Reading) -> Value | None:
    text = found.get(attribute, "")
    if not text:
        if throws(draft):
            at.report.refuse(node, f"What it throws, “{found.get('id')}”, has no {attribute}.")
        return None
    code = at.dialect.expression(text, line_of(found))
    if not throws(draft):
        at.dialect.check_caught_code(node, code, at.report)
    return code


def _link(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> LinkEvent | None:
    if not node.get("name"):
        at.report.refuse(node, "The link event has no link name.")
        return None
    return LinkEvent(node.get("name", ""))


def _compensate(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> CompensateEvent:
    if not at.report.flag(node, "waitForCompletion", True) and not at.dialect.WAITS_FOR_COMPENSATION:
        at.report.refuse(node, "waitForCompletion=false is not run: Ratchet always waits until all handlers are done. Remove it.")
    return CompensateEvent(node.get("activityRef") or None)


def _terminate(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> TerminateEvent:
    return TerminateEvent()


def _cancel(draft: Draft, node: etree._Element, at: Reading, details: dict[str, Any]) -> CancelEvent:
    return CancelEvent()


_Reader = Callable[[Draft, etree._Element, Reading, dict[str, Any]], Event | None]
TIMES = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_READERS: dict[str, tuple[_Reader, set[str], set[str]]] = {  # what reads it, and which attributes and elements it may have
    "message": (message, {"messageRef", "operationRef"}, {"operationRef"}),
    "timer": (_timer, set(), {*TIMES}),
    "signal": (_signal, {"signalRef"}, set()),
    "conditional": (_conditional, set(), {"condition"}),
    "error": (_error, {"errorRef"}, set()),
    "escalation": (_escalation, {"escalationRef"}, set()),
    "link": (_link, {"name"}, {"source", "target"}),
    "compensate": (_compensate, {"activityRef", "waitForCompletion"}, set()),
    "terminate": (_terminate, set(), set()),
    "cancel": (_cancel, set(), set()),
}
DEFINITIONS = {f"{name}EventDefinition" for name in _READERS}
