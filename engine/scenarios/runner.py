"""Plays scenario files: reads one, deploys what it names, takes its steps, checks what it expects."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.errors import RatchetError
from engine.scenarios import standing
from engine.scenarios.expectations import check
from engine.scenarios.files import load
from engine.scenarios.moving import settle
from engine.scenarios.problems import StepProblem, told_by
from engine.scenarios.seen import Seen, Unmet
from engine.scenarios.stage import Stage, Workshop, stage
from engine.scenarios.steps import deploy, play


@dataclass(frozen=True)
class Result:
    """How one scenario file went, in how many seconds. The message of a failure says what was expected and where everything stands."""

    file: str
    passed: bool
    message: str = ""
    seconds: float = 0.0


def run_file(path: Path, shop: Workshop) -> Result:
    """Play one scenario file from start to end."""
    begun = perf_counter()
    message = _failure(path, shop)
    return Result(str(path), message is None, message or "", round(perf_counter() - begun, 6))


def _failure(path: Path, shop: Workshop) -> str | None:
    """What went wrong; None when nothing did."""
    try:
        scenario = load(path)
        with _quiet(), stage(scenario.get("connections") or {}, scenario.get("secrets") or {}, shop, path.parent) as played:
            _play(played, scenario)
    except (RatchetError, OSError) as failed:
        return told_by(failed)
    except Exception as broken:  # a fault of Ratchet's own must not keep the other files from being played
        return f"Ratchet itself failed, which it should not: {told_by(broken)}\n" + "".join(traceback.format_exception(broken)[-6:])
    return None


def _play(played: Stage, scenario: Mapping[str, Any]) -> None:
    deploy(played, scenario.get("deploy"))
    settle(played)
    for number, step in enumerate(scenario.get("steps") or [], 1):
        try:
            play(played, step)
        except RatchetError as failed:
            kind = next(iter(step), "empty") if isinstance(step, Mapping) else step
            raise StepProblem(f"step {number} ({kind}): {_with_standing(played, failed)}") from None
    check(played, scenario.get("expect") or {})


def _with_standing(played: Stage, failed: RatchetError) -> str:
    """The message, and where everything stands, which an unmet expectation tells itself."""
    seen = Seen(played, None)
    return told_by(failed) if isinstance(failed, Unmet) or not seen.all else f"{told_by(failed)}\n{standing.told(seen)}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Steps that fail are told by the scenario, where they matter, not by the log."""
    log = logging.getLogger("ratchet")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
