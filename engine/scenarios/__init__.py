"""Scenario files: how an analyst keeps a process working. Each runs in a throw-away database with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.scenarios.report import junit
from engine.scenarios.runner import Result, run_file
from engine.scenarios.stage import workshop

__all__ = ["Result", "junit", "run_files"]


def run_files(files: Iterable[Path]) -> list[Result]:
    """Play scenario files one after the other."""
    with workshop() as shop:
        return [run_file(file, shop) for file in files]
