"""From a BPMN file to `Process`es, or to the problems that stand in the way: what Ratchet does not run is refused, never ignored."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from lxml import etree

from engine.bpmn import camunda, zeebe
from engine.bpmn.draft import Draft, ProcessDraft, ReadExtension, Report
from engine.bpmn.model import Flow, Process
from engine.bpmn.xml import BPMN, CAMUNDA, MODELER, ZEEBE, line_of, local, parse
from engine.errors import DeploymentRefused, Problem

DECORATION = {
    "documentation", "extensionElements", "laneSet", "textAnnotation", "association", "group", "dataObject", "dataObjectReference",
    "dataStoreReference", "property", "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "incoming", "outgoing",
}  # fmt: skip
MAX_ELEMENTS = 5_000


def read(content: bytes, file: str) -> list[Process]:
    """The executable processes of a BPMN file. Raises `DeploymentRefused` with every problem: file, line, element, what to do."""
    root = parse(content, file)
    report = Report(file)
    if root.tag != f"{BPMN}definitions":
        report.refuse(root, "This is not a BPMN 2.0 file: its outermost element must be bpmn:definitions.")
        raise DeploymentRefused(report.problems)
    processes = [_read_process(node, root, report) for node in root.iterfind(f"{BPMN}process") if node.get("isExecutable") == "true"]
    if not processes and not report.problems:
        report.refuse(root, "No executable process stands in this file; set isExecutable on its process.")
    if report.problems:
        raise DeploymentRefused(_in_order(report.problems))
    return processes


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.line or 0)


def dialect_of(root: etree._Element) -> ModuleType:
    """The reader for the file's vendor extensions: what the modeler wrote down, else the namespace that is used."""
    platform = root.get(f"{MODELER}executionPlatform", "")
    if platform:
        return zeebe if platform == "Camunda Cloud" else camunda
    return zeebe if any(isinstance(node.tag, str) and node.tag.startswith(ZEEBE) for node in root.iter()) else camunda


def _read_process(node: etree._Element, root: etree._Element, report: Report) -> Process:
    dialect, whole = dialect_of(root), ProcessDraft()
    for extension in _extensions(node):
        dialect.read_process_extension(whole, extension, report)
    drafts = _read_nodes(node, root, dialect, report)
    flows = _read_flows(node, {draft.id for draft in drafts}, dialect, report)
    for draft in drafts:
        dialect.finish(draft, whole, report)
    elements = {draft.id: draft.element(*_ends(draft.id, flows)) for draft in drafts}
    _check_defaults(drafts, flows, report)
    return Process(
        key=_identifier(node, report), name=node.get("name") or node.get("id") or "", dialect=dialect.NAME,
        start=_start(node, drafts, report), elements=elements, flows=flows, initiator=whole.initiator, start_form=whole.start_form,
    )  # fmt: skip


def _ends(id: str, flows: dict[str, Flow]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    incoming = tuple(flow.id for flow in flows.values() if flow.target == id)
    return incoming, tuple(flow.id for flow in flows.values() if flow.source == id)


def _extensions(node: etree._Element) -> list[etree._Element]:
    """The children of `extensionElements` in a vendor namespace of ours; other tools' notes are theirs."""
    box = node.find(f"{BPMN}extensionElements")
    return [] if box is None else [child for child in box if str(child.tag).startswith((CAMUNDA, ZEEBE))]


def _read_nodes(process: etree._Element, root: etree._Element, dialect: ModuleType, report: Report) -> list[Draft]:
    drafts, seen = [], set[str]()
    for node in process:
        kind = local(node)
        if kind in DECORATION or kind == "sequenceFlow":
            continue
        if not str(node.tag).startswith(BPMN) or kind not in _KINDS:
            report.refuse_unknown(node, "yet")
            continue
        if _identifier(node, report) in seen:
            report.refuse(node, f"The id “{node.get('id')}” is used twice.")
        seen.add(node.get("id", ""))
        drafts.append(_read_node(node, kind, root, dialect, report))
    if len(drafts) > MAX_ELEMENTS:
        report.refuse(process, f"The process has more than {MAX_ELEMENTS} elements.")
    return drafts


def _read_node(node: etree._Element, kind: str, root: etree._Element, dialect: ModuleType, report: Report) -> Draft:
    draft: Draft = dialect.start_draft(node, kind)
    dialect.read_attributes(draft, report)
    for extension in _extensions(node):
        _read_extension(draft, extension, dialect.EXTENSIONS.get(extension.tag), report)
    allowed = _KINDS[kind]
    for child in node:
        if local(child) in DECORATION:
            continue
        reader = allowed.get(local(child))
        if reader is None:
            report.refuse_unknown(child, f"in a {kind} yet")
        else:
            reader(draft, child, root, dialect, report)
    if kind == "scriptTask" and draft.work is None:
        dialect.script(draft, report)
    if kind == "receiveTask":
        _message(draft, node, root, dialect, report)
    if kind == "intermediateCatchEvent" and draft.work is None and not report.problems:
        report.refuse(node, "This event waits for nothing; give it a message.")
    return draft


def _read_extension(draft: Draft, node: etree._Element, reader: ReadExtension | None, report: Report) -> None:
    if reader is None:
        report.refuse_unknown(node, f"in a {draft.kind}")
    else:
        reader(draft, node, report)


def _message(draft: Draft, node: etree._Element, root: etree._Element, dialect: ModuleType, report: Report) -> None:
    reference = node.get("messageRef")
    found = next((m for m in root.iterfind(f"{BPMN}message") if m.get("id") == reference), None)
    if found is None or not found.get("name"):
        report.refuse(node, f"It waits for the message “{reference or ''}”, which has no name or does not stand in this file.")
    else:
        draft.work = dialect.message(draft.node, found, report)


def _nothing(draft: Draft, node: etree._Element, root: etree._Element, dialect: ModuleType, report: Report) -> None:
    """Read elsewhere."""


def _read_flows(process: etree._Element, ids: set[str], dialect: ModuleType, report: Report) -> dict[str, Flow]:
    flows: dict[str, Flow] = {}
    for node in process.iterfind(f"{BPMN}sequenceFlow"):
        id, source, target = _identifier(node, report), node.get("sourceRef", ""), node.get("targetRef", "")
        missing = [end for end in (source, target) if end not in ids]
        if missing and not report.problems:
            report.refuse(node, f"The flow joins “{missing[0]}”, which does not stand in this process.")
        condition = node.find(f"{BPMN}conditionExpression")
        read_condition = dialect.condition(condition, report) if condition is not None else None
        flows[id] = Flow(id, node.get("name") or "", source, target, read_condition, line_of(node))
    return flows


def _check_defaults(drafts: list[Draft], flows: dict[str, Flow], report: Report) -> None:
    for draft in drafts:
        default = draft.node.get("default")
        if default and (default not in flows or flows[default].source != draft.id):
            report.refuse(draft.node, f"Its default flow “{default}” does not leave from it.")


def _start(process: etree._Element, drafts: list[Draft], report: Report) -> str:
    starts = [draft for draft in drafts if draft.kind == "startEvent"]
    if len(starts) != 1:
        report.refuse(process, f"The process has {len(starts)} start events; Ratchet runs processes with exactly one.")
    return starts[0].id if starts else ""


def _identifier(node: etree._Element, report: Report) -> str:
    if not node.get("id"):
        report.refuse(node, f"This {local(node)} has no id.")
    return str(node.get("id", ""))


_Child = Callable[[Draft, etree._Element, etree._Element, ModuleType, Report], None]
_KINDS: dict[str, dict[str, _Child]] = {
    "startEvent": {},
    "endEvent": {},
    "task": {},
    "manualTask": {},
    "userTask": {},
    "scriptTask": {"script": _nothing},
    "serviceTask": {},
    "sendTask": {},
    "receiveTask": {},
    "exclusiveGateway": {},
    "parallelGateway": {},
    "intermediateThrowEvent": {},
    "intermediateCatchEvent": {"messageEventDefinition": _message},
}
