"""Camunda 7's four shapes of a decision result, with its errors."""

from __future__ import annotations

from typing import Any

import pytest

from engine import dmn
from engine.dmn import MAPPINGS, Result, ResultNotMapped
from tests.dmn.models import decision, literal, model, table

ONE = table(["n"], ["o"], [">= 1 -> 10", ">= 2 -> 20"], "COLLECT")
TWO = table(["n"], ["a", "b"], ['>= 1 -> 1; "x"', ">= 2 -> 2; ()"], "COLLECT")
WRONG = "wrong"


def result(logic: str, n: int) -> Result:
    return dmn.evaluate(dmn.read(model(decision("d", logic), dialect="camunda"), "d.dmn"), "d", {"n": n})


def cases() -> list[tuple[str, int, str, Any]]:
    """A table, its input, and what each of the four mappings makes of it."""
    expected: list[tuple[str, int, tuple[Any, Any, Any, Any]]] = [
        (ONE, 0, (None, None, [], [])),
        (ONE, 1, (10, {"o": 10}, [10], [{"o": 10}])),
        (ONE, 2, (WRONG, WRONG, [10, 20], [{"o": 10}, {"o": 20}])),
        (TWO, 0, (None, None, [], [])),
        (TWO, 1, (WRONG, {"a": 1, "b": "x"}, WRONG, [{"a": 1, "b": "x"}])),
        (TWO, 2, (WRONG, WRONG, WRONG, [{"a": 1, "b": "x"}, {"a": 2}])),
        (table(["n"], ["o"], [">= 1 -> 1", ">= 2 -> 2"], "COLLECT", "SUM"), 2, (3, {"o": 3}, [3], [{"o": 3}])),
        (table(["n"], ["o"], [">= 1 -> 1"], "COLLECT", "SUM"), 0, (None, None, [], [])),
        (table(["n"], ["o"], [">= 1 -> 1"], "COLLECT", "COUNT"), 0, (0, {"o": 0}, [0], [{"o": 0}])),
        (table(["n"], ["o||5"], [">= 1 -> 1"]), 0, (5, {"o": 5}, [5], [{"o": 5}])),
        (table(["n"], ["o"], ["- -> ()"]), 0, (None, {}, [], [{}])),
        (table(["n"], ["o"], ["- -> null"]), 0, (None, {"o": None}, [None], [{"o": None}])),
        (literal("n + 1"), 1, (2, {"d": 2}, [2], [{"d": 2}])),
    ]
    return [(logic, n, how, value) for logic, n, values in expected for how, value in zip(MAPPINGS, values, strict=True)]


@pytest.mark.parametrize(("logic", "n", "how", "value"), cases())
def test_mappings(logic: str, n: int, how: str, value: Any) -> None:
    found = result(logic, n)
    if value is WRONG:
        with pytest.raises(ResultNotMapped, match="The decision d does not fit its mapDecisionResult: its result has"):
            dmn.mapped(found, how)
    else:
        assert dmn.mapped(found, how) == value


def test_a_list_of_maps_where_nothing_is_said() -> None:
    assert dmn.mapped(result(ONE, 1)) == [{"o": 10}]


def test_an_unknown_mapping() -> None:
    with pytest.raises(ResultNotMapped, match=r"no mapping “all” of decision results\. Choose one of singleEntry, singleResult, collectEntries, resultList"):
        dmn.mapped(result(ONE, 1), "all")
