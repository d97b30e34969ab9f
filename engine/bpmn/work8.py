"""What an element of Camunda 8 does: job types, scripts, decisions, calls, user tasks, and the listeners around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lxml import etree

from engine.bpmn.draft import Draft, ProcessDraft, Report, whole
from engine.bpmn.model import Binding, CallWork, DecisionWork, FormRef, JobWork, Listener, ScriptWork, UserWork
from engine.bpmn.values import Expression
from engine.bpmn.xml import ZEEBE, line_of, local

EMBEDDED_PREFIX = "camunda-forms:bpmn:"
DEFAULT_RETRIES = 3
BINDINGS = {"latest", "deployment", "versionTag"}
ELEMENT_EVENTS = {"start": "start", "end": "end"}
TASK_EVENTS = {
    "creating": "create", "create": "create", "assigning": "assignment", "assignment": "assignment", "completing": "complete",
    "complete": "complete",
}  # fmt: skip


def expression(text: str, line: int | None) -> Expression:
    """FEEL behind `=`, else literal text."""
    stripped = text.strip()
    return Expression("feel", stripped[1:].strip(), line) if stripped.startswith("=") else Expression("text", text, line)


def job(node: etree._Element, report: Report) -> tuple[JobWork, int]:
    """A job, and how often it is tried: once at first where an expression says it, since its failure is an incident at once."""
    type, text = expression(node.get("type", ""), line_of(node)), node.get("retries", "").strip() or str(DEFAULT_RETRIES)
    headers = {header.get("key", ""): header.get("value", "") for header in node.iterfind(f"{ZEEBE}taskHeaders/{ZEEBE}header")}
    number = whole(text.lstrip("="))
    if number is None and text.startswith("="):
        return JobWork(type, headers, expression(text, line_of(node))), 1
    if number is None or number < 0:
        report.refuse(node, f"The number of retries is “{text}”; it must be a whole number.")
    return JobWork(type, headers), DEFAULT_RETRIES if number is None else number


def task_definition(draft: Draft, node: etree._Element, report: Report) -> None:
    if not node.get("type", "").strip():
        report.refuse(node, "The task definition has no type.")
    work, draft.retries = job(node, report)
    _take_work(draft, node, work, report)


def script(draft: Draft, node: etree._Element, report: Report) -> None:
    source = node.get("expression", "").strip().removeprefix("=")
    if not source or not node.get("resultVariable"):
        report.refuse(node, "The script needs an expression and a result variable.")
    _take_work(draft, node, ScriptWork(Expression("feel", source, line_of(node)), node.get("resultVariable")), report)


def decision(draft: Draft, node: etree._Element, report: Report) -> None:
    if not node.get("decisionId", "").strip() or not node.get("resultVariable"):
        report.refuse(node, "The called decision needs a decision id and a result variable.")
    key = expression(node.get("decisionId", ""), line_of(node))
    _take_work(draft, node, DecisionWork(key, node.get("resultVariable"), "value", binding(node, report)), report)


def _take_work(draft: Draft, node: etree._Element, work: JobWork | ScriptWork | DecisionWork, report: Report) -> None:
    if draft.work is not None:
        report.refuse(node, "This says more than once what to do. Keep one.")
    draft.work = work


def call(draft: Draft, node: etree._Element, report: Report) -> None:
    """The process that a call activity calls; which variables go in depends on its input mappings, so `finish_call` follows."""
    line = line_of(node)
    text = node.get("processId") or node.get("processIdExpression") or ""
    if not text.strip():
        report.refuse(node, "The call activity does not say which process it calls; give it a process id.")
    if node.get("businessId"):
        report.refuse(node, "A business id for the called process is not run by Ratchet; remove it.")
    draft.work = CallWork(
        expression(text, line), binding(node, report), all_inputs=report.flag(node, "propagateAllParentVariables", True),
        all_outputs=report.flag(node, "propagateAllChildVariables", True),
    )  # fmt: skip


def finish_call(draft: Draft, report: Report) -> None:
    """Without all variables of the parent, the call activity's own go in; output mappings always see what comes back."""
    work = draft.work
    if not isinstance(work, CallWork):
        report.refuse(draft.node, "The call activity does not say which process it calls; give it a zeebe:calledElement.")
        return
    draft.work = replace(work, all_inputs=True, local_inputs=not work.all_inputs, all_outputs=work.all_outputs or bool(draft.outputs))


def binding(node: etree._Element, report: Report) -> Binding:
    """Which version is meant: latest, that of the same deployment, or one with a tag."""
    kind, tag = node.get("bindingType") or "latest", node.get("versionTag", "")
    if kind not in BINDINGS:
        report.refuse(node, f"bindingType is “{kind}”; it must be one of {', '.join(sorted(BINDINGS))}.")
    elif kind == "versionTag" and not tag:
        report.refuse(node, "bindingType is “versionTag”, but the version tag is missing.")
    return Binding(kind, Expression("text", tag, line_of(node)) if kind == "versionTag" else None)


def form(draft: Draft, node: etree._Element, report: Report) -> None:
    """A form that is not ours (a key or reference of another application) is kept by its name; nobody here can show it."""
    key = node.get("formId") or node.get("formKey") or node.get("externalReference")
    bound = binding(node, report)
    if not key:
        report.refuse(node, "The form has neither a form id nor a form key.")
    elif key.strip().startswith("="):
        draft.facts["form"] = FormRef(key, binding=bound.kind, chosen=expression(key, line_of(node)))
    elif key.startswith(EMBEDDED_PREFIX):
        draft.facts["form"] = FormRef(key.removeprefix(EMBEDDED_PREFIX), embedded="")
    else:
        draft.facts["form"] = FormRef(key, binding=bound.kind, version=node.get("versionTag") if bound.value else None)


def user_facts(names: dict[str, str]) -> Callable[[Draft, etree._Element, Report], None]:
    """Reads attributes into facts about a user task: theirs → ours."""

    def read(draft: Draft, node: etree._Element, report: Report) -> None:
        for theirs, ours in names.items():
            if node.get(theirs, "").strip():
                draft.facts[ours] = expression(node.get(theirs, ""), line_of(node))

    return read


def finish_user(draft: Draft, process: ProcessDraft, report: Report) -> None:
    known = {name: draft.facts[name] for name in USER_FACTS if name in draft.facts}
    known["form"] = _found(draft, process, report)
    signed = draft.properties.get("eSign", "").lower() == "true"
    draft.properties.update(draft.headers)
    draft.work = UserWork(**known, signed=signed)


def finish_start(draft: Draft, process: ProcessDraft, report: Report) -> None:
    if draft.scope is not None or "definition" in draft.facts:
        report.refuse(draft.node, "Only a start event of the process itself, without a trigger, can have a form.")
    process.start_form = _found(draft, process, report)


def _found(draft: Draft, process: ProcessDraft, report: Report) -> FormRef | None:
    """The form that was named; an embedded one with the schema that stands in the process."""
    form: FormRef | None = draft.facts.get("form")
    if form is None or form.embedded is None:
        return form
    if form.key not in process.embedded_forms:
        report.refuse(draft.node, f"The embedded form “{form.key}” does not stand in this process.")
    return FormRef(form.key, process.embedded_forms.get(form.key, ""))


def ad_hoc(draft: Draft, node: etree._Element, report: Report) -> None:
    line, said = line_of(node), dict[str, Any]()
    if node.get("activeElementsCollection"):
        said["active"] = expression(node.get("activeElementsCollection", ""), line)
    if bool(node.get("outputCollection")) != bool(node.get("outputElement")):
        report.refuse(node, "An output needs both: the collection and what each element adds to it.")
    elif node.get("outputElement"):
        said |= {"output": node.get("outputCollection"), "output_item": expression(node.get("outputElement", ""), line)}
    draft.facts["ad hoc"] = said


def listeners(kind: str, events: dict[str, str]) -> Callable[[etree._Element, Report], list[Listener]]:
    """Reads `executionListeners` or `taskListeners`: jobs around an element's life."""

    def read(node: etree._Element, report: Report) -> list[Listener]:
        found = []
        for child in node:
            event = events.get(child.get("eventType", ""))
            if local(child) != kind or event is None:
                report.refuse(child, f"A listener for “{child.get('eventType', '')}” is not run here; it can be for {', '.join(events)}.")
            elif not child.get("type", "").strip():
                report.refuse(child, "The listener has no job type.")
            else:
                found.append(Listener(event, *job(child, report)))
        return found

    return read


execution_listeners = listeners("executionListener", ELEMENT_EVENTS)
task_listeners = listeners("taskListener", TASK_EVENTS)
USER_FACTS = ("form", "assignee", "candidate_users", "candidate_groups", "due", "follow_up", "priority")
