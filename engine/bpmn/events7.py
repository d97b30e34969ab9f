"""What stands in the camunda namespace of event definitions and of multi-instance loops, read into arguments for the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.bpmn import work7
from engine.bpmn.dialect import extensions
from engine.bpmn.draft import Draft, Report, a
from engine.bpmn.events import throws
from engine.bpmn.values import Value
from engine.bpmn.values7 import Passed, collection, expression, pass_on
from engine.bpmn.xml import CAMUNDA, attributes, line_of, local

HARMLESS = {"modelerTemplate", "exclusive"}
OTHERWISE = "Remove it or model it another way."
CHANGES = {"create", "update", "delete"}
CARRIES = {"signalEventDefinition", "escalationEventDefinition"}
IMPLEMENTATION = ["class", "delegateExpression", "expression", "resultVariable", "resultVariableName", "type", "topic", "taskPriority"]

CAUGHT = {"errorCodeVariable", "errorMessageVariable", "escalationCodeVariable"}


def details(draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]:
    """What stands in the camunda namespace of an event definition or root element, as arguments for the model's event."""
    said: dict[str, Any] = {}
    if node is draft.node:  # a receive or send task, whose attributes are read with it
        return said
    _attributes(said, draft, node, report)
    passed = _passed(draft, node, report)
    if passed.assigns or passed.everything:
        said.update(inputs=tuple(passed.assigns), all_inputs=passed.everything)
    if local(node) == "messageEventDefinition" and throws(draft):
        draft.work = work7.service(draft, node, report)
        draft.facts["throws nothing"] = draft.work is None  # Camunda 7 passes a message event by that says neither what nor how
    return said


def _attributes(said: dict[str, Any], draft: Draft, node: etree._Element, report: Report) -> None:
    known = _DETAILS.get(local(node), {})
    for short, text in attributes(node, CAMUNDA).items():
        if short in known:
            known[short](said, node, text, report)
            if short in (CAUGHT if throws(draft) else IMPLEMENTATION):
                report.refuse(node, f"camunda:{short} has no place in an event that {'throws' if throws(draft) else 'catches'}. Remove it.")
        elif short not in HARMLESS:
            report.refuse(node, f"camunda:{short} is not run by Ratchet in {a(local(node))}. {OTHERWISE}")


def _passed(draft: Draft, node: etree._Element, report: Report) -> Passed:
    """The variables that a thrown signal or escalation takes along."""
    passed = Passed()
    for extension in extensions(node):
        if local(extension) == "in" and local(node) in CARRIES and throws(draft):
            pass_on(passed, extension, report)
        elif local(extension) == "field" and local(node) == "messageEventDefinition" and throws(draft):
            work7.read_field(draft, extension, report)
        elif local(extension) != "properties":
            report.refuse_unknown(extension, f"in {a(local(node))}")
    if passed.business_key is not None or passed.local:
        report.refuse(node, "An event carries variables only: a business key or local=true is not run here.")
    return passed


def loop(draft: Draft, node: etree._Element, report: Report) -> dict[str, Any]:
    """What stands in the camunda namespace of multi-instance loop characteristics."""
    said: dict[str, Any] = {"counts_from": 0, "undone_as_one": False}
    for short, text in attributes(node, CAMUNDA).items():
        if short in _LOOP:
            name, read = _LOOP[short]
            said[name] = read(node, text, report)
        elif short not in HARMLESS:
            report.refuse(node, f"camunda:{short} is not run by Ratchet in a multi-instance. {OTHERWISE}")
    for extension in extensions(node):
        if extension.tag == f"{CAMUNDA}failedJobRetryTimeCycle":
            draft.retry_cycle = expression(extension.text or "", line_of(extension))
        else:
            report.refuse_unknown(extension, "in a multi-instance")
    return said


def _name(target: str) -> Callable[[dict[str, Any], etree._Element, str, Report], None]:
    def read(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
        said[target] = text.strip() or None

    return read


def _names(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
    said["variables"] = frozenset({text.strip()} - {""})


def _message_text(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
    said["message"] = expression(text, line_of(node))


def _changes(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
    said["changes"] = frozenset(name.strip() for name in text.split(",") if name.strip())
    if not said["changes"] <= CHANGES:
        report.refuse(node, f"variableEvents is “{text}”; it can hold create, update and delete.")


def _later(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
    """A signal reaches other instances in steps of their own anyway."""
    report.flag(node, f"{CAMUNDA}async")


def _nothing(said: dict[str, Any], node: etree._Element, text: str, report: Report) -> None:
    """`work7.service` reads it."""


def _before(node: etree._Element, text: str, report: Report) -> bool:
    return report.flag(node, f"{CAMUNDA}asyncBefore") or report.flag(node, f"{CAMUNDA}async")


def _after(node: etree._Element, text: str, report: Report) -> bool:
    return report.flag(node, f"{CAMUNDA}asyncAfter")


def _collection(node: etree._Element, text: str, report: Report) -> Value:
    return collection(text, line_of(node))


def _variable(node: etree._Element, text: str, report: Report) -> str:
    return text.strip()


_Detail = Callable[[dict[str, Any], etree._Element, str, Report], None]
_DETAILS: dict[str, dict[str, _Detail]] = {
    "messageEventDefinition": dict.fromkeys(IMPLEMENTATION, _nothing),
    "signalEventDefinition": {"async": _later},
    "errorEventDefinition": {"errorCodeVariable": _name("code_variable"), "errorMessageVariable": _name("message_variable")},
    "error": {"errorMessage": _message_text},
    "escalationEventDefinition": {"escalationCodeVariable": _name("code_variable")},
    "conditionalEventDefinition": {"variableName": _names, "variableEvents": _changes},
}
_LOOP: dict[str, tuple[str, Callable[[etree._Element, str, Report], Any]]] = {
    "collection": ("collection", _collection),
    "elementVariable": ("item", _variable),
    "asyncBefore": ("async_before", _before),
    "async": ("async_before", _before),
    "asyncAfter": ("async_after", _after),
}
