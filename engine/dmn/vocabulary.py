"""The only place that knows DMN's namespaces, elements and attributes: what is not in these tables is refused, never skipped."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.xml import MODELER, ZEEBE, line_of, local
from engine.errors import Problem

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"
LOGIC = ("decisionTable", "literalExpression", "context", "invocation", "list", "relation", "functionDefinition")
# notes for people, drawings and other tools; nothing in them can change what a decision gives
NOTES = frozenset((
    "description", "extensionElements", "knowledgeSource", "textAnnotation", "association", "group", "performanceIndicator",
    "organizationUnit", "elementCollection", "businessContextElement", "decisionService", "authorityRequirement", "question",
    "allowedAnswers", "decisionMaker", "decisionOwner", "impactedPerformanceIndicator", "impactingDecision", "supportedObjective",
    "usingProcess", "usingTask", "annotation", "annotationEntry",
))  # fmt: skip
_TEXT = ("text",), ("typeRef", "expressionLanguage")
_FUNCTION = ("formalParameter", *LOGIC), ("kind", "typeRef")
# element: its children besides notes, its attributes besides id, label and those of other tools
KNOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "definitions": (
        ("decision", "inputData", "businessKnowledgeModel", "itemDefinition"),
        ("name", "namespace", "expressionLanguage", "typeLanguage", "exporter", "exporterVersion"),
    ),
    "decision": (("variable", "informationRequirement", "knowledgeRequirement", *LOGIC), ("name",)),
    "inputData": (("variable",), ("name",)),
    "businessKnowledgeModel": (("variable", "encapsulatedLogic", "knowledgeRequirement"), ("name",)),
    "encapsulatedLogic": _FUNCTION,
    "functionDefinition": _FUNCTION,
    "variable": ((), ("name", "typeRef")),
    "parameter": ((), ("name", "typeRef")),
    "formalParameter": ((), ("name", "typeRef")),
    "informationRequirement": (("requiredDecision", "requiredInput"), ()),
    "knowledgeRequirement": (("requiredKnowledge",), ()),
    "requiredDecision": ((), ("href",)),
    "requiredInput": ((), ("href",)),
    "requiredKnowledge": ((), ("href",)),
    "decisionTable": (("input", "output", "rule"), ("hitPolicy", "aggregation", "preferredOrientation", "outputLabel", "typeRef")),
    "input": (("inputExpression", "inputValues"), ()),
    "inputExpression": _TEXT,
    "inputValues": _TEXT,
    "output": (("outputValues", "defaultOutputEntry"), ("name", "typeRef")),
    "outputValues": _TEXT,
    "defaultOutputEntry": _TEXT,
    "rule": (("inputEntry", "outputEntry"), ()),
    "inputEntry": _TEXT,
    "outputEntry": _TEXT,
    "literalExpression": _TEXT,
    "context": (("contextEntry",), ("typeRef",)),
    "contextEntry": (("variable", *LOGIC), ("typeRef",)),
    "list": (LOGIC, ("typeRef",)),
    "relation": (("column", "row"), ("typeRef",)),
    "column": ((), ("name", "typeRef")),
    "row": (LOGIC, ("typeRef",)),
    "invocation": (("binding", *LOGIC), ("typeRef",)),
    "binding": (("parameter", *LOGIC), ("typeRef",)),
    "itemDefinition": (("typeRef", "allowedValues", "typeConstraint", "itemComponent"), ("name", "typeLanguage", "isCollection")),
    "itemComponent": (("typeRef", "allowedValues", "typeConstraint", "itemComponent"), ("name", "typeLanguage", "isCollection")),
    "allowedValues": _TEXT,
    "typeConstraint": _TEXT,
    "typeRef": ((), ()),
    "text": ((), ()),
}
_ALWAYS = frozenset(("id", "label"))
_EXTENSIONS = frozenset((f"{ZEEBE}versionTag", f"{ZEEBE}properties", f"{CAMUNDA}properties"))
_CAMUNDA_KNOWN = {
    "definitions": {"diagramRelationId"},
    "decision": {"historyTimeToLive", "historyTimeToLiveString", "versionTag"},
    "input": {"inputVariable"},
}


@dataclass
class Findings:
    """The problems of one file, in the order in which they were met, and remarks on what may be a slip."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    remarks: list[tuple[int | None, str]] = field(default_factory=list)

    def refuse(self, node: etree._Element, message: str) -> None:
        self.problems.append(Problem(self.file, line_of(node), nearest_id(node), message))

    def remark(self, node: etree._Element, message: str) -> None:
        self.remarks.append((line_of(node), message))


def nearest_id(node: etree._Element | None) -> str | None:
    """The id of an element, or of the nearest one around it that has one."""
    while node is not None:
        if node.get("id") and local(node) != "definitions":
            return str(node.get("id"))
        node = node.getparent()
    return None


def dialect_of(root: etree._Element) -> str:
    """`zeebe` (Camunda 8) or `camunda`: what the modeler wrote down, else whether Camunda 8's extensions are used."""
    platform = root.get(f"{MODELER}executionPlatform", "")
    if platform:
        return "zeebe" if platform == "Camunda Cloud" else "camunda"
    return "zeebe" if any(str(node.tag).startswith(ZEEBE) for node in root.iter()) else "camunda"


def require_known(root: etree._Element, findings: Findings) -> None:
    """Refuse every element and attribute of DMN that Ratchet does not know where it stands."""
    namespace = etree.QName(root).namespace
    waiting = [root]
    while waiting:
        node = waiting.pop()
        children, attributes = KNOWN[local(node)]
        for name in node.attrib:
            _require_attribute(node, str(name), attributes, findings)
        for child in node:
            own = etree.QName(child).namespace == namespace
            if own and local(child) in children:
                waiting.append(child)
            elif own and local(child) not in NOTES:
                text = f"<{local(child)}> is not evaluated by Ratchet in <{local(node)}>. Remove it or model it another way."
                findings.refuse(child, text)
            elif not own:
                _require_drawing(child, findings)
            elif local(child) == "extensionElements":
                _require_extensions(child, findings)


def _require_drawing(node: etree._Element, findings: Findings) -> None:
    """Other namespaces are other tools' business and the drawing's; another version of DMN, or none, is a slip."""
    namespace = etree.QName(node).namespace or ""
    if not namespace or namespace in NAMESPACES:
        findings.refuse(node, f"<{local(node)}> is in the namespace “{namespace}”, not in that of its file. Correct it.")


def _require_extensions(node: etree._Element, findings: Findings) -> None:
    for child in node:
        if str(child.tag).startswith((ZEEBE, CAMUNDA)) and str(child.tag) not in _EXTENSIONS:
            findings.refuse(child, f"The extension <{local(child)}> is not known to Ratchet in a decision model. Remove it.")


def _require_attribute(node: etree._Element, name: str, known: tuple[str, ...], findings: Findings) -> None:
    if name.startswith(CAMUNDA):
        word = name.removeprefix(CAMUNDA)
        if word not in _CAMUNDA_KNOWN.get(local(node), ()):
            findings.refuse(node, f"The attribute camunda:{word} of <{local(node)}> is not known to Ratchet. Remove it.")
    elif not name.startswith("{") and name not in _ALWAYS and name not in known:
        findings.refuse(node, f"The attribute “{name}” of <{local(node)}> is not known in DMN. Correct its name or remove it.")
