"""Values as Camunda 7 writes them: JUEL and scripts, parameters with lists and maps, and what passes in and out of a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.draft import Report
from engine.bpmn.model import Binding
from engine.bpmn.values import Assign, Expression, ListOf, MapOf, Value
from engine.bpmn.xml import CAMUNDA, line_of, local

SCRIPT_LANGUAGES = {
    "groovy": "groovy", "juel": "juel", "feel": "feel", "python": "python", "jython": "python", "javascript": "javascript",
    "ecmascript": "javascript", "graal.js": "javascript", "nashorn": "javascript",
}  # fmt: skip
BINDINGS = {"latest", "deployment", "version", "versionTag"}
NOTHING = "null"


def expression(text: str, line: int | None) -> Expression:
    """JUEL where the text has `${` or `#{`, else literal text."""
    return Expression("juel" if "${" in text or "#{" in text else "text", text.strip(), line)


def collection(text: str, line: int | None) -> Expression:
    """A collection is an expression or the bare name of a variable."""
    return expression(text, line) if "{" in text else Expression("variable", text.strip(), line)


def variable(name: str, line: int | None) -> Expression:
    return Expression("variable", name.strip(), line)


def attribute(node: etree._Element, name: str) -> str:
    """A camunda attribute, "" where it does not stand."""
    return node.get(f"{CAMUNDA}{name}", "").strip()


def script(node: etree._Element, language: str, report: Report) -> Expression:
    """The text of an element as a script in a language, which must be one of ours."""
    if node.get("resource") or attribute(node, "resource"):
        report.refuse(node, "A script in a file of its own (resource) is not run by Ratchet; put its text into the model.")
    name = language.strip().lower()
    if not name:
        report.refuse(node, f"The script does not say its language; set scriptFormat to one of {', '.join(SCRIPT_LANGUAGES)}.")
    elif name not in SCRIPT_LANGUAGES:
        report.refuse(node, f"Scripts in “{language}” are not run by Ratchet; use {', '.join(SCRIPT_LANGUAGES)}.")
    return Expression(SCRIPT_LANGUAGES.get(name, "text"), node.text or "", line_of(node))


def parameters(node: etree._Element, inputs: list[Assign], outputs: list[Assign], report: Report) -> None:
    """What `camunda:inputOutput` says. Inputs are transient, which to JUEL makes no difference but that `.value` may stand behind them."""
    for parameter in node:
        name, kind = parameter.get("name"), local(parameter)
        if not name:
            report.refuse(parameter, "A parameter needs a name.")
        elif kind == "inputParameter":
            inputs.append(Assign(name, value(parameter, report), transient=True))
        elif kind == "outputParameter":
            outputs.append(Assign(name, value(parameter, report)))


def value(node: etree._Element, report: Report) -> Value:
    """The value of a parameter, list item or map entry: text, a list, a map or a script. An empty one is nothing."""
    line = line_of(node)
    if not len(node):
        text = (node.text or "").strip()
        return expression(text, line) if text else Expression("feel", NOTHING, line)
    reader = _STRUCTURES.get(node[0].tag)
    if reader is None or len(node) > 1:
        report.refuse(node, "A parameter has one value: text, a list, a map or a script.")
        return Expression("feel", NOTHING, line)
    return reader(node[0], report)


def _list(node: etree._Element, report: Report) -> Value:
    return ListOf(tuple(_item(item, report) for item in node))


def _map(node: etree._Element, report: Report) -> Value:
    return MapOf(tuple((item.get("key", ""), value(item, report)) for item in node))


def _item(node: etree._Element, report: Report) -> Value:
    """An item of a list is a `value` element, or a script, list or map itself."""
    reader = _STRUCTURES.get(node.tag)
    return reader(node, report) if reader else value(node, report)


def _script_value(node: etree._Element, report: Report) -> Value:
    return script(node, node.get("scriptFormat", ""), report)


_STRUCTURES: dict[str, Callable[[etree._Element, Report], Value]] = {
    f"{CAMUNDA}list": _list,
    f"{CAMUNDA}map": _map,
    f"{CAMUNDA}script": _script_value,
}


@dataclass
class Passed:
    """What several `camunda:in` or `camunda:out` elements say together. `local`: of the activity's own scope only; None: nobody said."""

    assigns: list[Assign] = field(default_factory=list)
    everything: bool = False
    business_key: Value | None = None
    local: bool | None = None


def pass_on(passed: Passed, node: etree._Element, report: Report) -> None:
    """Add what one `camunda:in` or `camunda:out` says."""
    line, said = line_of(node), {name: node.get(name, "").strip() for name in ("source", "sourceExpression", "target", "variables")}
    if node.get("businessKey"):
        if any(said.values()):
            report.refuse(node, "A business key stands alone; pass variables by elements of their own.")
        passed.business_key = expression(node.get("businessKey", ""), line)
        return
    own = report.flag(node, "local")
    if passed.local not in {None, own}:
        report.refuse(node, "local must be said of all mappings in this direction or of none.")
    passed.local = own
    if said["variables"]:
        passed.everything = True
        if said["variables"] != "all":
            report.refuse(node, f"variables is “{said['variables']}”; it can only be “all”.")
    elif not said["target"] or bool(said["source"]) == bool(said["sourceExpression"]):
        report.refuse(node, "A mapping needs a target and either a source or a sourceExpression.")
    else:
        source = variable(said["source"], line) if said["source"] else expression(said["sourceExpression"], line)
        passed.assigns.append(Assign(said["target"], source))


def binding(node: etree._Element, prefix: str, report: Report) -> Binding:
    """Which version is meant: `calledElementBinding` and its like, with the version or tag that goes with it."""
    kind = attribute(node, f"{prefix}Binding") or "latest"
    if kind not in BINDINGS:
        report.refuse(node, f"{prefix}Binding is “{kind}”; it must be one of {', '.join(sorted(BINDINGS))}.")
    wanted = {"version": f"{prefix}Version", "versionTag": f"{prefix}VersionTag"}.get(kind)
    text = attribute(node, wanted) if wanted else ""
    if wanted and not text:
        report.refuse(node, f"{prefix}Binding is “{kind}”, but {wanted} is missing.")
    return Binding(kind, expression(text, line_of(node)) if text else None)
