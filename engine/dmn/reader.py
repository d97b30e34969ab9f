"""The only place that reads DMN files: definitions 1.1 to 1.5 → decisions with everything that they require (DMN 1.3, chapter 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from engine.bpmn.xml import ZEEBE, line_of, local, parse
from engine.dmn import boxed_reader
from engine.dmn.boxed_reader import Reading, function_of, logic_of, text_of
from engine.dmn.model import Decision, Knowledge
from engine.dmn.requirements import circle, in_order
from engine.dmn.table_reader import read_table
from engine.dmn.texts import Text
from engine.dmn.vocabulary import CAMUNDA, NAMESPACES, Findings, dialect_of, require_known
from engine.errors import DeploymentRefused, Problem

LOGIC_READERS = {**boxed_reader.READERS, "decisionTable": read_table}


def read(content: bytes, file: str) -> list[Decision]:
    """The decisions of a file, in its order. Raises `DeploymentRefused` with everything that stands in the way, each with its line."""
    root = parse(content, file)
    namespace = etree.QName(root).namespace or ""
    if namespace not in NAMESPACES or local(root) != "definitions":
        message = f"This is no DMN file: Ratchet reads <definitions> of DMN {', '.join(sorted(set(NAMESPACES.values())))}."
        raise DeploymentRefused([Problem(file, line_of(root), None, message)])
    findings = Findings(file)
    require_known(root, findings)
    decisions = _read(root, namespace, findings)
    if not decisions and not findings.problems:
        findings.refuse(root, "There is no decision in this file.")
    if findings.problems:
        raise DeploymentRefused(sorted(findings.problems, key=lambda problem: problem.line or 0))
    return decisions


@dataclass(frozen=True)
class _Graph:
    """The nodes of a requirements graph by id: decisions, knowledge models, the names of input data."""

    decisions: dict[str, etree._Element]
    knowledge: dict[str, etree._Element]
    inputs: dict[str, etree._Element]


def _read(root: etree._Element, namespace: str, findings: Findings) -> list[Decision]:
    dialect = dialect_of(root)
    plain = Reading(namespace, dialect, root.get("expressionLanguage"), {}, findings, LOGIC_READERS)
    reading = replace(plain, types=_types(root, plain))
    graph = _Graph(*(_by_id(reading.children(root, kind), reading) for kind in ("decision", "businessKnowledgeModel", "inputData")))
    knowledge = {id: _knowledge(node, graph, reading) for id, node in graph.knowledge.items()}
    _refuse_circle({id: one.requires for id, one in knowledge.items()}, graph.knowledge, findings)
    decisions = [_decision(node, root, graph, reading) for node in graph.decisions.values()]
    _refuse_circle({one.id: one.requires for one in decisions}, graph.decisions, findings)
    return [] if findings.problems else [_completed(one, knowledge, graph) for one in decisions]


def _by_id(nodes: Iterable[etree._Element], reading: Reading) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for node in nodes:
        id = node.get("id", "")
        if not id:
            reading.findings.refuse(node, f"The <{local(node)}> “{node.get('name', '')}” has no id. Give it one.")
        elif id in found:
            reading.findings.refuse(node, f"The id “{id}” is used twice. Change one.")
        found[id] = node
    return found


def _types(root: etree._Element, reading: Reading) -> dict[str, tuple[str | None, Text | None]]:
    """The file's own types by name: the built-in type that each stands for (None: nothing to convert to), and the values that it allows."""
    nodes = {node.get("name", ""): node for node in reading.children(root, "itemDefinition")}
    return {name: _type(node, nodes, reading) for name, node in nodes.items()}


def _type(node: etree._Element, nodes: dict[str, etree._Element], reading: Reading) -> tuple[str | None, Text | None]:
    allowed, seen = text_of(reading.child(node, "allowedValues"), reading, unary=True), set[str]()
    while True:
        inner = reading.child(node, "typeRef")
        name = "" if inner is None else (inner.text or "").strip().rsplit(":", 1)[-1]
        if node.get("isCollection") == "true" or not name or name in seen:
            return None, None
        if name not in nodes:
            return name, allowed
        seen.add(name)
        node = nodes[name]
        allowed = allowed or text_of(reading.child(node, "allowedValues"), reading, unary=True)


def _decision(node: etree._Element, root: etree._Element, graph: _Graph, reading: Reading) -> Decision:
    own = replace(reading, findings=Findings(reading.findings.file, reading.findings.problems))  # its own remarks, the file's problems
    id, variable = node.get("id", ""), own.child(node, "variable")
    name, drg = node.get("name") or id, root.get("id", "")
    required = _required(node, "informationRequirement", "requiredDecision", graph.decisions, own)
    _required(node, "informationRequirement", "requiredInput", graph.inputs, own)
    return Decision(
        id=id, name=name, drg=drg, drg_name=root.get("name") or drg, dialect=own.dialect,
        logic=logic_of(node, own, f"The decision “{name}”"), variable=_called(variable) or id,
        file=own.findings.file, line=line_of(node), version_tag=_version_tag(node), requires=required,
        calls=_required(node, "knowledgeRequirement", "requiredKnowledge", graph.knowledge, own), remarks=tuple(own.findings.remarks),
    )  # fmt: skip


def _knowledge(node: etree._Element, graph: _Graph, reading: Reading) -> Knowledge:
    logic, variable = reading.child(node, "encapsulatedLogic"), reading.child(node, "variable")
    requires = _required(node, "knowledgeRequirement", "requiredKnowledge", graph.knowledge, reading)
    name = _called(variable) or _called(node) or node.get("id", "")
    if logic is None:
        reading.findings.refuse(node, f"The business knowledge model “{name}” has no logic. Give it a function.")
    return Knowledge(node.get("id", ""), name, function_of(node if logic is None else logic, reading), requires)


def _called(node: etree._Element | None) -> str:
    return "" if node is None else (node.get("name") or "").strip()


def _required(node: etree._Element, requirement: str, kind: str, known: dict[str, etree._Element], reading: Reading) -> tuple[str, ...]:
    """The ids that requirements of a kind lead to; refused where they lead to nothing in this file."""
    found = []
    for one in (inner for outer in reading.children(node, requirement) for inner in reading.children(outer, kind)):
        space, _, id = one.get("href", "").rpartition("#")
        if space not in ("", node.getroottree().getroot().get("namespace")) or id not in known:
            text = f"<{kind}> leads to “{one.get('href', '')}”, which is not in this file. Add it, or remove the requirement."
            reading.findings.refuse(one, text)
        elif id not in found:
            found.append(id)
    return tuple(found)


def _version_tag(node: etree._Element) -> str | None:
    tag = next((each.get("value") for each in node.iter(f"{ZEEBE}versionTag")), None)
    return tag or node.get(f"{CAMUNDA}versionTag") or None


def _refuse_circle(requires: dict[str, tuple[str, ...]], nodes: dict[str, etree._Element], findings: Findings) -> None:
    if found := circle(requires):
        text = f"It requires itself: {' → '.join([*found, found[0]])}. Take one of these requirements away."
        findings.refuse(nodes[found[0]], text)


def _completed(decision: Decision, knowledge: dict[str, Knowledge], graph: _Graph) -> Decision:
    """The decision with the knowledge models that it may call, and the names that its texts may use."""
    models = in_order({id: one.requires for id, one in knowledge.items()}, *decision.calls)
    named = [*graph.inputs.values(), *(graph.decisions[id] for id in decision.requires)]
    variables = [child.get("name") for node in named for child in node if local(child) == "variable"]
    names = {*(node.get("name") for node in named), *variables, *(knowledge[id].name for id in models)}
    return replace(decision, knowledge=tuple(knowledge[id] for id in models), known=frozenset(name for name in names if name))
