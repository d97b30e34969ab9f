"""Verbs: evaluate deployed decisions and look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.kernel import Kernel
from engine.dmn import DecisionFailed, Evaluated, Result
from engine.errors import Refused
from engine.identity import Person
from engine.runtime import decisions, values
from engine.runtime.decisions import LATEST, DecisionInfo, Wanted


class NotDecided(Refused):
    """The decision could not be made with these variables."""


class Decisions(Kernel):
    """What people do with decisions."""

    def decide(self, key: str, variables: Mapping[str, Any], who: Person, version: int | None = None) -> Result:
        """Evaluate a decision, the latest version where none is named; values come as a process variable would keep them.

        `NotDecided` says which decision, rule and text is at fault.
        """
        wanted = LATEST if version is None else Wanted("version", version)
        with self._reading(who) as tx:
            try:
                found = decisions.decide(tx, key, variables, self.clock, wanted=wanted)
            except DecisionFailed as failed:
                raise NotDecided(self.world.secrets.mask(failed.message), **failed.facts) from failed
        return replace(found, value=_kept(found.value), evaluated=[_told(one) for one in found.evaluated])

    def decisions(self, who: Person) -> list[DecisionInfo]:
        """The latest version of each decision."""
        with self._reading(who) as tx:
            return decisions.latest(tx)

    def decision_xml(self, decision_id: str, who: Person) -> bytes:
        with self._reading(who) as tx:
            return decisions.xml(tx, decision_id)


def _kept(value: Any) -> Any:
    """FEEL's durations, ranges and functions as text, for those who are shown them."""
    return values.from_json(values.to_json(value))


def _told(one: Evaluated) -> Evaluated:
    rules = [replace(rule, outputs=_kept(rule.outputs)) for rule in one.rules]
    return replace(one, value=_kept(one.value), rows=_kept(one.rows), inputs=_kept(one.inputs), rules=rules)
