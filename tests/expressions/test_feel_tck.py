"""The DMN technology compatibility kit: the score that was reached is the floor."""

from __future__ import annotations

import pytest

from benchmarks.feel import CHOSEN, UNREACHABLE, Case, Score, cases, conformed, same, score, value_of

# Why the rest of these does not pass: benchmarks.feel, UNREACHABLE and CHOSEN.
FLOORS = {
    "0015-all-any": 0,
    "0021-singleton-list": 3,
    "0068-feel-equality": 112,
    "0070-feel-instance-of": 129,
    "0082-feel-coercion": 5,
}


@pytest.fixture(scope="module")
def result() -> Score:
    return score(cases())


def test_the_averages_stay(result: Score) -> None:
    assert result.micro >= 98.9
    assert result.macro >= 97.8


def test_as_decisions_more_of_them_pass() -> None:
    decided = score(cases(), lambda case: case.passes_as_decision)
    assert decided.micro >= 99.1
    assert decided.macro >= 98.5


def test_what_does_not_pass_is_explained() -> None:
    assert FLOORS.keys() == UNREACHABLE.keys() | CHOSEN.keys()


def test_every_suite_stays(result: Score) -> None:
    short = {suite: passed for suite, (passed, count) in result.suites.items() if passed < FLOORS.get(suite, count)}
    assert short == {}


def test_the_scorer_is_strict() -> None:
    assert same(1, value_of({"t": "decimal", "v": "1"}))
    assert not same(True, value_of({"t": "decimal", "v": "1"}))
    assert not same("1", value_of({"t": "decimal", "v": "1"}))
    assert not same(None, False)
    assert not Case("", "1 +", {}, 1).passes
    assert Case("", "1 +", {}, None).passes


def test_a_declared_type_makes_an_item_of_a_list_of_one() -> None:
    assert conformed(["a"], "string") == "a"
    assert conformed([1, 2], "number") is None
    assert conformed("a", "number") is None
    assert conformed("a", "tOfTheModel") == "a"
    assert conformed(["a"], None) == ["a"]
