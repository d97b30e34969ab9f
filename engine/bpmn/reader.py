"""From a BPMN file to `Process`es, or to the problems that stand in the way: what Ratchet does not run is refused, never ignored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache

from lxml import etree

from engine.bpmn import camunda, rules, vocabulary, zeebe
from engine.bpmn.dialect import Dialect, Reading
from engine.bpmn.draft import Draft, Report
from engine.bpmn.events import DEFINITIONS
from engine.bpmn.model import Process
from engine.bpmn.nodes import Contents, walk
from engine.bpmn.rules import Whole
from engine.bpmn.xml import BPMN, CAMUNDA, MODELER, ZEEBE, local, parse, plain_attributes
from engine.errors import DeploymentRefused, Problem

MAX_ELEMENTS = 5_000
PROCESS = {"id", "name", "isExecutable", "isClosed", "processType", "definitionalCollaborationRef"}
REFERRED = {"message", "signal", "error", "escalation"}
EXPRESSIONS = {"conditionExpression", "completionCondition", "condition", "timeDate", "timeDuration", "timeCycle"}
HARMLESS_ROOTS = {
    "collaboration", "itemDefinition", "category", "dataStore", "interface", "resource", "correlationProperty", "endPoint", "import",
    "relationship", "documentation", "extensionElements", "extension", "partnerEntity", "partnerRole", "BPMNDiagram", "globalTask",
    "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask", *DEFINITIONS,
}  # fmt: skip


@lru_cache(maxsize=64)  # deployed files are read again when their first instance starts
def read(content: bytes, file: str) -> list[Process]:
    """The executable processes of a BPMN file. Raises `DeploymentRefused` with every problem: file, line, element, what to do."""
    root = parse(content, file)
    report = Report(file)
    if root.tag != f"{BPMN}definitions":
        report.refuse(root, "This is not a BPMN 2.0 file: its outermost element must be bpmn:definitions.")
        raise DeploymentRefused(report.problems)
    at = Reading(dialect_of(root), _roots(root, report), report, set())
    processes = [_read_process(node, at) for node in root.iterfind(f"{BPMN}process") if report.flag(node, "isExecutable")]
    if not processes and not report.problems:
        report.refuse(root, "No executable process stands in this file; set isExecutable on its process.")
    if report.problems:
        raise DeploymentRefused(_in_order(report.problems))
    return processes


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)


def dialect_of(root: etree._Element) -> Dialect:
    """The reader for the file's vendor extensions: what the modeler wrote down, else the namespace that is used, else declared."""
    platform = root.get(f"{MODELER}executionPlatform", "")
    if platform:
        return zeebe if platform == "Camunda Cloud" else camunda
    used = _namespaces_used(root)
    if used:
        return zeebe if ZEEBE in used else camunda
    declared = {f"{{{uri}}}" for uri in root.nsmap.values()}
    marked = ZEEBE in declared or any(_is_feel(node) for node in root.iter())
    return zeebe if marked and CAMUNDA not in declared else camunda


def _is_feel(node: etree._Element) -> bool:
    """Whether the text of an element, or what an event refers to, is an expression as only Camunda 8 marks them."""
    texts = (node.text, *(node.get(name) for name in ("name", "errorCode", "escalationCode") if local(node) in REFERRED))
    return local(node) in {*REFERRED, *EXPRESSIONS} and any(text and text.strip().startswith("=") for text in texts)


def _namespaces_used(root: etree._Element) -> set[str]:
    names = (str(name) for node in root.iter() for name in (node.tag, *node.attrib))
    return {namespace for name in names for namespace in (ZEEBE, CAMUNDA) if name.startswith(namespace)}


def _roots(root: etree._Element, report: Report) -> dict[tuple[str, str], etree._Element]:
    """What events refer to, by tag and id."""
    found: dict[tuple[str, str], etree._Element] = {}
    for node in root:
        if local(node) in REFERRED:
            if (local(node), node.get("id", "")) in found:
                report.refuse(node, f"The id “{node.get('id')}” is used twice.")
            found[local(node), node.get("id", "")] = node
            vocabulary.check(node, report)
        elif local(node) not in {"process", *HARMLESS_ROOTS} and str(node.tag).startswith(BPMN):
            report.refuse_unknown(node, "beside a process")
    return found


def _read_process(node: etree._Element, at: Reading) -> Process:
    key, contents = at.identified(node), Contents()
    for name in plain_attributes(node):
        if name not in PROCESS:
            at.report.refuse(node, f"The attribute {name} is not run by Ratchet in a process. Remove it.")
    vocabulary.check(node, at.report)
    process = at.dialect.read_process(node, at.report)
    walk(node, None, contents, at)
    if len(contents.drafts) > MAX_ELEMENTS:
        at.report.refuse(node, f"The process has more than {MAX_ELEMENTS} elements.")
    for id, flow in contents.flows.items():
        source = contents.drafts.get(flow.source)
        if source is not None and flow.condition is not None and at.dialect.ignores_condition(source, flow):
            contents.flows[id] = replace(flow, condition=None)
    rules.join_handlers(contents)
    for draft in contents.drafts.values():
        at.dialect.finish(draft, process, at.report)
    whole = _whole(node, contents)
    rules.check(whole, at.report)
    for draft in whole.gateways():
        at.dialect.check_gateway(draft, [whole.flows[id] for id in whole.leave(draft)], at.report)
    elements = {draft.id: draft.element(whole.come(draft), whole.leave(draft)) for draft in contents.drafts.values()}
    return Process(
        key=key, name=node.get("name") or key, dialect=at.dialect.NAME, elements=elements, flows=contents.flows,
        initiator=process.initiator, start_form=process.start_form, version_tag=process.version_tag,
        history_days=process.history_days, listeners=tuple(process.listeners),
    )  # fmt: skip


def _whole(node: etree._Element, contents: Contents) -> Whole:
    incoming: dict[str, list[str]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    scopes: dict[str | None, list[Draft]] = defaultdict(list)
    for flow in contents.flows.values():
        outgoing[flow.source].append(flow.id)
        incoming[flow.target].append(flow.id)
    for draft in contents.drafts.values():
        scopes[draft.parent].append(draft)
    return Whole(node, contents, {id: tuple(ids) for id, ids in incoming.items()}, {id: tuple(ids) for id, ids in outgoing.items()}, scopes)
