"""What an activity or message event of Camunda 7 does: delegates, expressions, external tasks, decisions, calls, scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.bpmn.draft import Draft, Report
from engine.bpmn.model import CallWork, DecisionWork, DelegateWork, JobWork, ScriptWork, UserWork, Work
from engine.bpmn.triggers import ErrorEvent, ThrownIf
from engine.bpmn.values import Assign
from engine.bpmn.values7 import Passed, attribute, binding, expression, pass_on, script
from engine.bpmn.xml import BPMN, line_of, local

EXTERNAL_RETRIES = 3
DELEGATE = re.compile(r"\s*[$#]\{\s*(\w+)\s*\}\s*")
MAPPINGS = {"singleEntry", "singleResult", "collectEntries", "resultList"}
JAVA = "The Java class {0} cannot run here. Use camunda:delegateExpression with one of Ratchet's delegates, or an external task."
OTHER_TYPES = {
    "mail": "Mail tasks are not run by Ratchet; send mail from an external task.",
    "shell": "Shell tasks are not run by Ratchet; run the program in an external task.",
}
POTENTIAL = re.compile(r"\s*(user|group)\s*\((.*)\)\s*", re.DOTALL)


def service(draft: Draft, node: etree._Element, report: Report) -> Work | None:
    """What a service-like task, or the message that an event throws, does. `node` carries the attributes. None: nothing is said."""
    given = [name for name in _IMPLEMENTATIONS if attribute(node, name)]
    if len(given) > 1:
        report.refuse(node, f"This says more than once what to do ({', '.join(given)}). Keep one.")
    return _IMPLEMENTATIONS[given[0]](draft, node, report) if given else None


def delegate(node: etree._Element, text: str, report: Report) -> DelegateWork | None:
    """One delegate by its name."""
    found = DELEGATE.fullmatch(text)
    if found is None:
        report.refuse(node, f"The delegate expression “{text}” must name one delegate, like ${{dataFactoryConnectorCreateDelegate}}.")
        return None
    return DelegateWork(found[1])


def java(node: etree._Element, name: str, report: Report) -> None:
    report.refuse(node, JAVA.format(name))


def result(node: etree._Element) -> str | None:
    """The variable for the value; older files call it resultVariableName."""
    return attribute(node, "resultVariable") or attribute(node, "resultVariableName") or None


def _class(draft: Draft, node: etree._Element, report: Report) -> None:
    java(node, attribute(node, "class"), report)


def _delegate(draft: Draft, node: etree._Element, report: Report) -> Work | None:
    if result(node):
        report.refuse(node, "A delegate has no single result; take resultVariable out and use an output parameter.")
    return delegate(node, attribute(node, "delegateExpression"), report)


def _expression(draft: Draft, node: etree._Element, report: Report) -> Work:
    return ScriptWork(expression(attribute(node, "expression"), line_of(node)), result(node))


def _typed(draft: Draft, node: etree._Element, report: Report) -> Work | None:
    kind = attribute(node, "type")
    if kind != "external":
        report.refuse(node, OTHER_TYPES.get(kind, f"The type “{kind}” is not run by Ratchet; use an external task."))
        return None
    if not attribute(node, "topic"):
        report.refuse(node, "An external task needs a topic, by which its worker finds it.")
    draft.retries = EXTERNAL_RETRIES
    return JobWork(expression(attribute(node, "topic"), line_of(node)), errors=tuple(draft.facts.get("thrown", ())))


def read_thrown(draft: Draft, node: etree._Element, report: Report) -> None:
    """`camunda:errorEventDefinition`: the BPMN error that an external task's answer becomes where an expression holds."""
    reference, condition = node.get("errorRef", ""), node.get("expression", "")
    roots = node.getroottree().getroot().iterfind(f"{BPMN}error")
    code = next((error.get("errorCode") for error in roots if error.get("id") == reference), reference)
    if not code or not condition:
        report.refuse(node, "An error event definition of an external task needs an errorRef and an expression.")
    error = ErrorEvent(expression(code or "", line_of(node)), code_variable=None)
    draft.facts.setdefault("thrown", []).append(ThrownIf(error, expression(condition, line_of(node))))


def _decision(draft: Draft, node: etree._Element, report: Report) -> Work:
    mapping = attribute(node, "mapDecisionResult") or "resultList"
    if mapping not in MAPPINGS:
        report.refuse(node, f"mapDecisionResult is “{mapping}”; it must be one of {', '.join(sorted(MAPPINGS))}.")
    key = expression(attribute(node, "decisionRef"), line_of(node))
    return DecisionWork(key, result(node), mapping, binding(node, "decisionRef", report))


_IMPLEMENTATIONS: dict[str, Callable[[Draft, etree._Element, Report], Work | None]] = {
    "class": _class,
    "delegateExpression": _delegate,
    "expression": _expression,
    "type": _typed,
    "decisionRef": _decision,
}


def read_field(draft: Draft, node: etree._Element, report: Report) -> None:
    """A field that Camunda would put into a delegate is an input of ours."""
    name, texts = node.get("name"), [node.get("stringValue"), node.get("expression"), *(child.text or "" for child in node)]
    given = [text for text in texts if text is not None]
    if not name or len(given) != 1:
        report.refuse(node, "A field needs a name and one value: a string or an expression.")
    else:
        draft.inputs.append(Assign(name, expression(given[0], line_of(node)), transient=True))


def finish_service(draft: Draft, report: Report) -> None:
    draft.work = service(draft, draft.node, report)
    said = draft.work or draft.event or any(attribute(draft.node, name) for name in _IMPLEMENTATIONS)
    if not said:
        report.refuse(draft.node, "This task says nothing about what to do; give it a delegate expression.")


def finish_script(draft: Draft, report: Report) -> None:
    """A script task: its language, its text, the variable for its value."""
    content = draft.node.find(f"{BPMN}script")
    if attribute(draft.node, "resource"):
        report.refuse(draft.node, "A script in a file of its own (resource) is not run by Ratchet; put its text into the model.")
    elif content is None:
        report.refuse(draft.node, "The script task has no script.")
    else:
        draft.work = ScriptWork(script(content, draft.node.get("scriptFormat", "juel"), report), result(draft.node))


def finish_user(draft: Draft, report: Report) -> None:
    signed = draft.properties.get("eSign", "").lower() == "true"
    named = expression(draft.node.get("name", ""), line_of(draft.node))
    draft.work = UserWork(**draft.facts.get("user", {}), signed=signed, name=named if named.language == "juel" else None)


def performer(draft: Draft, node: etree._Element, report: Report) -> None:
    """BPMN's own way to say who: an assignee, or candidates as user(ann), group(office)."""
    said = node.find(f"{BPMN}resourceAssignmentExpression/{BPMN}formalExpression")
    text = (said.text or "").strip() if said is not None else ""
    user = draft.facts.setdefault("user", {})
    if not text:
        report.refuse(node, f"The {local(node)} names nobody; give it a resourceAssignmentExpression with a formalExpression.")
    elif local(node) == "humanPerformer":
        user["assignee"] = expression(text, line_of(node))
    else:
        named = {"user": list[str](), "group": list[str]()}
        for part in text.split(","):
            found = POTENTIAL.fullmatch(part)
            named[found[1] if found else "group"].append((found[2] if found else part).strip())
        for kind, names in named.items():
            if names:
                user[f"candidate_{kind}s"] = expression(",".join(names), line_of(node))


def finish_call(draft: Draft, report: Report) -> None:
    node, into, back = draft.node, draft.facts.get("in", Passed()), draft.facts.get("out", Passed())
    if not node.get("calledElement", "").strip():
        report.refuse(node, "The call activity does not say which process it calls; set calledElement.")
    if back.business_key is not None:
        report.refuse(node, "A business key can only be passed into a called process.")
    draft.work = CallWork(
        expression(node.get("calledElement", ""), line_of(node)), binding(node, "calledElement", report), into.business_key,
        tuple(into.assigns), tuple(back.assigns), into.everything, back.everything, bool(into.local), bool(back.local),
    )  # fmt: skip


def pass_in(draft: Draft, node: etree._Element, report: Report) -> None:
    _pass(draft, "in", node, report)


def pass_out(draft: Draft, node: etree._Element, report: Report) -> None:
    _pass(draft, "out", node, report)


def _pass(draft: Draft, way: str, node: etree._Element, report: Report) -> None:
    pass_on(draft.facts.setdefault(way, Passed()), node, report)

