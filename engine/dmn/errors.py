"""The only place for what can go wrong while a decision is evaluated."""

from __future__ import annotations

from typing import Any

from engine.errors import RatchetError

MOST_SHOWN = 120
MOST_DIGITS = 10**40  # Python refuses to write much larger numbers


class DecisionFailed(RatchetError):
    """A decision could not be evaluated. The message names the decision, the place in it and the reason."""


class HitPolicyViolated(DecisionFailed):
    """More rules matched than the hit policy allows. `facts["rules"]` are their ids."""


class ResultNotMapped(DecisionFailed):
    """The result of a decision has another shape than its `camunda:mapDecisionResult` asks for."""


def shown(value: Any) -> str:
    """A value as messages show it: short."""
    if isinstance(value, int) and abs(value) > MOST_DIGITS:
        return "A very large number"
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
