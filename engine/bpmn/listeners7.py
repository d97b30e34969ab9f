"""Listeners of Camunda 7: work done when something happens to a process, an element, a flow or a user task."""

from __future__ import annotations

from lxml import etree

from engine.bpmn import values7, work7
from engine.bpmn.draft import Draft, Report
from engine.bpmn.model import Listener, ScriptWork, Work
from engine.bpmn.xml import CAMUNDA, line_of, local

NODE_EVENTS = {"start", "end"}
FLOW_EVENTS = {"take"}
TASK_EVENTS = {"create", "assignment", "update", "complete", "delete"}
TIMEOUT = "A task listener for timeouts is not run by Ratchet; draw a timer boundary event that does not interrupt."
FIELD = "Fields of a listener are not run by Ratchet; give the delegate what it needs as process variables."


def on_element(draft: Draft, node: etree._Element, report: Report) -> None:
    _append(draft.listeners, read(node, NODE_EVENTS, report))


def on_user_task(draft: Draft, node: etree._Element, report: Report) -> None:
    if draft.kind != "userTask":
        report.refuse(node, "Only a user task has task listeners; use an execution listener.")
    elif node.get("event") == "timeout":
        report.refuse(node, TIMEOUT)
    else:
        _append(draft.listeners, read(node, TASK_EVENTS, report))


def read(node: etree._Element, events: set[str], report: Report) -> Listener | None:
    """One listener. On a flow the event may be left out."""
    event = node.get("event") or ("take" if events == FLOW_EVENTS else "")
    if event not in events:
        report.refuse(node, f"The listener is for “{event}”; here it can be for {', '.join(sorted(events))}.")
        return None
    work = _work(node, report)
    return Listener(event, work) if work else None


def _work(node: etree._Element, report: Report) -> Work | None:
    scripts = [child for child in node if local(child) == "script"]
    if any(local(child) == "field" for child in node):
        report.refuse(node, FIELD)
    given = [name for name in ("class", "delegateExpression", "expression") if node.get(name)]
    if len(given) + len(scripts) != 1:
        report.refuse(node, "A listener needs exactly one of expression, delegateExpression and a script.")
    elif scripts:
        return ScriptWork(values7.script(scripts[0], scripts[0].get("scriptFormat", ""), report))
    elif given == ["expression"]:
        return ScriptWork(values7.expression(node.get("expression", ""), line_of(node)))
    elif given == ["delegateExpression"]:
        return work7.delegate(node, node.get("delegateExpression", ""), report)
    else:
        work7.java(node, node.get("class", ""), report)
    return None


def _append(listeners: list[Listener], listener: Listener | None) -> None:
    if listener is not None:
        listeners.append(listener)


EXECUTION = f"{CAMUNDA}executionListener"
