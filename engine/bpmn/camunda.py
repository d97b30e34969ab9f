"""The Camunda 7 dialect: which attributes and elements of the camunda namespace stand where, and who reads them."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.bpmn import forms7, listeners7, work7
from engine.bpmn.dialect import ReadExtension, extensions
from engine.bpmn.draft import Draft, ProcessDraft, Report, a, prefixed, read_properties
from engine.bpmn.events7 import IMPLEMENTATION, details, loop
from engine.bpmn.model import Flow, Listener
from engine.bpmn.rules import TAKES_ALL
from engine.bpmn.values import Expression, Value
from engine.bpmn.values7 import attribute, collection, expression, parameters, script
from engine.bpmn.xml import CAMUNDA, ZEEBE, attributes, line_of, local

NAME = "camunda"
WAITS_WITHOUT_MESSAGE = True
WAITS_FOR_COMPENSATION = True
QUARTZ = True
HARMLESS = {"modelerTemplate", "modelerTemplateVersion", "exclusive", "jobPriority", "taskPriority"}
HARMLESS_OF_PROCESS = {
    "candidateStarterUsers", "candidateStarterGroups", "isStartableInTasklist", "jobPriority", "taskPriority", "modelerTemplate",
    "modelerTemplateVersion",
}  # fmt: skip
DAYS = re.compile(r"P([0-9]{1,6})D|([0-9]{1,6})")
__all__ = ["collection", "details", "expression", "loop"]


def condition(node: etree._Element, report: Report) -> Expression:
    """A condition: JUEL, or a script where it names a language."""
    language = node.get("language", "")
    if language or attribute(node, "resource"):
        return script(node, language, report)
    return expression(node.text or "", line_of(node))


def start_draft(node: etree._Element, kind: str) -> Draft:
    return Draft(node, kind, retries=None)


def read_attributes(draft: Draft, report: Report) -> None:
    """Every camunda attribute of an element is read by somebody or refused."""
    known = {**_ASYNC, **_ATTRIBUTES.get(draft.kind, {})}
    for short, text in attributes(draft.node, CAMUNDA).items():
        if short in HARMLESS:
            continue
        if short in known:
            known[short](draft, text, report)
        elif short == "class":
            work7.java(draft.node, text, report)
        else:
            report.refuse(draft.node, f"camunda:{short} is not run by Ratchet in {a(draft.kind)}. {ADVICE.get(short, OTHERWISE)}")
    _refuse_zeebe(draft.node, report)


def read_extension(draft: Draft, node: etree._Element, report: Report) -> None:
    readers = {**_EXTENSIONS, **_EXTENSIONS_OF.get(draft.kind, {})}
    reader = readers.get(local(node)) if str(node.tag).startswith(CAMUNDA) else None
    if reader is None:
        report.refuse(node, f"<{prefixed(node)}> is not run by Ratchet in {a(draft.kind)}. {ADVICE.get(local(node), OTHERWISE)}")
    else:
        reader(draft, node, report)


def read_process(node: etree._Element, report: Report) -> ProcessDraft:
    """What the process itself says: how long it is kept, its tag, its listeners."""
    process = ProcessDraft()
    for short, text in attributes(node, CAMUNDA).items():
        if short == "versionTag":
            process.version_tag = text
        elif short == "historyTimeToLive":
            process.history_days = _days(node, text, report)
        elif short not in HARMLESS_OF_PROCESS:
            report.refuse(node, f"camunda:{short} is not run by Ratchet in a process. {OTHERWISE}")
    for extension in extensions(node):
        if extension.tag == listeners7.EXECUTION:
            process.listeners += [found for found in (listeners7.read(extension, listeners7.NODE_EVENTS, report),) if found]
        elif local(extension) not in {"properties", "potentialStarter"}:
            report.refuse_unknown(extension, "in a process")
    return process


def _days(node: etree._Element, text: str, report: Report) -> int | None:
    found = DAYS.fullmatch(text.strip())
    if text.strip() and found is None:
        report.refuse(node, f"historyTimeToLive is “{text}”; it must be a number of days, 30 or P30D.")
    return int(found[1] or found[2]) if found else None


def flow_listeners(node: etree._Element, report: Report) -> tuple[Listener, ...]:
    found = []
    for short in attributes(node, CAMUNDA):
        report.refuse(node, f"camunda:{short} is not run by Ratchet in a sequence flow. {OTHERWISE}")
    for extension in extensions(node):
        if extension.tag == listeners7.EXECUTION:
            found.append(listeners7.read(extension, listeners7.FLOW_EVENTS, report))
        elif extension.tag != f"{CAMUNDA}properties":
            report.refuse_unknown(extension, "in a sequence flow")
    return tuple(listener for listener in found if listener)


def correlation(draft: Draft, message: etree._Element, report: Report) -> Value | None:
    """The business key correlates."""
    return None


def undefined_error(node: etree._Element, reference: str, report: Report) -> Value | None:
    """In Camunda 7 a reference to no error of the file is the code itself."""
    return expression(reference, line_of(node))


def check_caught_code(node: etree._Element, code: Expression, report: Report) -> None:
    if code.language != "text":
        report.refuse(node, f"What is caught must have a code that is plain text, not “{code.source}”.")


def check_start_name(node: etree._Element, name: Expression, report: Report) -> None:
    if name.language != "text":
        report.refuse(node, f"The name “{name.source}” must be plain text: a process that has not begun has no variables.")


def check_timer(draft: Draft, node: etree._Element, kind: str, report: Report) -> None:
    """Every kind of timer may stand everywhere; a cycle that interrupts goes off once."""


def read_script(draft: Draft, node: etree._Element, report: Report) -> None:
    """`work7.finish_script` reads it with its attributes."""


def read_performer(draft: Draft, node: etree._Element, report: Report) -> None:
    work7.performer(draft, node, report)


def check_gateway(draft: Draft, outgoing: list[Flow], report: Report) -> None:
    """An exclusive gateway must lead somewhere, choose where it can, and know what to take."""
    if draft.kind != "exclusiveGateway":
        return
    plain = [flow.id for flow in outgoing if flow.condition is None and flow.id != draft.default]
    if not outgoing:
        report.refuse(draft.node, "The exclusive gateway leads nowhere; give it an outgoing flow or end here with an end event.")
    elif len(outgoing) == 1 and outgoing[0].condition is not None:
        report.refuse(draft.node, f"The only flow out of the gateway, “{outgoing[0].id}”, must not have a condition.")
    elif len(outgoing) > 1 and (draft.default or len(plain) > 1):
        for id in plain:
            report.refuse(draft.node, f"The flow “{id}” has no condition; give it one, or make it the default flow.")


def ignores_condition(source: Draft, flow: Flow) -> bool:
    """Who takes all flows looks at none of their conditions, and nobody at that of the default flow; an exclusive gateway refuses it."""
    return source.kind in TAKES_ALL or (flow.id == source.default and source.kind != "exclusiveGateway")


def finish(draft: Draft, process: ProcessDraft, report: Report) -> None:
    """Put together what attributes and extension elements said about one element."""
    if draft.outputs and (draft.kind == "endEvent" or draft.loop is not None):
        report.refuse(draft.node, "An output parameter has no place in an end event or a multi-instance; set the variable inside.")
    if draft.kind in _FINISH:
        _FINISH[draft.kind](draft, report)
    elif draft.kind == "startEvent" and draft.scope is None and (draft.event is None or process.initiator is None):
        process.initiator = attribute(draft.node, "initiator") or process.initiator
        process.start_form = draft.facts.get("user", {}).get("form") or process.start_form
    elif draft.kind == "startEvent" and draft.scope is not None and (attribute(draft.node, "initiator") or "user" in draft.facts):
        report.refuse(draft.node, "Only a start event of the process itself can have a form or an initiator.")


def _refuse_zeebe(node: etree._Element, report: Report) -> None:
    for short in attributes(node, ZEEBE):
        report.refuse(node, f"zeebe:{short} belongs to Camunda 8, but this file is one of Camunda 7. Remove it.")


def _async_before(draft: Draft, text: str, report: Report) -> None:
    """`async` is what older files call it."""
    draft.async_before = report.flag(draft.node, f"{CAMUNDA}asyncBefore") or report.flag(draft.node, f"{CAMUNDA}async")


def _async_after(draft: Draft, text: str, report: Report) -> None:
    draft.async_after = report.flag(draft.node, f"{CAMUNDA}asyncAfter")


def _user(target: str) -> Callable[[Draft, str, Report], None]:
    def read(draft: Draft, text: str, report: Report) -> None:
        if text.strip():  # a blank assignee means nobody
            draft.facts.setdefault("user", {})[target] = expression(text, line_of(draft.node))

    return read


def _form_key(draft: Draft, text: str, report: Report) -> None:
    if text.strip():
        forms7.keep(draft, forms7.read_key(text, line_of(draft.node)), report)


def _form_ref(draft: Draft, text: str, report: Report) -> None:
    if text.strip():
        forms7.keep(draft, forms7.read_reference(draft.node, report), report)


def _read_elsewhere(draft: Draft, text: str, report: Report) -> None:
    """`finish` reads it together with others."""


def _input_output(draft: Draft, node: etree._Element, report: Report) -> None:
    if draft.kind.endswith("Gateway") or draft.event_driven:
        called = "An event sub-process" if draft.event_driven else "A gateway"
        report.refuse(node, f"{called} has no variables of its own for an inputOutput.")
    parameters(node, draft.inputs, draft.outputs, report)


def _retry_cycle(draft: Draft, node: etree._Element, report: Report) -> None:
    draft.retry_cycle = expression(node.text or "", line_of(node))


OTHERWISE = "Remove it or model it another way."
ADVICE = {
    "connector": "Use one of Ratchet's delegates, or an external task.",
    "caseRef": "Cases (CMMN) are not run; call a process.",
    "caseBinding": "Cases (CMMN) are not run; call a process.",
    "variableMappingClass": "Use camunda:in and camunda:out.",
    "variableMappingDelegateExpression": "Use camunda:in and camunda:out.",
    "formHandlerClass": "Use a form key or generated form fields.",
    "resource": "Put the script's text into the model.",
}
_Attribute = Callable[[Draft, str, Report], None]
_ASYNC: dict[str, _Attribute] = {"asyncBefore": _async_before, "async": _async_before, "asyncAfter": _async_after}
_FORM: dict[str, _Attribute] = {
    "formKey": _form_key, "formRef": _form_ref, "formRefBinding": _read_elsewhere, "formRefVersion": _read_elsewhere,
}  # fmt: skip
_DECISION = ["decisionRef", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "decisionRefTenantId", "mapDecisionResult"]
_CALL = ["calledElementBinding", "calledElementVersion", "calledElementVersionTag", "calledElementTenantId"]  # nobody has tenants here
_ATTRIBUTES: dict[str, dict[str, _Attribute]] = {
    "userTask": {
        "assignee": _user("assignee"), "candidateUsers": _user("candidate_users"), "candidateGroups": _user("candidate_groups"),
        "dueDate": _user("due"), "followUpDate": _user("follow_up"), "priority": _user("priority"), **_FORM,
    },
    "startEvent": {"initiator": _read_elsewhere, **_FORM},
    "serviceTask": dict.fromkeys(IMPLEMENTATION, _read_elsewhere),
    "sendTask": dict.fromkeys(IMPLEMENTATION, _read_elsewhere),
    "businessRuleTask": dict.fromkeys([*IMPLEMENTATION, *_DECISION], _read_elsewhere),
    "scriptTask": dict.fromkeys(["resultVariable", "resultVariableName", "resource"], _read_elsewhere),
    "callActivity": dict.fromkeys(_CALL, _read_elsewhere),
}  # fmt: skip
_EXTENSIONS: dict[str, ReadExtension] = {
    "properties": read_properties,
    "executionListener": listeners7.on_element,
    "failedJobRetryTimeCycle": _retry_cycle,
    "inputOutput": _input_output,
}
_FIELD: dict[str, ReadExtension] = {"field": work7.read_field, "errorEventDefinition": work7.read_thrown}
_EXTENSIONS_OF: dict[str, dict[str, ReadExtension]] = {
    "userTask": {"taskListener": listeners7.on_user_task, "formData": forms7.read_fields, "formProperty": forms7.read_property},
    "startEvent": {"formData": forms7.read_fields, "formProperty": forms7.read_property},
    "serviceTask": _FIELD,
    "sendTask": _FIELD,
    "businessRuleTask": _FIELD,
    "callActivity": {"in": work7.pass_in, "out": work7.pass_out},
}
_FINISH: dict[str, Callable[[Draft, Report], None]] = {
    "userTask": work7.finish_user,
    "serviceTask": work7.finish_service,
    "sendTask": work7.finish_service,
    "businessRuleTask": work7.finish_service,
    "scriptTask": work7.finish_script,
    "callActivity": work7.finish_call,
}
