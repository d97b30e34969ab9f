"""The Camunda 7 dialect: what stands in the camunda namespace, read into the neutral model."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.bpmn.draft import Draft, ProcessDraft, ReadExtension, Report, properties
from engine.bpmn.model import (
    Assign,
    DelegateWork,
    Expression,
    FormRef,
    JobWork,
    ListOf,
    MapOf,
    MessageWork,
    ScriptWork,
    UserWork,
    Value,
)  # fmt: skip
from engine.bpmn.xml import BPMN, CAMUNDA, attributes, line_of, local

NAME = "camunda"
SCRIPT_LANGUAGES = {
    "groovy": "groovy", "juel": "juel", "feel": "feel", "python": "python", "javascript": "javascript", "ecmascript": "javascript",
}  # fmt: skip
HARMLESS_ATTRIBUTES = {"modelerTemplate", "modelerTemplateVersion", "exclusive", "jobPriority"}
DELEGATE = re.compile(r"\s*[$#]\{\s*(\w+)\s*\}\s*")


def condition(node: etree._Element, report: Report) -> Expression:
    language = node.get("language", "").lower()
    if language:
        return Expression(_language(node, language, report), node.text or "", line_of(node))
    return expression(node.text or "", line_of(node))


def expression(text: str, line: int | None) -> Expression:
    """JUEL where the text has `${` or `#{`, else literal text."""
    return Expression("juel" if "${" in text or "#{" in text else "text", text.strip(), line)


def start_draft(node: etree._Element, kind: str) -> Draft:
    return Draft(node, kind, retries=None)


def read_attributes(draft: Draft, report: Report) -> None:
    """Every camunda attribute of an element is read by somebody or refused."""
    known = _ATTRIBUTES.get(draft.kind, {})
    for short, text in attributes(draft.node, CAMUNDA).items():
        if short in HARMLESS_ATTRIBUTES:
            continue
        if short == "class":
            advice = "Use camunda:delegateExpression with one of Ratchet's delegates, or an external task."
            report.refuse(draft.node, f"The Java class {text} cannot run here. {advice}")
        elif short in known:
            known[short](draft, text, report)
        else:
            report.refuse(draft.node, f"camunda:{short} is not run by Ratchet in a {draft.kind}. Remove it or model it another way.")


def read_process_extension(draft: ProcessDraft, node: etree._Element, report: Report) -> None:
    if node.tag != f"{CAMUNDA}properties":
        report.refuse_unknown(node, "in a process")


def finish(draft: Draft, process: ProcessDraft, report: Report) -> None:
    """Put together what attributes and extension elements said about one element."""
    if draft.kind == "userTask":
        draft.work = UserWork(**draft.user, signed=draft.properties.get("eSign", "").lower() == "true")
    elif draft.kind == "startEvent":
        process.initiator, process.start_form = draft.node.get(f"{CAMUNDA}initiator"), draft.user.get("form")
    elif draft.kind in {"serviceTask", "sendTask", "businessRuleTask"}:
        _finish_service(draft, report)


def _finish_service(draft: Draft, report: Report) -> None:
    node = draft.node
    if node.get(f"{CAMUNDA}type") == "external":
        draft.work = JobWork(expression(node.get(f"{CAMUNDA}topic", ""), line_of(node)))
        draft.retries = 3
    if isinstance(draft.work, ScriptWork):
        draft.work = ScriptWork(draft.work.expression, node.get(f"{CAMUNDA}resultVariable"))
    if draft.work is None and node.get(f"{CAMUNDA}class") is None:
        report.refuse(node, "This task says nothing about what to do; give it a delegate expression.")


def message(node: etree._Element, definition: etree._Element, report: Report) -> MessageWork:
    """The message that a catch event or receive task waits for; the business key correlates it."""
    return MessageWork(expression(definition.get("name", ""), line_of(definition)))


def script(draft: Draft, report: Report) -> None:
    """A script task: its language, its text, the variable for its value."""
    node, content = draft.node, draft.node.find(f"{BPMN}script")
    if content is None:
        report.refuse(node, "The script task has no script.")
        return
    language = _language(node, node.get("scriptFormat", "").lower(), report)
    draft.work = ScriptWork(Expression(language, content.text or "", line_of(content)), node.get(f"{CAMUNDA}resultVariable"))


def _language(node: etree._Element, name: str, report: Report) -> str:
    if name not in SCRIPT_LANGUAGES:
        report.refuse(node, f"Scripts in “{name or 'no language'}” are not run by Ratchet; use {', '.join(SCRIPT_LANGUAGES)}.")
    return SCRIPT_LANGUAGES.get(name, "text")


def _user(target: str) -> Callable[[Draft, str, Report], None]:
    def read(draft: Draft, text: str, report: Report) -> None:
        if text.strip():  # a blank assignee means nobody
            draft.user[target] = expression(text, line_of(draft.node))

    return read


def _form(draft: Draft, text: str, report: Report) -> None:
    draft.user["form"] = FormRef(text.strip())


def _delegate(draft: Draft, text: str, report: Report) -> None:
    found = DELEGATE.fullmatch(text)
    if found is None:
        report.refuse(draft.node, f"The delegate expression “{text}” must name one delegate, like ${{dataFactoryConnectorCreateDelegate}}.")
        return
    draft.work = DelegateWork(found[1])


def _service_expression(draft: Draft, text: str, report: Report) -> None:
    draft.work = ScriptWork(expression(text, line_of(draft.node)))


def _read_elsewhere(draft: Draft, text: str, report: Report) -> None:
    """`finish` or `script` reads it together with others."""


def _input_output(draft: Draft, node: etree._Element, report: Report) -> None:
    for parameter in node:
        name = parameter.get("name")
        if not name:
            report.refuse(parameter, "A parameter needs a name.")
        elif local(parameter) == "inputParameter":
            draft.inputs.append(Assign(name, _parameter(parameter, report), transient=True))
        else:
            draft.outputs.append(Assign(name, _parameter(parameter, report)))


def _parameter(node: etree._Element, report: Report) -> Value:
    """The value of a parameter, list item or map entry: text, a list, a map or a script."""
    children = list(node)
    if not children:
        return expression(node.text or "", line_of(node))
    inner = children[0]
    reader = _STRUCTURES.get(inner.tag)
    if reader is None:
        report.refuse_unknown(inner, "in a parameter")
        return expression("", line_of(node))
    return reader(inner, report)


def _list(node: etree._Element, report: Report) -> Value:
    return ListOf(tuple(_parameter(item, report) for item in node))


def _map(node: etree._Element, report: Report) -> Value:
    return MapOf(tuple((item.get("key", ""), _parameter(item, report)) for item in node))


def _script_value(node: etree._Element, report: Report) -> Value:
    return Expression(_language(node, node.get("scriptFormat", "").lower(), report), node.text or "", line_of(node))


_STRUCTURES: dict[str, Callable[[etree._Element, Report], Value]] = {
    f"{CAMUNDA}list": _list,
    f"{CAMUNDA}map": _map,
    f"{CAMUNDA}script": _script_value,
}
EXTENSIONS: dict[str, ReadExtension] = {
    f"{CAMUNDA}inputOutput": _input_output,
    f"{CAMUNDA}properties": properties,
}
_SERVICE: dict[str, Callable[[Draft, str, Report], None]] = {
    "delegateExpression": _delegate, "expression": _service_expression, "resultVariable": _read_elsewhere,
    "type": _read_elsewhere, "topic": _read_elsewhere,
}  # fmt: skip
_ATTRIBUTES: dict[str, dict[str, Callable[[Draft, str, Report], None]]] = {
    "userTask": {
        "assignee": _user("assignee"), "candidateUsers": _user("candidate_users"), "candidateGroups": _user("candidate_groups"),
        "dueDate": _user("due"), "followUpDate": _user("follow_up"), "priority": _user("priority"), "formKey": _form, "formRef": _form,
        "formRefBinding": _read_elsewhere,
    },
    "startEvent": {"initiator": _read_elsewhere, "formKey": _form, "formRef": _form, "formRefBinding": _read_elsewhere},
    "serviceTask": _SERVICE,
    "sendTask": _SERVICE,
    "businessRuleTask": _SERVICE,
    "scriptTask": {"resultVariable": _read_elsewhere},
}  # fmt: skip
