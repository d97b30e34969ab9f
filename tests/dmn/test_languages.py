"""Cells and expressions in other languages, and what cells may call their input, as Camunda 7 has it."""

from __future__ import annotations

from typing import Any

import pytest

from engine import dmn
from engine.dmn import DecisionFailed
from engine.expressions.spin import JsonNode
from tests.dmn.models import decision, literal, model, table

CASES = [
    ("juel", "${n}", "${cellInput > 5}", "${n * 2}"),
    ("JUEL", "#{n}", "${n == 7}", "${n + 7}"),
    ("groovy", "n", "cellInput > 5", "def twice = n * 2; twice"),
    ("javascript", "n", "cellInput > 5", "n * 2"),
    ("ECMAScript", "n", "n === 7", "n + 7"),
    ("python", "n", "cellInput > 5", "n * 2"),
    ("jython", "n", "n == 7", "n + 7"),
    ("feel", "n", "> 5", "n * 2"),
    ("http://www.omg.org/spec/FEEL/20140401", "n", "[7..8]", "n * 2"),
    ("https://www.omg.org/spec/DMN/20191111/FEEL/", "n", "not(8)", "n * 2"),
]


def languages(name: str, xml: bytes, *elements: str) -> bytes:
    for element in elements:
        xml = xml.replace(f"<{element}>".encode(), f'<{element} expressionLanguage="{name}">'.encode())
    return xml


def value(xml: bytes, variables: dict[str, Any]) -> Any:
    found = dmn.read(xml, "d.dmn")
    assert dmn.check(found[0]) == []
    return dmn.evaluate(found, "d", variables).value


@pytest.mark.parametrize(("language", "input", "cell", "output"), CASES)
def test_each_language_in_each_place(language: str, input: str, cell: str, output: str) -> None:
    xml = model(decision("d", table([input], ["o"], [f"{cell} -> {output}".replace(";", ",")])), dialect="camunda")
    xml = xml.replace(output.replace(";", ",").encode(), output.replace(">", "&gt;").encode())
    assert value(languages(language, xml, "inputExpression", "inputEntry", "outputEntry"), {"n": 7}) == 14
    assert value(model(decision("d", literal(output, f'expressionLanguage="{language}"')), dialect="camunda"), {"n": 7}) == 14


def test_the_file_says_the_language_for_all() -> None:
    xml = model(decision("d", table(["${n}"], ["o"], ["${cellInput gt 5} -> big ${n}"])), dialect="camunda", attributes='expressionLanguage="juel"')
    assert value(xml, {"n": 7}) == "big 7" and value(xml, {"n": 1}) is None


def test_a_cell_that_is_not_true_does_not_match() -> None:
    xml = model(decision("d", table(["${n}"], ["o"], ["${cellInput} -> yes"])), dialect="camunda", attributes='expressionLanguage="juel"')
    assert value(xml, {"n": True}) == "yes" and value(xml, {"n": "true"}) is None and value(xml, {"n": 1}) is None


def test_the_input_has_the_name_that_the_model_gives_it() -> None:
    xml = model(decision("d", table(["n * 2", "n"], ["o"], ["amount > 10 and amount < 20; amount = 7 or cellInput = 7 -> amount"])), dialect="camunda")
    named = xml.replace(b"<input>", b'<input camunda:inputVariable="amount">', 1)
    found = dmn.evaluate(dmn.read(named, "d.dmn"), "d", {"n": 7, "amount": 7})
    assert found.value == 7 and found.rules[0].id == "r1"


def test_spin_values() -> None:
    assert value(model(decision("d", table(["order.total"], ["o"], ["> 5 -> order.lines[1].name"]))), {"order": JsonNode.of({"total": 7, "lines": [{"name": "pen"}]})}) == "pen"


def test_a_script_cannot_change_the_variables() -> None:
    variables = {"n": 1}
    assert value(model(decision("d", literal("n = 5; n", 'expressionLanguage="groovy"')), dialect="camunda"), variables) == 5
    assert variables == {"n": 1}


def test_an_unknown_variable_in_juel_is_told_with_its_place() -> None:
    with pytest.raises(DecisionFailed, match=r"“d” \(d\) could not be evaluated: .*nobody"):
        value(model(decision("d", literal("${nobody}", 'expressionLanguage="juel"')), dialect="camunda"), {})
