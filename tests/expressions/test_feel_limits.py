"""Nothing that FEEL is given may hang it, crash it, or fill the machine."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from time import thread_time
from typing import Any

import pytest

from benchmarks.feel import cases
from engine.expressions import ExpressionError, feel
from engine.expressions.feel import regexes
from engine.expressions.feel.scope import Run

HEAVY = [
    "for i in 1..10000000 return i",
    "for i in 1..5000, j in 1..5000 return 1",
    "count([1..1000000000][item > 1])",
    "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "{f: function(n) f(n) + f(n)}.f(1)",
    "{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2)}.f(50)",
    "for i in 1..100000 return list contains(big, i)",
    "some a in big, b in big satisfies a + b < 0",
    "sort(big, function(a, b) count(big[item < a]) < 1)",
]
LONG = {
    "parentheses": "(" * 5000 + "1" + ")" * 5000,
    "lists": "[" * 5000 + "]" * 5000,
    "contexts": "{a:" * 5000 + "1" + "}" * 5000,
    "signs": "-" * 5000 + "1",
    "comparisons": "1" + "=1" * 5000,
    "paths": "a" + ".a" * 5000,
    "filters": "a" + "[1]" * 5000,
    "nested filters": "a[" * 5000 + "1" + "]" * 5000,
    "calls": "abs(" * 5000 + "1" + ")" * 5000,
    "branches": "if true then " * 5000 + "1" + " else 1" * 5000,
    "functions": "function(a) " * 5000 + "1",
    "types": "x instance of " + "list<" * 5000 + "number" + ">" * 5000,
    "iterators": "for " + ", ".join(f"a{i} in [1]" for i in range(5000)) + " return 1",
    "characters": "1" * 200_000,
}


@pytest.mark.parametrize("source", HEAVY)
def test_heavy_work_is_stopped(source: str) -> None:
    warnings: list[str] = []
    started = thread_time()
    feel.evaluate(source, {"big": list(range(100_000))}, warnings.append)
    assert thread_time() - started < 11
    assert warnings


@pytest.mark.parametrize("source", LONG.values(), ids=LONG)
def test_a_deep_text_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        feel.evaluate(source, {})


def test_nested_filters_cost_no_more_than_their_depth() -> None:
    started = thread_time()
    feel.evaluate("a[" * 60 + "item" + "]" * 60, {"a": [True, False]})
    assert thread_time() - started < 5


def test_long_chains_are_fine() -> None:
    assert feel.evaluate("1" + " + 1" * 5000, {}) == 5001
    assert feel.evaluate("true" + " and true" * 5000, {}) is True


def test_endless_data_is_no_trouble() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert feel.evaluate("string(x)", {"x": endless}) is None
    assert feel.evaluate("to json(x)", {"x": endless}) is None
    assert feel.evaluate("flatten(x)", {"x": endless}) is None
    assert feel.evaluate("x = y", {"x": endless, "y": [endless]}) is None


def test_cut_and_shuffled_expressions_only_ever_raise_expression_errors() -> None:
    chance = random.Random(7)
    sources = [case.expression for case in cases()]
    for _ in range(4000):
        source = chance.choice(sources)
        start, stop = sorted(chance.sample(range(len(source) + 1), 2)) if source else (0, 0)
        broken = source[:start] + chance.choice(["", "(", "]", '"', "..", " and ", "?", "\\", "`"]) + source[stop:]
        try:
            feel.evaluate(broken, {})
        except ExpressionError as error:
            assert error.line >= 1 and error.column >= 1


def test_many_threads_share_the_programs() -> None:
    def work(number: int) -> Any:
        return feel.evaluate("sum(for i in 1..n return i / 4) + a-b", {"n": number % 50 + 1, "a-b": number})

    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(work, range(400)))
    assert all(total == Decimal((n % 50 + 1) * (n % 50 + 2)) / 8 + n for n, total in enumerate(totals))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 5000 + "b"),
        ("(a|a)*b", "a" * 5000),
        ("(a|aa)+$", "a" * 5000 + "b"),
        (".*.*.*=", "a" * 5000),
        (r"(\w+\s?)*$", "hello world " * 400 + "!"),
        ("a?" * 30 + "a" * 30, "a" * 30),
        ("((a*)*)*b", "a" * 5000),
        ("(a{1,30}){1,30}b", "a" * 1000),
        ("(?=(a+)+b)a", "a" * 5000),
        (r"(a+)+\1b", "a" * 5000),
        ("(" * 1000 + ")" * 1000, "a"),
        ("((a{1000}){1000}){1000}", "a"),
        ("[", "a"),
        ("a" * 5000, "a"),
    ],
)
def test_no_pattern_hangs(pattern: str, text: str) -> None:
    started = thread_time()
    for source in ("matches(text, pattern)", 'replace(text, pattern, "$1")', "split(text, pattern)", "extract(text, pattern)"):
        feel.evaluate(source, {"text": text, "pattern": pattern})
    assert thread_time() - started < 10


def test_a_pattern_that_takes_too_long_ends_the_evaluation() -> None:
    warnings: list[str] = []
    started = thread_time()
    assert feel.evaluate('for i in 1..1000 return matches(text, "(a+)+$")', {"text": "a" * 5000 + "b"}, warnings.append) is None
    assert thread_time() - started < 5
    assert "takes too long" in warnings[0]


def test_searches_are_charged_to_the_evaluation() -> None:
    run = Run()
    assert regexes.matches(run, "a" * 10_000, "[a-z]+^") is False
    assert run.steps > 0
