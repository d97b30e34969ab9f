"""The only place for matches, replace, split and extract: FEEL's functions over patterns (XQuery and XPath Functions 3.1, 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import thread_time
from typing import Concatenate, ParamSpec, TypeVar

from engine.expressions import ExpressionError
from engine.expressions.feel.scope import MOST_SECONDS, MOST_STEPS, Run, TooMuchWork
from engine.expressions.patterns import XPATH, TooSlow, compiled

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _charged(function: Callable[Given, Result]) -> Callable[Concatenate[Run, Given], Result]:
    """The function with its seconds charged to the run as steps. A broken pattern makes null; one that takes too long ends the run."""

    @wraps(function)
    def run_it(run: Run, /, *given: Given.args, **named: Given.kwargs) -> Result:
        started = thread_time()
        try:
            result = function(*given, **named)
        except TooSlow as slow:
            raise TooMuchWork(slow.reason) from slow
        except ExpressionError as broken:
            raise ValueError(broken.reason) from broken
        run.step(int((thread_time() - started) * MOST_STEPS / MOST_SECONDS))
        return result

    return run_it


@_charged
def matches(text: str, pattern: str, flags: str | None = None) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compiled(pattern, XPATH, flags or "").search(text) is not None


@_charged
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """The text with each match replaced; $1 is the first group, $0 the match, \\$ a dollar; under flag q nothing is special."""
    put = (lambda found: replacement) if "q" in (flags or "") else replacement
    return compiled(pattern, XPATH, flags or "").replace(text, put)


@_charged
def split(text: str, pattern: str) -> list[str]:
    """The parts of the text between the matches, empty ones too."""
    return compiled(pattern, XPATH).split(text, -1)


@_charged
def extract(text: str, pattern: str) -> list[str]:
    """The matches themselves."""
    return [found[0] for found in compiled(pattern, XPATH).all(text)]
