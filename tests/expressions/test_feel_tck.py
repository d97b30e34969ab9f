"""The DMN technology compatibility kit: the score that was reached is the floor."""

from __future__ import annotations

import pytest

from benchmarks.feel import Case, Score, cases, same, score, value_of

# Suites whose rest needs what an expression alone does not have: declared types of inputs and results (0015, 0021, 0070, 0082),
# years before 1 or after 9999 (0100, 1115, 1117, 1121), nanoseconds of a day (1117), equality without fractions of seconds (0068).
FLOORS = {
    "0015-all-any": 0,
    "0021-singleton-list": 3,
    "0068-feel-equality": 112,
    "0070-feel-instance-of": 129,
    "0082-feel-coercion": 5,
    "0100-arithmetic": 1039,
    "1115-feel-date-function": 44,
    "1117-feel-date-and-time-function": 77,
    "1121-feel-years-and-months-duration-function": 33,
}


@pytest.fixture(scope="module")
def result() -> Score:
    return score(cases())


def test_the_averages_stay(result: Score) -> None:
    assert result.micro >= 96.7
    assert result.macro >= 97.3


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
