"""The only place that reads decision tables from XML."""

from __future__ import annotations

from lxml import etree

from engine.dmn.boxed_reader import Reading, text_of, type_of
from engine.dmn.hits import AGGREGATIONS, POLICIES, RANKED, priorities
from engine.dmn.model import Input, Logic, Output, Rule, Table
from engine.dmn.tables import CELL_INPUT
from engine.dmn.texts import Text
from engine.dmn.types import is_known
from engine.dmn.vocabulary import CAMUNDA

ANYTHING = "-"


def read_table(node: etree._Element, reading: Reading) -> Logic:
    """A decision table; what is wrong with it goes to the findings."""
    inputs = tuple(_input(each, place, reading) for place, each in enumerate(reading.children(node, "input"), 1))
    outputs = _outputs(node, reading)
    rules = [_rule(each, place, inputs, outputs, reading) for place, each in enumerate(reading.children(node, "rule"), 1)]
    policy = _policy(node, reading)
    _check_ranks(node, policy, outputs, reading)
    return Table(inputs, outputs, tuple(rules), policy, _aggregation(node, policy, outputs, reading))


def _policy(node: etree._Element, reading: Reading) -> str:
    policy = node.get("hitPolicy", "UNIQUE")
    if policy not in POLICIES:
        reading.findings.refuse(node, f"There is no hit policy “{policy}”. Choose one of {', '.join(POLICIES)}.")
        return "UNIQUE"
    return policy


def _aggregation(node: etree._Element, policy: str, outputs: tuple[Output, ...], reading: Reading) -> str | None:
    name = node.get("aggregation")
    if name is None:
        return None
    if name not in AGGREGATIONS:
        reading.findings.refuse(node, f"There is no aggregation “{name}”. Choose one of {', '.join(AGGREGATIONS)}.")
    elif policy != "COLLECT":
        reading.findings.refuse(node, f"Only the hit policy COLLECT aggregates, not {policy}. Remove the aggregation {name}.")
    elif len(outputs) > 1:
        reading.findings.refuse(node, f"The aggregation {name} needs a single output, and there are {len(outputs)}.")
    else:
        return name
    return None


def _input(node: etree._Element, place: int, reading: Reading) -> Input:
    expression = reading.child(node, "inputExpression")
    text = text_of(expression, reading)
    name = node.get("label") or (text.source if text else "") or f"input {place}"
    if text is None:
        reading.findings.remark(node, f"The input “{name}” has no expression, so its value is null. Write one.")
    type, allowed = _typed(expression, reading)
    values = reading.child(node, "inputValues")
    variable = node.get(f"{CAMUNDA}inputVariable") or CELL_INPUT
    return Input(name, text, variable, type, text_of(values, reading, unary=True) or allowed)


def _typed(node: etree._Element | None, reading: Reading) -> tuple[str | None, Text | None]:
    type, allowed = type_of(node, reading)
    if node is not None and type and not is_known(type):
        reading.findings.remark(node, f"The type “{type}” is not known; values stay as they are.")
    return (type if reading.dialect == "camunda" else None), allowed


def _outputs(table: etree._Element, reading: Reading) -> tuple[Output, ...]:
    nodes = reading.children(table, "output")
    if not nodes:
        reading.findings.refuse(table, "The decision table has no output. Add one.")
    found = [_output(node, len(nodes), reading) for node in nodes]
    for place, one in enumerate(found):
        if one.name in (other.name for other in found[:place]):
            reading.findings.refuse(nodes[place], f"Two outputs have the name “{one.name}”. Rename one.")
    return tuple(found)


def _output(node: etree._Element, count: int, reading: Reading) -> Output:
    name = (node.get("name") or "").strip()
    if not name and count > 1:
        reading.findings.refuse(node, "With several outputs each needs a name. Give it one.")
    type, allowed = _typed(node, reading)
    values = text_of(reading.child(node, "outputValues"), reading, unary=True) or allowed
    default = text_of(reading.child(node, "defaultOutputEntry"), reading)
    return Output(name or node.get("label") or _table_name(node), type, values, default)


def _table_name(node: etree._Element) -> str:
    """What the only output is called where it has no name: as its decision."""
    parent = node.getparent()
    while parent is not None and not parent.get("name"):
        parent = parent.getparent()
    return "output" if parent is None else str(parent.get("name"))


def _rule(node: etree._Element, place: int, inputs: tuple[Input, ...], outputs: tuple[Output, ...], reading: Reading) -> Rule:
    tests = [text_of(entry, reading, unary=True) for entry in reading.children(node, "inputEntry")]
    given = [text_of(entry, reading) for entry in reading.children(node, "outputEntry")]
    for what, cells, columns in (("input", tests, len(inputs)), ("output", given, len(outputs))):
        if len(cells) != columns:
            message = f"Rule {place} has {len(cells)} {what} entries, but the table has {columns} {what}s. Make them as many."
            reading.findings.refuse(node, message)
    asked = tuple((number, test) for number, test in enumerate(tests) if test is not None and test.source != ANYTHING)
    return Rule(node.get("id") or f"rule-{place}", asked, tuple(given))


def _check_ranks(node: etree._Element, policy: str, outputs: tuple[Output, ...], reading: Reading) -> None:
    """Priorities are the allowed values of outputs, in their order: they must be there, and be values."""
    if policy not in RANKED:
        return
    ranked = [(one.name, one.allowed) for one in outputs if one.allowed]
    if not ranked:
        text = f"The hit policy {policy} ranks by the outputs' allowed values, and there are none: the order of the rules decides."
        reading.findings.remark(node, text)
    for name, allowed in ranked:
        if not priorities(allowed):
            reading.findings.refuse(node, f"The allowed values of the output {name} are no list of values, so they give no priorities.")
