"""The Camunda 8 dialect: what stands in the zeebe namespace, read into the neutral model."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.bpmn.draft import Draft, ProcessDraft, ReadExtension, Report, properties
from engine.bpmn.model import Assign, Expression, FormRef, JobWork, MessageWork, ScriptWork, UserWork
from engine.bpmn.xml import ZEEBE, attributes, line_of, local

NAME = "zeebe"
EMBEDDED_PREFIX = "camunda-forms:bpmn:"
DEFAULT_JOB_RETRIES = 3
HARMLESS_ATTRIBUTES = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"}
JOB_KINDS = {"serviceTask", "sendTask", "scriptTask", "businessRuleTask"}


def condition(node: etree._Element, report: Report) -> Expression:
    return expression(node.text or "", line_of(node))


def expression(text: str, line: int | None) -> Expression:
    """FEEL behind `=`, else literal text."""
    stripped = text.strip()
    return Expression("feel", stripped[1:].strip(), line) if stripped.startswith("=") else Expression("text", text, line)


def start_draft(node: etree._Element, kind: str) -> Draft:
    return Draft(node, kind, retries=0, keeps_results=True)


def read_attributes(draft: Draft, report: Report) -> None:
    for name in attributes(draft.node, ZEEBE):
        if name not in HARMLESS_ATTRIBUTES:
            report.refuse(draft.node, f"The attribute zeebe:{name} is not run by Ratchet. Remove it or model it another way.")


def read_process_extension(draft: ProcessDraft, node: etree._Element, report: Report) -> None:
    if node.tag == f"{ZEEBE}userTaskForm":
        draft.embedded_forms[node.get("id", "")] = node.text or ""
    elif node.tag not in {f"{ZEEBE}versionTag", f"{ZEEBE}properties"}:
        report.refuse_unknown(node, "in a process")


def finish(draft: Draft, process: ProcessDraft, report: Report) -> None:
    """Put together what several extension elements said about one activity."""
    if draft.kind == "userTask":
        signed = draft.properties.get("eSign", "").lower() == "true"
        form = draft.user.get("form")
        if isinstance(form, FormRef) and form.embedded is not None:
            form = _embedded(draft, form, process, report)
        draft.work = UserWork(**{**draft.user, "form": form}, signed=signed)
    elif isinstance(draft.work, JobWork):
        draft.work = JobWork(draft.work.type, draft.headers)
    elif draft.kind in JOB_KINDS and draft.work is None:
        report.refuse(draft.node, "This task says nothing about what to do; give it a task definition (a job type).")


def message(node: etree._Element, definition: etree._Element, report: Report) -> MessageWork | None:
    """The message that a catch event or receive task waits for."""
    subscription = definition.find(f".//{ZEEBE}subscription")
    key = subscription.get("correlationKey") if subscription is not None else None
    if not key:
        report.refuse(node, f"The message “{definition.get('name')}” has no correlation key; without one it cannot find its instance.")
        return None
    return MessageWork(expression(definition.get("name", ""), line_of(definition)), expression(key, line_of(definition)))


def script(draft: Draft, report: Report) -> None:
    """A script task's content stands in `zeebe:script` or is a job."""


def _task_definition(draft: Draft, node: etree._Element, report: Report) -> None:
    if not node.get("type"):
        report.refuse(node, "The task definition has no type.")
    retries = node.get("retries", str(DEFAULT_JOB_RETRIES)).lstrip("=").strip()
    if not retries.isdigit():
        report.refuse(node, f"The number of retries is “{retries}”; it must be a whole number.")
        return
    draft.retries = int(retries)
    draft.work = JobWork(expression(node.get("type", ""), line_of(node)))


def _io_mapping(draft: Draft, node: etree._Element, report: Report) -> None:
    for mapping in node:
        source, target = mapping.get("source"), mapping.get("target")
        if local(mapping) not in {"input", "output"} or source is None or not target:
            report.refuse(mapping, "A mapping needs a source and a target.")
            continue
        side = draft.inputs if local(mapping) == "input" else draft.outputs
        side.append(Assign(target, expression(source, line_of(mapping))))


def _task_headers(draft: Draft, node: etree._Element, report: Report) -> None:
    draft.headers.update({header.get("key", ""): header.get("value", "") for header in node})


def _script(draft: Draft, node: etree._Element, report: Report) -> None:
    source = node.get("expression", "").strip().removeprefix("=")
    draft.work = ScriptWork(Expression("feel", source, line_of(node)), node.get("resultVariable"))


def _user_task(draft: Draft, node: etree._Element, report: Report) -> None:
    """A marker: this engine has only one kind of user task."""


def _form_definition(draft: Draft, node: etree._Element, report: Report) -> None:
    key = node.get("formId") or node.get("formKey")
    if not key:
        report.refuse(node, "The form has neither a form id nor a form key.")
    elif key.startswith(EMBEDDED_PREFIX):
        draft.user["form"] = FormRef(key.removeprefix(EMBEDDED_PREFIX), embedded="")
    else:
        draft.user["form"] = FormRef(key)


def _embedded(draft: Draft, form: FormRef, process: ProcessDraft, report: Report) -> FormRef:
    if form.key not in process.embedded_forms:
        report.refuse(draft.node, f"The embedded form “{form.key}” does not stand in this process.")
    return FormRef(form.key, process.embedded_forms.get(form.key, ""))


def _from_attributes(names: dict[str, str]) -> Callable[[Draft, etree._Element, Report], None]:
    def read(draft: Draft, node: etree._Element, report: Report) -> None:
        for theirs, ours in names.items():
            if node.get(theirs):
                draft.user[ours] = expression(node.get(theirs, ""), line_of(node))

    return read


EXTENSIONS: dict[str, ReadExtension] = {
    f"{ZEEBE}taskDefinition": _task_definition,
    f"{ZEEBE}ioMapping": _io_mapping,
    f"{ZEEBE}taskHeaders": _task_headers,
    f"{ZEEBE}properties": properties,
    f"{ZEEBE}script": _script,
    f"{ZEEBE}userTask": _user_task,
    f"{ZEEBE}formDefinition": _form_definition,
    f"{ZEEBE}assignmentDefinition": _from_attributes(
        {"assignee": "assignee", "candidateUsers": "candidate_users", "candidateGroups": "candidate_groups"}
    ),
    f"{ZEEBE}taskSchedule": _from_attributes({"dueDate": "due", "followUpDate": "follow_up"}),
    f"{ZEEBE}priorityDefinition": _from_attributes({"priority": "priority"}),
}
