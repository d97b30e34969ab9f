"""The README tells of every command and every delegate, and names no file that is not there."""

from __future__ import annotations

import re

from engine.cli import main
from engine.delegates import DELEGATES, JOB_TYPES
from engine.demo import HERE
from engine.scenarios.expectations import CHECKS
from engine.scenarios.steps import STEPS

README = (HERE / "README.md").read_text()


def test_every_command_is_told() -> None:
    assert [name for name in main.commands if f"ratchet {name}" not in README] == []


def test_every_delegate_and_connector_is_told() -> None:
    named = {*DELEGATES, *(type.replace("com.infosys.camundaconnectors.db", "…") for type in JOB_TYPES if "postgresql" not in type)}
    assert [name for name in sorted(named) if name not in README] == []


def test_every_step_and_expectation_of_scenarios_is_told() -> None:
    assert [name for name in [*STEPS, *CHECKS] if not re.search(rf"\b{name}\b", README)] == []


def test_what_is_named_is_there() -> None:
    for path in re.findall(r"`((?:engine|web|tests)/[\w/.]+)`|\]\((\w[\w/.-]+)\)", README):
        assert (HERE / (path[0] or path[1])).exists(), path
