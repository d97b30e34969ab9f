"""Whatever an instance is at, it can be taken to a version that is the same, and then goes on as if nothing had happened.

Scenarios of the diagrams are played; after each step there is a new version of all that is under way, and every instance goes there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn.reader import read
from engine.bpmn.triggers import TimerEvent
from engine.core import SourceFile
from engine.runtime.selection import Selection
from engine.scenarios import runner
from engine.scenarios.stage import ANALYST, Stage, Workshop

DIAGRAMS = Path(__file__).parents[1] / "diagrams"
OPEN = ("active", "incident")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    opened = Workshop(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


@pytest.mark.parametrize("suspended", [False, True])
@pytest.mark.parametrize("path", sorted(DIAGRAMS.glob("*.yaml"))[::6], ids=lambda path: str(path.stem))
def test_the_same_in_another_version(path: Path, suspended: bool, shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    play = runner.play

    def play_and_migrate(stage: Stage, step: Any) -> None:
        play(stage, step)
        for state in OPEN:
            for one in stage.engine.select(Selection(state=state), ANALYST):
                _migrate(stage, one, suspended)

    monkeypatch.setattr(runner, "play", play_and_migrate)
    result = runner.run_file(path, shop)
    assert result.passed, result.message


def _migrate(stage: Stage, one: Any, suspended: bool) -> None:
    """Deploying begins timer starts anew, so what has one stays where it is."""
    engine, versions = stage.engine, stage.engine.versions(one.key, ANALYST)
    xml = engine.definition_xml(one.definition_id, ANALYST)
    if any(_has_timer_start(process) for process in read(xml, "p.bpmn")):
        return
    if versions[0].version == one.version:
        engine.deploy([SourceFile(versions[0].file, xml + f"<!-- {one.version} -->".encode())], ANALYST)
    if suspended and one.parent_id is None:
        engine.suspend(one.id, ANALYST)
    engine.migrate(one.id, ANALYST)
    if suspended and one.parent_id is None:
        engine.resume(one.id, ANALYST)


def _has_timer_start(process: Any) -> bool:
    return any(one.kind == "startEvent" and isinstance(one.event, TimerEvent) for one in process.inside(None))
