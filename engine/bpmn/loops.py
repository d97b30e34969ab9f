"""Loop characteristics: activities that are done for each item of a list, some times, or again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.bpmn.dialect import Reading
from engine.bpmn.draft import Draft, a
from engine.bpmn.model import MultiInstance, StandardLoop
from engine.bpmn.values import Expression, Value
from engine.bpmn.xml import line_of, local, plain_attributes

NOTES = {"documentation", "extensionElements"}


def multi_instance(draft: Draft, node: etree._Element, at: Reading) -> None:
    """An activity done for each item of a collection, or as often as a number says."""
    _refuse_attributes(node, {"id", "isSequential", "behavior"}, at)
    if node.get("behavior", "All") != "All":
        at.report.refuse(node, f"behavior={node.get('behavior')} is not run. Throw an event inside the activity instead.")
    said = {**_children(node, _PARTS, at), **at.dialect.loop(draft, node, at.report)}
    if said.get("collection") is None and said.get("cardinality") is None:
        at.report.refuse(node, "The multi-instance says neither for which collection nor how often.")
    if said.get("collection") is not None and said.get("cardinality") is not None:
        at.report.refuse(node, "The multi-instance has a collection and a number of times. Take one of them out.")
    if said.get("collection") is None and said.get("item") is not None:
        at.report.refuse(node, "The multi-instance names an item variable but no collection that items come from.")
    if (said.get("output") is None) != (said.get("output_item") is None):
        at.report.refuse(node, "An output needs both: the collection and what each instance adds to it.")
    _keep(draft, node, MultiInstance(at.report.flag(node, "isSequential"), **said), at)


def standard(draft: Draft, node: etree._Element, at: Reading) -> None:
    """An activity repeated while a condition holds."""
    _refuse_attributes(node, {"id", "testBefore", "loopMaximum"}, at)
    condition: Value | None = _children(node, {"loopCondition": _condition}, at).get("condition")
    maximum = at.dialect.expression(node.get("loopMaximum", ""), line_of(node)) if node.get("loopMaximum") else None
    if condition is None and maximum is None:
        at.report.refuse(node, "The loop would never end: give it a loopCondition or a loopMaximum.")
    _keep(draft, node, StandardLoop(condition, maximum, at.report.flag(node, "testBefore")), at)


def _keep(draft: Draft, node: etree._Element, loop: MultiInstance | StandardLoop, at: Reading) -> None:
    if draft.loop is not None:
        at.report.refuse(node, "The activity has more than one loop.")
    if draft.event_driven:
        at.report.refuse(node, "An event sub-process cannot loop; it runs once for each event.")
    draft.loop = loop


def _refuse_attributes(node: etree._Element, known: set[str], at: Reading) -> None:
    for name in plain_attributes(node):
        if name not in known:
            at.report.refuse(node, f"The attribute {name} is not run by Ratchet in {a(local(node))}. Remove it.")


def _children(node: etree._Element, known: dict[str, _Part], at: Reading) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for child in node:
        if local(child) in known:
            known[local(child)](said, child, at)
        elif local(child) not in NOTES:
            at.report.refuse_unknown(child, f"in {a(local(node))}")
    return said


def _condition(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["condition"] = at.dialect.condition(node, at.report)


def _cardinality(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["cardinality"] = at.dialect.expression((node.text or "").strip(), line_of(node))


def _collection(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["collection"] = at.dialect.collection((node.text or "").strip(), line_of(node))


def _item(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["item"] = node.get("name") or node.get("id")


def _output(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["output"] = (node.text or "").strip() or None


def _output_item(said: dict[str, Any], node: etree._Element, at: Reading) -> None:
    said["output_item"] = Expression("variable", node.get("name") or node.get("id") or "", line_of(node))


_Part = Callable[[dict[str, Any], etree._Element, Reading], None]
_PARTS: dict[str, _Part] = {
    "loopCardinality": _cardinality,
    "loopDataInputRef": _collection,
    "inputDataItem": _item,
    "loopDataOutputRef": _output,
    "outputDataItem": _output_item,
    "completionCondition": _condition,
}
