"""Requirements: decisions that need others, knowledge models, boxed expressions."""

from __future__ import annotations

from typing import Any

import pytest

from engine import dmn
from engine.dmn import DecisionFailed, Result
from engine.errors import NotFound
from tests.dmn.models import decision, knowledge, literal, model, requirement, table

INPUT = '<inputData id="Age" name="Applicant age"><variable name="Applicant age" typeRef="number"/></inputData>'
THREE_LEVELS = (
    decision("dish", table(["season", "guests"], ["dish"], ['"winter"; - -> "roast"', '"summer"; > 8 -> "salad"', '"summer"; <= 8 -> "steak"']), "season", "guests"),
    decision("season", table(["heat"], ["season"], ['> 15 -> "summer"', '<= 15 -> "winter"']), "heat"),
    decision("guests", table(["day"], ["guests"], ['"sunday" -> 12', "- -> 4"], "FIRST")),
    decision("heat", literal("month * 3")),
)


def run(xml: bytes, variables: dict[str, Any], id: str = "d") -> Result:
    found = dmn.read(xml, "d.dmn")
    assert [str(problem) for one in found for problem in (*dmn.check(one), *dmn.doubts(one))] == []
    return dmn.evaluate(found, id, variables)


@pytest.mark.parametrize("dialect", ["zeebe", "camunda"])
@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
@pytest.mark.parametrize(
    ("variables", "dish"),
    [({"month": 1, "day": "monday"}, "roast"), ({"month": 8, "day": "sunday"}, "salad"), ({"month": 8, "day": "monday"}, "steak"), ({"month": 8, "heat": -40}, "steak")],
)
def test_three_levels(variables: dict[str, Any], dish: str, version: str, dialect: str) -> None:
    found = run(model(*THREE_LEVELS, dialect=dialect, version=version), variables, "dish")
    assert found.value == dish
    assert [one.id for one in found.evaluated] == ["heat", "season", "guests", "dish"]
    assert found.evaluated[0].rows == [{"heat": variables["month"] * 3}]


def test_only_what_is_required_is_evaluated() -> None:
    assert [one.id for one in run(model(*THREE_LEVELS), {"month": 1}, "season").evaluated] == ["heat", "season"]


def test_each_decision_once() -> None:
    ladder = [decision(f"s{n}", literal(f"s{n - 1} + s{n - 1}"), f"s{n - 1}") for n in range(1, 40)]
    found = run(model(*ladder, decision("s0", literal("1"))), {}, "s39")
    assert found.value == 2**39 and len(found.evaluated) == 40


def test_a_chain_of_a_thousand() -> None:
    chain = [decision(f"s{n}", literal(f"s{n - 1} + 1"), f"s{n - 1}") for n in range(1, 1000)]
    assert run(model(*chain, decision("s0", literal("1"))), {}, "s999").value == 1000


def test_the_results_variable_name_and_id() -> None:
    base = '<decision id="Base_1" name="Base price"><variable name="basePrice"/>' + literal("10") + "</decision>"
    assert run(model(base, decision("d", literal("[basePrice, Base_1, Base price]"), "Base_1")), {}).value == [10, 10, 10]
    assert run(model(base, decision("d", literal("[basePrice, Base price]"), "Base_1")), {"basePrice": 1, "Base price": 2}).value == [10, 2]


def test_camunda_8_shows_only_what_is_required() -> None:
    found = dmn.read(model(decision("a", literal("1")), decision("b", literal("2"), "a"), decision("d", literal("a"), "b")), "d.dmn")
    assert dmn.evaluate(found, "d", {"a": "mine"}).value == "mine"


@pytest.mark.parametrize(
    ("policy", "n", "value"),
    [("FIRST", 2, [1, "x"]), ("COLLECT", 1, [[1], ["x"]]), ("COLLECT", 2, [[1, 2], ["x", "y"]]), ("RULE ORDER", 2, [[1, 2], ["x", "y"]])],
)
def test_camunda_7_gives_outputs_by_name(policy: str, n: int, value: Any) -> None:
    needed = decision("a", table(["n"], ["count", "word"], ['>= 1 -> 1; "x"', '>= 2 -> 2; "y"'], policy))
    assert run(model(needed, decision("d", literal("[count, word]"), "a"), dialect="camunda"), {"n": n, "count": -1}).value == value


def test_camunda_7_gives_an_aggregate_as_one_value() -> None:
    needed = decision("a", table(["n"], ["total"], [">= 1 -> 1", ">= 2 -> 2"], "COLLECT", "SUM"))
    assert run(model(needed, decision("d", literal("total + 1"), "a"), dialect="camunda"), {"n": 2}).value == 4


def test_input_data() -> None:
    assert run(model(INPUT, decision("d", literal("Applicant age + 1"), "in:Age")), {"Applicant age": 20}).value == 21


def test_knowledge_models() -> None:
    twice = knowledge("twice", "x", literal("x * 2"))
    fee = knowledge("fee", "amount kind", table(["amount", "kind"], ["o"], ['> 100; - -> twice(amount)', '- ; "special" -> 1', "- ; - -> 0"], "FIRST"), "bkm:twice")
    xml = model(twice, fee, decision("d", literal('[fee(200, "x"), fee(kind: "special", amount: 1), fee(1, null)]'), "bkm:fee"))
    assert run(xml, {"amount": 1000}).value == [400, 1, 0]


def test_a_knowledge_model_sees_only_its_parameters() -> None:
    found = dmn.read(model(knowledge("f", "x", literal("[x, y]")), decision("d", literal("f(1)"), "bkm:f")), "d.dmn")
    assert dmn.evaluate(found, "d", {"y": 2}).value == [1, None]


def test_a_failing_knowledge_model_is_told() -> None:
    twice = knowledge("pick", "n", table(["n"], ["o"], ["> 0 -> 1", "> 0 -> 2"]))
    with pytest.raises(DecisionFailed, match=r"“d” \(d\).*UNIQUE.*rule 1 \(r1\), rule 2 \(r2\)"):
        run(model(twice, decision("d", literal("pick(1)"), "bkm:pick")), {})


def entry(name: str, logic: str) -> str:
    return f'<contextEntry>{f"<variable name={chr(34)}{name}{chr(34)}/>" if name else ""}{logic}</contextEntry>'


def bound(name: str, logic: str) -> str:
    return f'<binding><parameter name="{name}"/>{logic}</binding>'


FUNCTION = f'<functionDefinition><formalParameter name="x"/><formalParameter name="y"/>{literal("x - y + base")}</functionDefinition>'
CALL = f"<invocation>{literal('f')}{bound('y', literal('1'))}{bound('x', literal('n'))}</invocation>"
BOXED = [
    (f"<context>{entry('a', literal('n'))}{entry('b c', literal('a + 1'))}</context>", {"a": 5, "b c": 6}),
    (f"<context>{entry('a', literal('n'))}{entry('', literal('a + 1'))}</context>", 6),
    (f"<context>{entry('a b', literal('n'))}{entry('', literal('a b * 2'))}</context>", 10),
    ("<context/>", {}),
    (f"<list>{literal('n')}{literal('n + 1')}<list>{literal('1')}</list></list>", [5, 6, [1]]),
    ("<list/>", []),
    (f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("n")}</row><row>{literal("2")}<literalExpression/></row></relation>', [{"a": 1, "b": 5}, {"a": 2, "b": None}]),
    (f"<context>{entry('base', literal('100'))}{entry('f', FUNCTION)}{entry('', literal('f(7, 2)'))}</context>", 105),
    (f"<context>{entry('base', literal('0'))}{entry('f', FUNCTION)}{entry('', CALL)}</context>", 4),
    (f"<context>{entry('t', table(['n'], ['o'], ['5 -> string(n)']))}{entry('', literal('t'))}</context>", "5"),
]  # fmt: skip


@pytest.mark.parametrize(("logic", "value"), BOXED)
def test_boxed_expressions(logic: str, value: Any) -> None:
    assert run(model(decision("d", logic)), {"n": 5}).value == value


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        (f"<invocation>{literal('n')}{bound('x', literal('1'))}</invocation>", "not a function"),
        (f"<invocation>{literal('f')}{bound('z', literal('1'))}</invocation>", "gives z; the function takes x"),
    ],
)
def test_invocations_that_do_not_fit(logic: str, said: str) -> None:
    with pytest.raises(DecisionFailed, match=said):
        run(model(knowledge("f", "x", literal("x")), decision("d", logic, "bkm:f")), {"n": 1})


def test_functions_that_call_each_other_without_end() -> None:
    endless = knowledge("f", "g", literal("g(g)"))
    with pytest.raises(DecisionFailed, match="functions call each other more than 60 deep"):
        run(model(endless, decision("d", literal("f(f)"), "bkm:f")), {})


def test_there_is_no_such_decision() -> None:
    with pytest.raises(NotFound, match="“x” here; there is d"):
        run(model(decision("d", literal("1"))), {}, "x")


def test_types_of_the_file() -> None:
    types = '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A","B"</text></allowedValues></itemDefinition><itemDefinition name="tMine"><typeRef>tGrade</typeRef></itemDefinition>'
    found = run(model(types, decision("d", table(["grade:tMine"], ["o"], ['- -> 1']))), {"grade": "C"})
    assert found.warnings == ["The input grade is 'C', which is not among its allowed values \"A\",\"B\""]
    ranked = decision("d", table(["n"], ["o:tGrade"], ['- -> "B"', '- -> "A"'], "PRIORITY"))
    assert run(model(types, ranked), {}).value == "A"
    assert requirement("d") in model(types, decision("x", literal("1"), "d")).decode()
