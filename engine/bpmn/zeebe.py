"""The Camunda 8 dialect: which elements of the zeebe namespace stand where, and who reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.bpmn import work8
from engine.bpmn.dialect import ReadExtension, extensions
from engine.bpmn.draft import Draft, ProcessDraft, Report, a, prefixed, read_properties
from engine.bpmn.events import throws
from engine.bpmn.model import Flow, JobWork, Listener
from engine.bpmn.triggers import MessageEvent
from engine.bpmn.values import Assign, Expression, Value
from engine.bpmn.work8 import expression
from engine.bpmn.xml import CAMUNDA, ZEEBE, attributes, line_of, local

NAME = "zeebe"
WAITS_WITHOUT_MESSAGE = False
WAITS_FOR_COMPENSATION = False
QUARTZ = False
HARMLESS = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "retryCounter"}
JOB_KINDS = {"serviceTask", "sendTask", "scriptTask", "businessRuleTask"}
CHOOSE = {"exclusiveGateway", "inclusiveGateway"}
THROWS = {"intermediateThrowEvent", "endEvent"}
__all__ = ["expression"]


def condition(node: etree._Element, report: Report) -> Expression:
    """A condition is always FEEL."""
    found = expression(node.text or "", line_of(node))
    if found.language != "feel" or not found.source:
        report.refuse(node, f"The condition “{found.source.strip()}” is no expression; write = before it.")
    if node.get("language"):
        report.refuse(node, "Conditions in Camunda 8 are FEEL; take the attribute language out.")
    return found


def collection(text: str, line: int | None) -> Expression:
    """A collection is an expression or the bare name of a variable."""
    return expression(text, line) if text.strip().startswith("=") else Expression("variable", text.strip(), line)


def start_draft(node: etree._Element, kind: str) -> Draft:
    return Draft(node, kind, retries=0, keeps_results=True)


def read_attributes(draft: Draft, report: Report) -> None:
    _refuse_attributes(draft.node, report)
    if draft.kind == "callActivity" and draft.node.get("calledElement"):
        report.refuse(draft.node, "In Camunda 8 the called process stands in zeebe:calledElement; take the attribute calledElement out.")


def _refuse_attributes(node: etree._Element, report: Report) -> None:
    """No attribute of a vendor means anything in Camunda 8, but for the notes of the modeler."""
    for name in attributes(node, ZEEBE):
        if name not in HARMLESS:
            report.refuse(node, f"The attribute zeebe:{name} is not run by Ratchet. Remove it or model it another way.")
    for name in attributes(node, CAMUNDA):
        report.refuse(node, f"camunda:{name} belongs to Camunda 7, but this file is one of Camunda 8. Remove it.")


def read_extension(draft: Draft, node: etree._Element, report: Report) -> None:
    readers = {**_EXTENSIONS, **_EXTENSIONS_OF.get(draft.kind, {})}
    reader = readers.get(local(node)) if str(node.tag).startswith(ZEEBE) else None
    if reader is None:
        advice = ADVICE.get(local(node), "Remove it or model it another way.")
        report.refuse(node, f"<{prefixed(node)}> is not run by Ratchet in {a(draft.kind)}. {advice}")
    else:
        reader(draft, node, report)


def read_process(node: etree._Element, report: Report) -> ProcessDraft:
    process = ProcessDraft()
    _refuse_attributes(node, report)
    for extension in extensions(node):
        name = local(extension)
        if name == "userTaskForm":
            process.embedded_forms[extension.get("id", "")] = extension.text or ""
        elif name == "versionTag":
            process.version_tag = extension.get("value")
        elif name == "executionListeners":
            process.listeners += work8.execution_listeners(extension, report)
        elif name not in {"properties", "jobPriorityDefinition"}:
            report.refuse_unknown(extension, "in a process")
    return process


def flow_listeners(node: etree._Element, report: Report) -> tuple[Listener, ...]:
    """Flows have none in Camunda 8."""
    _refuse_attributes(node, report)
    for extension in extensions(node):
        if local(extension) != "properties":
            report.refuse_unknown(extension, "in a sequence flow")
    return ()


def details(draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]:
    """What stands in the zeebe namespace of an event definition, as arguments for the model's event."""
    said: dict[str, Any] = dict(draft.facts.get("publish", {})) if local(node) in {"messageEventDefinition", "sendTask"} else {}
    if node is draft.node:
        return said
    _refuse_attributes(node, report)
    for extension in extensions(node):
        reader = _nothing if local(extension) == "properties" else _DETAILS.get((local(node), local(extension)))
        if reader is None or (reader is _publish and not throws(draft)):
            report.refuse_unknown(extension, f"in {a(local(node))}")
        else:
            reader(said, extension, report)
    return said


def loop(draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]:
    said: dict[str, Any] = {}
    _refuse_attributes(node, report)
    for extension in extensions(node):
        if local(extension) != "loopCharacteristics":
            report.refuse_unknown(extension, "in a multi-instance")
            continue
        line = line_of(extension)
        if not extension.get("inputCollection", "").strip().startswith("="):
            report.refuse(extension, "The multi-instance needs an input collection, an expression that begins with =.")
        said["collection"] = expression(extension.get("inputCollection", ""), line)
        said["item"] = extension.get("inputElement") or None
        said["output"] = extension.get("outputCollection") or None
        said["output_item"] = expression(extension.get("outputElement", ""), line) if extension.get("outputElement") else None
    return said


def correlation(draft: Draft, message: etree._Element, report: Report) -> Value | None:
    """The key by which a message finds its instance. Only what begins a process, or throws, can do without."""
    subscription = message.find(f".//{ZEEBE}subscription")
    key = subscription.get("correlationKey", "").strip() if subscription is not None else ""
    if key:
        return expression(key, line_of(message))
    starts = draft.kind == "startEvent" and draft.scope is None
    if not starts and draft.kind not in {*THROWS, "sendTask"}:
        report.refuse(draft.node, f"The message “{message.get('name')}” has no correlation key; without one it cannot find its instance.")
    return None


def undefined_error(node: etree._Element, reference: str, report: Report) -> Value | None:
    report.refuse(node, f"It refers to the error “{reference}”, which does not stand in this file.")
    return None


def check_caught_code(node: etree._Element, code: Expression, report: Report) -> None:
    if code.language != "text":
        report.refuse(node, f"What is caught must have a code that is plain text, not the expression “{code.source}”.")


def check_start_name(node: etree._Element, name: Expression, report: Report) -> None:
    """An expression without variables may stand there."""


def check_timer(draft: Draft, node: etree._Element, kind: str, report: Report) -> None:
    repeats = (draft.kind == "startEvent" and (draft.scope is None or not draft.interrupting)) or not draft.interrupting
    if kind == "cycle" and not repeats:
        report.refuse(node, "A cycle can only stand where it does not interrupt; give this timer a date or a duration.")


def read_script(draft: Draft, node: etree._Element, report: Report) -> None:
    report.refuse(node, "In Camunda 8 a script is FEEL in zeebe:script, or a job; take the script element out.")


def read_performer(draft: Draft, node: etree._Element, report: Report) -> None:
    report.refuse(node, "In Camunda 8 people are named in zeebe:assignmentDefinition; take this element out.")


def check_gateway(draft: Draft, outgoing: list[Flow], report: Report) -> None:
    """Where a gateway chooses, each flow says when."""
    if draft.kind in CHOOSE and len(outgoing) > 1:
        for flow in outgoing:
            if flow.condition is None and flow.id != draft.default:
                report.refuse(draft.node, f"The flow “{flow.id}” has no condition; give it one, or make it the default flow.")


def ignores_condition(source: Draft, flow: Flow) -> bool:
    """That of an inclusive gateway's default flow is never looked at."""
    return flow.id == source.default and source.kind == "inclusiveGateway"


def finish(draft: Draft, process: ProcessDraft, report: Report) -> None:
    """Put together what several extension elements said about one element."""
    if draft.kind == "userTask":
        work8.finish_user(draft, process, report)
    elif draft.kind == "startEvent" and "form" in draft.facts:
        work8.finish_start(draft, process, report)
    elif draft.kind == "callActivity":
        work8.finish_call(draft, report)
    elif isinstance(draft.work, JobWork):
        draft.work = replace(draft.work, headers=draft.headers)
        if draft.kind in THROWS and draft.facts.get("definition") != "message":
            report.refuse(draft.node, "Only an event that throws a message can have a task definition.")
    elif draft.kind in JOB_KINDS and draft.work is None and not isinstance(draft.event, MessageEvent):
        report.refuse(draft.node, "This task says nothing about what to do; give it a task definition (a job type).")


def _io_mapping(draft: Draft, node: etree._Element, report: Report) -> None:
    for mapping in node:
        source, target = mapping.get("source", "").strip() or "=null", mapping.get("target")
        if local(mapping) not in {"input", "output"} or not target:
            report.refuse(mapping, "A mapping is an input or output with a target.")
            continue
        side = draft.inputs if local(mapping) == "input" else draft.outputs
        side.append(Assign(target, expression(source, line_of(mapping))))


def _task_headers(draft: Draft, node: etree._Element, report: Report) -> None:
    draft.headers.update({header.get("key", ""): header.get("value", "") for header in node})


def _execution_listeners(draft: Draft, node: etree._Element, report: Report) -> None:
    draft.listeners += work8.execution_listeners(node, report)


def _task_listeners(draft: Draft, node: etree._Element, report: Report) -> None:
    draft.listeners += work8.task_listeners(node, report)


def _harmless(draft: Draft, node: etree._Element, report: Report) -> None:
    """A marker: this engine has only one kind of user task, and jobs of one priority."""


def _publish(said: dict[str, Any], node: etree._Element, report: Report) -> None:
    for theirs, ours in {"correlationKey": "key", "messageId": "id", "timeToLive": "ttl"}.items():
        if node.get(theirs, "").strip():
            said[ours] = expression(node.get(theirs, ""), line_of(node))


def _nothing(said: dict[str, Any], node: etree._Element, report: Report) -> None:
    """Notes, or what `correlation` reads."""


def _publish_of_element(draft: Draft, node: etree._Element, report: Report) -> None:
    _publish(draft.facts.setdefault("publish", {}), node, report)


def _filter(said: dict[str, Any], node: etree._Element, report: Report) -> None:
    names = frozenset(name.strip() for name in node.get("variableNames", "").split(",") if name.strip())
    said["variables"] = names
    said["changes"] = frozenset(name.strip() for name in node.get("variableEvents", "").split(",") if name.strip())
    if not said["changes"] <= {"create", "update"}:
        report.refuse(node, f"variableEvents is “{node.get('variableEvents')}”; it can hold create and update.")


ADVICE = {
    "linkedResources": "Linked resources are not run; put what the worker needs into headers.",
    "taskDefinition": "Only service, send, script and business rule tasks and thrown messages are jobs.",
}
_EXTENSIONS: dict[str, ReadExtension] = {
    "properties": read_properties,
    "executionListeners": _execution_listeners,
    "taskHeaders": _task_headers,
    "jobPriorityDefinition": _harmless,
}
_MAPPING: dict[str, ReadExtension] = {"ioMapping": _io_mapping}
_JOB: dict[str, ReadExtension] = {**_MAPPING, "taskDefinition": work8.task_definition}
_THROW: dict[str, ReadExtension] = {**_JOB, "publishMessage": _publish_of_element}
_facts: Callable[[dict[str, str]], ReadExtension] = work8.user_facts
_EXTENSIONS_OF: dict[str, dict[str, ReadExtension]] = {
    **dict.fromkeys(["intermediateCatchEvent", "boundaryEvent", "receiveTask", "subProcess", "transaction"], _MAPPING),
    **dict.fromkeys(["task", "manualTask"], _MAPPING),
    "startEvent": {**_MAPPING, "formDefinition": work8.form},
    "endEvent": _THROW,
    "intermediateThrowEvent": _THROW,
    "serviceTask": _JOB,
    "sendTask": _THROW,
    "scriptTask": {**_JOB, "script": work8.script},
    "businessRuleTask": {**_JOB, "calledDecision": work8.decision},
    "callActivity": {**_MAPPING, "calledElement": work8.call},
    "adHocSubProcess": {**_MAPPING, "adHoc": work8.ad_hoc},
    "userTask": {
        **_MAPPING,
        "userTask": _harmless,
        "formDefinition": work8.form,
        "taskListeners": _task_listeners,
        "assignmentDefinition": _facts(
            {"assignee": "assignee", "candidateUsers": "candidate_users", "candidateGroups": "candidate_groups"}
        ),
        "taskSchedule": _facts({"dueDate": "due", "followUpDate": "follow_up"}),
        "priorityDefinition": _facts({"priority": "priority"}),
    },
}
_Detail = Callable[[dict[str, Any], etree._Element, Report], None]
_DETAILS: dict[tuple[str, str], _Detail] = {
    ("messageEventDefinition", "publishMessage"): _publish,
    ("conditionalEventDefinition", "conditionalFilter"): _filter,
    ("message", "subscription"): _nothing,
}
