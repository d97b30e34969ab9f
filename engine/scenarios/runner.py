"""Plays scenario files: reads one, deploys what it names, takes its steps, checks what it expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from engine.core import SourceFile
from engine.errors import RatchetError
from engine.scenarios.expectations import check
from engine.scenarios.stage import ANALYST, Stage, StepProblem, Workshop, stage
from engine.scenarios.steps import play, told_by

KEYS = {"deploy", "connections", "secrets", "steps", "expect", "name", "description"}


@dataclass(frozen=True)
class Result:
    """How one scenario file went. The message of a failure says what was expected and where everything stands."""

    file: str
    passed: bool
    message: str = ""


def run_file(path: Path, keys: Workshop, home: Path) -> Result:
    """Play one scenario file from start to end."""
    try:
        scenario = _load(path)
        with stage(scenario.get("connections") or {}, scenario.get("secrets") or {}, keys, home) as played:
            _play(played, scenario, path)
    except (RatchetError, OSError) as failed:
        return Result(str(path), False, told_by(failed))
    return Result(str(path), True)


def _play(played: Stage, scenario: Mapping[str, Any], path: Path) -> None:
    played.engine.deploy([_source(path, name) for name in scenario.get("deploy") or []], ANALYST)
    for number, step in enumerate(scenario.get("steps") or [], 1):
        try:
            play(played, step)
        except RatchetError as failed:
            raise StepProblem(f"step {number} ({next(iter(step), 'empty')}): {told_by(failed)}") from None
    check(played, scenario.get("expect") or {})


def _load(path: Path) -> Mapping[str, Any]:
    try:
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as broken:
        raise StepProblem(f"This is not YAML: {broken}") from broken
    if not isinstance(scenario, Mapping) or set(scenario) - KEYS:
        raise StepProblem(f"A scenario file has the keys {', '.join(sorted(KEYS))}.")
    return scenario


def _source(scenario: Path, name: str) -> SourceFile:
    file = (scenario.parent / name).resolve()
    if not file.is_file():
        raise StepProblem(f"deploy: there is no file {name} beside {scenario.name}.")
    return SourceFile(str(Path(file.parent.name) / file.name), file.read_bytes())
