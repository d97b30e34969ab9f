"""Small decision models for tests, written as tables of cells."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACES = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{namespace}" xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 xmlns:modeler="http://camunda.org/schema/modeler/1.0" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
 id="graph" name="Graph" namespace="n" modeler:executionPlatform="{platform}" {attributes}>
{body}
</definitions>"""
PLATFORMS = {"zeebe": "Camunda Cloud", "camunda": "Camunda Platform"}


def model(*nodes: str, dialect: str = "zeebe", version: str = "1.3", attributes: str = "") -> bytes:
    facts = {"namespace": NAMESPACES[version], "platform": PLATFORMS[dialect], "attributes": attributes}
    return HEAD.format(body="\n".join(nodes), **facts).encode()


def decision(id: str, logic: str, *requires: str, attributes: str = "", inside: str = "") -> str:
    """A decision; `requires` are ids of decisions, of input data as `in:id`, of knowledge models as `bkm:id`."""
    return f'<decision id="{id}" name="{id}" {attributes}>{inside}{"".join(map(requirement, requires))}{logic}</decision>'


def requirement(to: str) -> str:
    kind, _, id = to.rpartition(":")
    if kind == "bkm":
        return f'<knowledgeRequirement><requiredKnowledge href="#{id}"/></knowledgeRequirement>'
    name = "requiredInput" if kind == "in" else "requiredDecision"
    return f'<informationRequirement><{name} href="#{id}"/></informationRequirement>'


def knowledge(id: str, parameters: str, logic: str, *requires: str) -> str:
    formal = "".join(f'<formalParameter name="{name}"/>' for name in parameters.split())
    inner = "".join(map(requirement, requires))
    return f'<businessKnowledgeModel id="{id}" name="{id}"><encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{inner}</businessKnowledgeModel>'


def literal(text: str, attributes: str = "") -> str:
    return f"<literalExpression {attributes}><text>{escape(text)}</text></literalExpression>"


def table(inputs: list[str], outputs: list[str], rules: list[str], policy: str = "UNIQUE", aggregation: str = "", extra: str = "") -> str:
    """A decision table. An input is `expression:type`, an output `name:type|allowed|default`, a rule `test; test -> output; output`.

    `()` is an empty cell.
    """
    also = f'aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(map(input_column, inputs)) + "".join(map(output_column, outputs))
    rows = "".join(rule(place, each) for place, each in enumerate(rules, 1))
    return f'<decisionTable id="table" hitPolicy="{policy}" {also} {extra}>{columns}{rows}</decisionTable>'


def input_column(text: str) -> str:
    expression, _, type = text.partition(":")
    return f"<input><inputExpression{typed(type)}><text>{escape(expression)}</text></inputExpression></input>"


def output_column(text: str) -> str:
    column, allowed, default = (*text.split("|"), "", "")[:3]
    name, _, type = column.partition(":")
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    standard = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f"<output name={quoteattr(name)}{typed(type)}>{values}{standard}</output>"


def typed(type: str) -> str:
    return f" typeRef={quoteattr(type)}" if type else ""


def rule(place: int, text: str) -> str:
    tests, outputs = text.split("->")
    return f'<rule id="r{place}">{cells(tests, "inputEntry")}{cells(outputs, "outputEntry")}</rule>'


def cells(text: str, name: str) -> str:
    found = [each.strip().removeprefix("()") for each in text.split(";")] if text.strip() else []
    return "".join(f"<{name}><text>{escape(each)}</text></{name}>" for each in found)
