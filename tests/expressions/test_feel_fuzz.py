"""Random texts and odd values: whatever FEEL is given, it answers or raises an ExpressionError, and soon."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import thread_time
from typing import Any

import pytest

from engine.expressions import ExpressionError, feel
from engine.expressions.feel.builtins import BUILTINS

_WORDS = (
    "if then else for in return some every satisfies between and or instance of function external true false null ? item partial "
    'x xs a.b `a b` 1 2.5 -3 .. [ ] ( ) { } , : + - * / ** = != < <= > >= " "t" 9999999999999999999999999999999999 1e6000 '
    '@"-2021-01-01" @"99999-12-31T23:59:59.999999999@Europe/Kyiv" @"9999-12-31" @"10:00:00.000000001" @"P1Y" @"-PT0.000000001S" '
    '@"P99999999999D" day-time-duration list<number>'
)
WORDS = _WORDS.split()
ARGUMENTS = ("x", "xs", "a.b", "`a b`", "1", "-2", "null", '"ab"', "[xs]", "{a: x}", "[x..x]", "function(p, q) p = q", "true", '@"P9Y"')
OPERATORS = ("+", "-", "*", "/", "**", "=", "<", "in", "between 1 and", "instance of")
FAR, FAR_MOMENT, FINE = (feel.evaluate(text, {}) for text in ('@"-999999999-01-01"', '@"99999-12-31T23:59:59Z"', '@"10:00:00.000000001Z"'))
CONTEXT: dict[str, Any] = {"x": FAR, "xs": [FAR, FINE, 1, None, "a", {"a": 1}], "a": {"b": FAR_MOMENT}, "a b": FINE, "item": 3}
WAYS: tuple[Callable[[str], object], ...] = (
    lambda text: feel.evaluate(text, CONTEXT),
    lambda text: feel.evaluate(f"string({text})", CONTEXT),
    lambda text: feel.matches(text, FAR_MOMENT, CONTEXT),
    lambda text: feel.check(text),
    lambda text: feel.doubts(text),
)


def _soup(chance: random.Random) -> str:
    return " ".join(chance.choice((*WORDS, *BUILTINS)) for _ in range(chance.randrange(1, 14)))


def _call(chance: random.Random) -> str:
    arguments = ", ".join(chance.choice(ARGUMENTS) for _ in range(chance.randrange(5)))
    return f"{chance.choice(tuple(BUILTINS))}({arguments}) {chance.choice(OPERATORS)} {chance.choice(ARGUMENTS)}"


@pytest.mark.parametrize("make", [_soup, _call], ids=["words", "calls"])
def test_only_ever_expression_errors(make: Callable[[random.Random], str]) -> None:
    chance = random.Random(11)
    started = thread_time()
    for _ in range(3000):
        text = make(chance)
        for ask in WAYS:
            try:
                ask(text)
            except ExpressionError as error:
                assert error.line >= 1 and error.column >= 1
    assert thread_time() - started < 20
