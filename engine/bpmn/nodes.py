"""Flow nodes and flows: a walk through a process and its sub-processes. The only place that knows which element may hold what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from lxml import etree

from engine.bpmn import events, loops
from engine.bpmn.dialect import Reading, extensions
from engine.bpmn.draft import Draft, a, prefixed
from engine.bpmn.model import AdHocWork, Flow
from engine.bpmn.xml import BPMN, line_of, local, plain_attributes

DECORATION = {
    "documentation", "extensionElements", "laneSet", "textAnnotation", "group", "dataObject", "dataObjectReference", "dataStoreReference",
    "property", "ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet", "dataInputAssociation", "dataOutputAssociation",
    "incoming", "outgoing", "auditing", "monitoring", "categoryValueRef", "rendering", "resourceRole", "performer", "humanPerformer",
    "potentialOwner", "supports", "correlationSubscription",
}  # fmt: skip
SCOPES = {"subProcess", "transaction", "adHocSubProcess"}
ACTIVITY = {"isForCompensation", "startQuantity", "completionQuantity", "default"}
GATEWAY = {"gatewayDirection"}
FLOW = {"id", "name", "sourceRef", "targetRef", "isImmediate"}
SUB_PROCESS = {*ACTIVITY, "triggeredByEvent"}
ATTRIBUTES: Mapping[str, set[str]] = {  # of the BPMN namespace, beside id and name
    "startEvent": {"isInterrupting", "parallelMultiple"},
    "endEvent": set(),
    "intermediateThrowEvent": set(),
    "intermediateCatchEvent": {"parallelMultiple"},
    "boundaryEvent": {"attachedToRef", "cancelActivity", "parallelMultiple"},
    "task": ACTIVITY,
    "manualTask": ACTIVITY,
    "userTask": {*ACTIVITY, "implementation"},
    "scriptTask": {*ACTIVITY, "scriptFormat"},
    "serviceTask": {*ACTIVITY, "implementation", "operationRef"},
    "sendTask": {*ACTIVITY, "implementation", "messageRef", "operationRef"},
    "receiveTask": {*ACTIVITY, "implementation", "messageRef", "operationRef", "instantiate"},
    "businessRuleTask": {*ACTIVITY, "implementation"},
    "callActivity": {*ACTIVITY, "calledElement"},
    "subProcess": SUB_PROCESS,
    "transaction": {*SUB_PROCESS, "method"},
    "adHocSubProcess": {*SUB_PROCESS, "ordering", "cancelRemainingInstances"},
    "exclusiveGateway": {*GATEWAY, "default"},
    "inclusiveGateway": {*GATEWAY, "default"},
    "parallelGateway": GATEWAY,
    "eventBasedGateway": {*GATEWAY, "instantiate", "eventGatewayType"},
}
ONLY: Mapping[str, tuple[str, str]] = {  # attributes that may have but one value
    "parallelMultiple": ("false", "Draw one event for each."),
    "startQuantity": ("1", "Remove it, or wait for the tokens at a parallel gateway."),
    "completionQuantity": ("1", "Remove it, or split at a parallel gateway."),
    "instantiate": ("false", "Start the process with a message start event."),
    "eventGatewayType": ("Exclusive", "Wait for several events behind a parallel gateway."),
    "ordering": ("Parallel", "Join its elements with flows, or leave the order to people."),
    "method": ("##Compensate", "Ratchet compensates transactions."),
}
ADVICE = {"complexGateway": "Use an inclusive or parallel gateway."}


@dataclass
class Contents:
    """What a process holds, with its sub-processes: drafts by id, flows with the scope that they stand in, and associations."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    flow_nodes: dict[str, tuple[etree._Element, str | None]] = field(default_factory=dict)
    associations: list[etree._Element] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # ids of what stands in the file but is not read


def walk(owner: etree._Element, scope: Draft | None, contents: Contents, at: Reading) -> None:
    """Read everything that stands in a process or sub-process into `contents`."""
    for node in owner:
        kind = local(node)
        if kind == "sequenceFlow":
            _read_flow(node, scope, contents, at)
        elif kind == "association":
            contents.associations.append(node)
        elif not str(node.tag).startswith(BPMN):
            at.report.refuse_unknown(node, f"in {a(local(owner))}")
        elif kind in ATTRIBUTES:
            _read_node(node, kind, scope, contents, at)
        elif kind not in DECORATION and kind not in CHILDREN.get(local(owner), {}):
            contents.refused.add(node.get("id", ""))
            advice = ADVICE.get(kind, "Remove it or model it another way.")
            at.report.refuse(node, f"<{prefixed(node)}> is not run by Ratchet in {a(local(owner))}. {advice}")


def _read_node(node: etree._Element, kind: str, scope: Draft | None, contents: Contents, at: Reading) -> None:
    draft = at.dialect.start_draft(node, kind)
    draft.scope = scope
    contents.drafts[at.identified(node)] = draft
    _read_attributes(draft, at)
    at.dialect.read_attributes(draft, at.report)
    for extension in extensions(node):
        at.dialect.read_extension(draft, extension, at.report)
    if kind in SCOPES:
        walk(node, draft, contents, at)
    readers = CHILDREN.get(kind, {})
    for child in node:
        if local(child) in readers:
            readers[local(child)](draft, child, at)
        elif kind not in SCOPES and local(child) not in DECORATION:
            at.report.refuse_unknown(child, f"in {a(kind)}")
    if kind in FINISH:
        FINISH[kind](draft, at)


def _read_attributes(draft: Draft, at: Reading) -> None:
    node = draft.node
    for name, value in plain_attributes(node).items():
        if name not in {"id", "name", *ATTRIBUTES[draft.kind]}:
            at.report.refuse(node, f"The attribute {name} is not run by Ratchet in {a(draft.kind)}. Remove it or model it another way.")
        elif name in ONLY and value != ONLY[name][0]:
            at.report.refuse(node, f"{name}={value} is not run. {ONLY[name][1]}")
    draft.default = node.get("default")
    draft.event_driven = at.report.flag(node, "triggeredByEvent")
    draft.compensates = at.report.flag(node, "isForCompensation")
    draft.interrupting = at.report.flag(node, "isInterrupting", True) and at.report.flag(node, "cancelActivity", True)


def _read_flow(node: etree._Element, scope: Draft | None, contents: Contents, at: Reading) -> None:
    condition = node.find(f"{BPMN}conditionExpression")
    for child in node:
        if local(child) not in {"conditionExpression", *DECORATION}:
            at.report.refuse_unknown(child, "in a sequence flow")
    if condition is not None and not (condition.text or "").strip():
        at.report.refuse(node, "The condition of this flow is empty; write one, or take it out.")
    for name in plain_attributes(node):
        if name not in FLOW:
            at.report.refuse(node, f"The attribute {name} is not run by Ratchet in a sequence flow. Remove it.")
    if not node.get("id"):  # nothing refers to it
        plain = f"{node.get('sourceRef')}-{node.get('targetRef')}"
        node.set("id", next(id for id in chain([plain], (f"{plain}-{number}" for number in count(2))) if id not in at.ids))
    id = at.identified(node)
    contents.flow_nodes[id] = node, scope.id if scope else None
    read_condition = None if condition is None else at.dialect.condition(condition, at.report)
    contents.flows[id] = Flow(
        id, node.get("name") or "", node.get("sourceRef", ""), node.get("targetRef", ""), read_condition, line_of(node),
        at.dialect.flow_listeners(node, at.report),
    )  # fmt: skip


def _message_task(draft: Draft, at: Reading) -> None:
    """A receive or send task: its message stands in an attribute."""
    if draft.node.get("messageRef"):
        draft.event = events.message(draft, draft.node, at, at.dialect.details(draft, draft.node, at.report))
    elif draft.kind == "receiveTask" and not at.dialect.WAITS_WITHOUT_MESSAGE:
        at.report.refuse(draft.node, "The receive task waits for nothing: give it a message.")


def _completion(draft: Draft, node: etree._Element, at: Reading) -> None:
    draft.facts["completion"] = at.dialect.condition(node, at.report)


def _ad_hoc(draft: Draft, at: Reading) -> None:
    """Dialects put the collections there before."""
    draft.work = AdHocWork(
        **draft.facts.get("ad hoc", {}), condition=draft.facts.get("completion"),
        cancels_rest=at.report.flag(draft.node, "cancelRemainingInstances", True),
    )  # fmt: skip


def _performer(draft: Draft, node: etree._Element, at: Reading) -> None:
    at.dialect.read_performer(draft, node, at.report)


def _script(draft: Draft, node: etree._Element, at: Reading) -> None:
    at.dialect.read_script(draft, node, at.report)


def _reference(draft: Draft, node: etree._Element, at: Reading) -> None:
    at.report.refuse(node, "References to event definitions are not run; put the event definition into the event itself.")


_Child = Callable[[Draft, etree._Element, Reading], None]
_LOOPS: dict[str, _Child] = {"multiInstanceLoopCharacteristics": loops.multi_instance, "standardLoopCharacteristics": loops.standard}
_EVENTS: dict[str, _Child] = {**dict.fromkeys(events.DEFINITIONS, events.read), "eventDefinitionRef": _reference}
CHILDREN: dict[str, dict[str, _Child]] = {
    **{kind: _LOOPS for kind in ATTRIBUTES if kind.lower().endswith("task") or kind in {*SCOPES, "callActivity"}},
    **{kind: _EVENTS for kind in ATTRIBUTES if kind.endswith("Event")},
    "scriptTask": {**_LOOPS, "script": _script},
    "userTask": {**_LOOPS, "humanPerformer": _performer, "potentialOwner": _performer},
    "adHocSubProcess": {**_LOOPS, "completionCondition": _completion},
}
FINISH: dict[str, Callable[[Draft, Reading], None]] = {
    **{kind: events.settle for kind in ATTRIBUTES if kind.endswith("Event")},
    "receiveTask": _message_task,
    "sendTask": _message_task,
    "adHocSubProcess": _ad_hoc,
}
