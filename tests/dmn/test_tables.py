"""Decision tables, a line a case: hit policies, aggregators, cells, types, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine import dmn
from engine.dmn import DecisionFailed, HitPolicyViolated, Result
from engine.expressions.spin import JsonNode
from tests.dmn.models import decision, model, table


def run(logic: str, variables: Mapping[str, Any], dialect: str = "zeebe") -> Result:
    found = dmn.read(model(decision("d", logic), dialect=dialect), "d.dmn")
    assert dmn.check(found[0]) == []
    return dmn.evaluate(found, "d", variables)


STEPS = ['>= 1 -> "one"', '>= 2 -> "two"', '>= 3 -> "three"']
SCORES = [">= 1 -> 10", ">= 2 -> 30", ">= 3 -> 20"]
NAMED = ['>= 1 -> "one"; 1', '>= 2 -> "two"; 2']


@pytest.mark.parametrize(
    ("policy", "rules", "output", "n", "value"),
    [
        ("UNIQUE", STEPS, "o", 1, "one"),
        ("UNIQUE", STEPS, "o", 0, None),
        ("FIRST", STEPS, "o", 3, "one"),
        ("FIRST", STEPS[::-1], "o", 2, "two"),
        ("FIRST", STEPS, "o", 0, None),
        ("ANY", ['>= 1 -> "same"', '>= 2 -> "same"'], "o", 3, "same"),
        ("ANY", [">= 1 -> 1", ">= 2 -> 1.0"], "o", 3, 1),
        ("ANY", STEPS, "o", 0, None),
        ("PRIORITY", STEPS, 'o|"three","two","one"', 3, "three"),
        ("PRIORITY", STEPS, 'o|"two","one","three"', 3, "two"),
        ("PRIORITY", STEPS, 'o|"two"', 1, "one"),
        ("PRIORITY", STEPS, 'o|"two"', 0, None),
        ("PRIORITY", SCORES, "o|[20..29], 10", 3, 20),
        ("COLLECT", STEPS, "o", 3, ["one", "two", "three"]),
        ("COLLECT", STEPS, "o", 1, ["one"]),
        ("COLLECT", STEPS, "o", 0, None),
        ("RULE ORDER", STEPS, "o", 2, ["one", "two"]),
        ("RULE ORDER", STEPS, "o", 0, None),
        ("OUTPUT ORDER", STEPS, 'o|"two","three","one"', 3, ["two", "three", "one"]),
        ("OUTPUT ORDER", STEPS, 'o|"two"', 3, ["two", "one", "three"]),
        ("OUTPUT ORDER", STEPS, 'o|"two"', 0, None),
    ],
)
def test_hit_policies(policy: str, rules: list[str], output: str, n: int, value: Any) -> None:
    assert run(table(["n"], [output], rules, policy), {"n": n}).value == value


@pytest.mark.parametrize(
    ("aggregation", "n", "value"),
    [
        ("SUM", 3, 60), ("SUM", 1, 10), ("SUM", 0, None),
        ("MIN", 3, 10), ("MIN", 0, None),
        ("MAX", 3, 30), ("MAX", 0, None),
        ("COUNT", 3, 3), ("COUNT", 0, None),
    ],
)  # fmt: skip
def test_aggregators(aggregation: str, n: int, value: Any) -> None:
    assert run(table(["n"], ["o"], SCORES, "COLLECT", aggregation), {"n": n}).value == value


def test_sums_are_exact() -> None:
    assert run(table(["n"], ["o:double"], ["- -> 0.1", "- -> 0.2"], "COLLECT", "SUM"), {}, "camunda").value == Decimal("0.3")


def test_empty_cells_are_not_aggregated() -> None:
    assert run(table(["n"], ["o"], ["- -> 5", "- -> ()"], "COLLECT", "SUM"), {}).value == 5
    assert run(table(["n"], ["o"], ["- -> ()", "- -> ()"], "COLLECT", "MAX"), {}).value is None


@pytest.mark.parametrize(
    ("policy", "n", "value"),
    [
        ("FIRST", 2, {"word": "one", "number": 1}),
        ("COLLECT", 2, [{"word": "one", "number": 1}, {"word": "two", "number": 2}]),
        ("COLLECT", 1, [{"word": "one", "number": 1}]),
        ("UNIQUE", 0, None),
    ],
)
def test_several_outputs_are_a_context(policy: str, n: int, value: Any) -> None:
    assert run(table(["n"], ["word", "number"], NAMED, policy), {"n": n}).value == value


def test_priorities_of_several_outputs_count_from_the_left() -> None:
    outputs = ['a|"x","y"', "b|2,1"]
    rules = ['- -> "y"; 2', '- -> "x"; 1', '- -> "x"; 2']
    assert run(table(["n"], outputs, rules, "PRIORITY"), {}).value == {"a": "x", "b": 2}
    assert [each["b"] for each in run(table(["n"], outputs, rules, "OUTPUT ORDER"), {}).value] == [2, 1, 2]


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("-", None, True), ("()", "x", True), ("-", 5, True),
        ("5", 5, True), ("5", 5.0, True), ("5", "5", False), ("5", None, False),
        ('"a"', "a", True), ('"a","b"', "b", True), ('"a","b"', "c", False), ('not("a","b")', "c", True), ('not("a","b")', "a", False),
        ("< 5", 4, True), ("<= 5", 5, True), ("> 5", 5, False), (">= 5", 5, True), ("< 5", None, False), ("< 5", "4", False),
        ("[1..3]", 1, True), ("(1..3]", 1, False), ("]1..3[", 3, False), ("[1..3)", 2.999, True), ("[1..3],> 9", 10, True),
        ("not([1..3])", 4, True), ("not(null)", 1, True), ("not(null)", None, False), ("null", None, True), ("null", 0, False),
        ("true", True, True), ("true", False, False), ("false", False, True),
        ("? > 2 and ? < 4", 3, True), ("? = null", None, True), ("contains(?, \"el\")", "hello", True), ("even(?)", 4, True),
        ("limit", 7, True), ("> limit", 8, True), ("[limit..limit + 2]", 9, True), ("limit + 1", 8, True), ("> missing", 8, False),
        ('date("2026-01-01")', date(2026, 1, 1), True), ('< date("2026-01-01")', date(2025, 12, 31), True),
        ('[date("2026-01-01")..date("2026-12-31")]', date(2026, 6, 1), True), ('> date("2026-01-01")', "2026-06-01", False),
        ('< date and time("2026-01-01T10:00:00")', datetime(2026, 1, 1, 9), True), ('>= duration("P1D")', None, False),
        ("list contains(?, 3)", [1, 3], True), ("some x in ? satisfies x > 2", [1, 3], True), ("count(?) > 2", [1, 3], False),
        ("[1,2,3]", 2, True), ('cellInput = "a"', "a", True), ("@\"2026-01-01\"", date(2026, 1, 1), True),
        ('"Käse","日本"', "日本", True), ('"a;b"', "a;b", False), ("-5", -5, True), ("< -5", -6, True),
    ],
)  # fmt: skip
def test_cells(cell: str, value: Any, matches: bool) -> None:
    found = run(table(["v"], ["o"], [f"{cell} -> true"] if ";" not in cell else ['"x" -> true']), {"v": value, "limit": 7})
    assert (found.value is True) == matches


@pytest.mark.parametrize(
    ("variables", "value"),
    [({}, "x"), ({"v": None}, "x"), ({"v": 1}, "y"), ({"v": JsonNode.of({"a": 1})}, None), ({"v": [1]}, None)],
)
def test_null_and_odd_inputs(variables: dict[str, Any], value: Any) -> None:
    assert run(table(["v"], ["o"], ['null -> "x"', '1 -> "y"']), variables).value == value


@pytest.mark.parametrize(
    ("outputs", "value"),
    [
        (['o||"none"'], "none"),
        (['a||"none"', "b||1 + 1"], {"a": "none", "b": 2}),
        (["a", "b||0"], {"a": None, "b": 0}),
        (["o||n"], 0),
        (["o"], None),
    ],
)
def test_defaults_stand_in_where_no_rule_matches(outputs: list[str], value: Any) -> None:
    cells = "; ".join('"x"' for _ in outputs)
    assert run(table(["n"], outputs, [f"1 -> {cells}"]), {"n": 0}).value == value
    assert run(table(["n"], outputs, [f"1 -> {cells}"]), {"n": 1}).value in ("x", {"a": "x", "b": "x"})


@pytest.mark.parametrize(
    ("type", "value", "cell", "matches"),
    [
        ("integer", "5", "5", True), ("integer", 5.0, "5", True), ("long", "9007199254740993", "9007199254740993", True),
        ("double", "1.5", "> 1.4", True), ("number", " 7 ", "7", True), ("number", "1e3", "1000", True), ("integer", "5.0", "5", True), ("number", "1e6000", "> 1", True),
        ("string", 5, '"5"', True), ("string", True, '"true"', True), ("boolean", "TRUE", "true", True), ("boolean", False, "false", True),
        ("date", "2026-01-01", '< date("2026-02-01")', True), ("date", "2026-01-01T08:00:00", '< date and time("2026-01-01T09:00:00")', True),
        ("integer", None, "null", True), ("Any", "5", '"5"', True), ("feel:integer", "5", "5", True), ("unknown", "5", '"5"', True),
    ],
)  # fmt: skip
def test_camunda_7_turns_inputs_into_their_type(type: str, value: Any, cell: str, matches: bool) -> None:
    found = run(table(["v:" + type], ["o"], [f"{cell} -> true"]), {"v": value}, "camunda")
    assert (found.value is True) == matches


@pytest.mark.parametrize(
    ("type", "value"),
    [("integer", "x"), ("integer", 5.5), ("integer", 2**31), ("long", 2**63), ("boolean", "yes"), ("boolean", 1), ("double", True), ("date", "soon"), ("number", "NaN"), ("long", "1e99999999"), ("long", 10**400), ("double", "Infinity"), ("date", "2026-13-01T00:00:00"), ("date", 5), ("number", [1, 2])],
)  # fmt: skip
def test_what_does_not_fit_its_type_is_told(type: str, value: Any) -> None:
    with pytest.raises(DecisionFailed, match=f"the input v: .* is not of the type {type}"):
        run(table(["v:" + type], ["o"], ["- -> true"]), {"v": value}, "camunda")


def test_camunda_8_leaves_values_as_they_are() -> None:
    assert run(table(["v:integer"], ["o:string"], ['"5" -> 1']), {"v": "5"}).value == 1


def test_outputs_get_their_type() -> None:
    assert run(table(["v"], ["a:string", "b:integer", "c:double"], ['- -> 5; "6"; 1']), {}, "camunda").value == {"a": "5", "b": 6, "c": 1}
    with pytest.raises(DecisionFailed, match=r"rule 1 \(r1\), the output b: 'x' is not of the type integer"):
        run(table(["v"], ["b:integer"], ['- -> "x"']), {}, "camunda")


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_violated_hit_policies_name_the_rules(policy: str) -> None:
    with pytest.raises(HitPolicyViolated, match=r"rule 1 \(r1\), rule 3 \(r3\)") as violated:
        run(table(["n"], ["o"], ['1 -> "x"', '2 -> "y"', '1 -> "z"'], policy), {"n": 1})
    assert violated.value.facts == {"rules": ["r1", "r3"], "decision": "d"}


def test_what_cannot_be_summed_is_told() -> None:
    with pytest.raises(DecisionFailed, match=r"SUM has no answer for .*rule 1 \(r1\)"):
        run(table(["n"], ["o"], ['- -> "x"'], "COLLECT", "SUM"), {})


def test_a_failing_text_is_told_with_its_place() -> None:
    with pytest.raises(DecisionFailed, match=r"“d” \(d\).*rule 2 \(r2\), the output o: "):
        run(table(["n"], ["o"], ["1 -> 1", '2 -> assert(null, "is not there")']), {"n": 2})


def test_all_matched_rules_are_shown() -> None:
    found = run(table(["n", "n * 2"], ["o", "p"], ["> 0; - -> 1; 2", "> 1; 4 -> n; ()", "> 5; - -> 1; 1"], "COLLECT"), {"n": 2})
    assert [(rule.id, rule.index, rule.outputs) for rule in found.rules] == [("r1", 1, {"o": 1, "p": 2}), ("r2", 2, {"o": 2})]
    assert found.inputs == {"n": 2, "n * 2": 4}
    assert found.value == [{"o": 1, "p": 2}, {"o": 2, "p": None}]


def test_a_first_match_ends_the_search() -> None:
    assert [rule.index for rule in run(table(["n"], ["o"], STEPS, "FIRST"), {"n": 3}).rules] == [1]


def test_values_that_are_not_allowed_are_told() -> None:
    logic = table(["n"], ['o|"a","b"'], ['- -> "c"']).replace("</inputExpression>", "</inputExpression><inputValues><text>[1..5]</text></inputValues>")
    found = run(logic, {"n": 9})
    assert found.value == "c" and len(found.warnings) == 2
    assert "input n is 9" in found.warnings[0] and "output o of rule 1 (r1), is 'c'" in found.warnings[1]


def test_unknown_names_are_told() -> None:
    assert run(table(["nobody"], ["o"], ["null -> 1"]), {}).warnings == ["Nothing is called 'nobody' (line 1, column 1)"]


def test_a_table_without_inputs_or_rules() -> None:
    assert run(table([], ["o"], [" -> 5"]), {}).value == 5
    assert run(table(["n"], ["o"], []), {"n": 1}).value is None


def test_names_with_spaces() -> None:
    found = run(table(["Applicant age", "Applicant.first name"], ["o"], ['> Minimum age; "Ada" -> Minimum age + 1']), {"Applicant age": 20, "Minimum age": 18, "Applicant": {"first name": "Ada"}})
    assert found.value == 19


def test_ten_thousand_rules() -> None:
    rules = [f'{n}; [{n}..{n + 5}]; "a{n}","b{n}" -> {n}' for n in range(10_000)]
    found = dmn.read(model(decision("d", table(["a", "b", "c"], ["o"], rules))), "d.dmn")
    for n in (0, 5_000, 9_999):
        result = dmn.evaluate(found, "d", {"a": n, "b": n + 5, "c": f"b{n}"})
        assert result.value == n and [rule.index for rule in result.rules] == [n + 1]


def test_a_table_may_not_work_forever() -> None:
    with pytest.raises(DecisionFailed, match="was stopped after"):
        run(table(["n"], ["o"], ["- -> count(for a in 1..10000, b in 1..10000 return a * b)"]), {})
