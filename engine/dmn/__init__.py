"""DMN: decisions as Camunda 7 and 8 evaluate them. The only place where the rest of Ratchet meets decision models.

`read` takes a file apart, `check` and `doubts` look at its texts, `evaluate` gives a decision's value and how it came about, `mapped` puts
it into the shapes of Camunda 7.
"""

from engine.dmn.checks import check, doubts
from engine.dmn.errors import DecisionFailed, HitPolicyViolated, ResultNotMapped
from engine.dmn.evaluate import evaluate
from engine.dmn.model import Decision
from engine.dmn.reader import read
from engine.dmn.result import MAPPINGS, Evaluated, MatchedRule, Result, mapped

__all__ = [
    "MAPPINGS", "Decision", "DecisionFailed", "Evaluated", "HitPolicyViolated", "MatchedRule", "Result", "ResultNotMapped", "check",
    "doubts", "evaluate", "mapped", "read",
]  # fmt: skip
