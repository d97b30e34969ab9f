"""One diagram per construct, with the scenarios beside it that say what comes of it: played on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import text

from engine import db
from engine.clock import TestClock
from engine.config import Config
from engine.core import Engine, SourceFile
from engine.scenarios.runner import run_file
from engine.scenarios.stage import ANALYST, Workshop, workshop
from tests.conftest import POSTGRES, fresh_schema, on_both

DIAGRAMS = Path(__file__).parent / "diagrams"
SCENARIOS = sorted(DIAGRAMS.glob("*.yaml"))
ORDERED = ("ratchet_instance", "ratchet_task", "ratchet_job")


class PostgresWorkshop(Workshop):
    """The same for a schema on PostgreSQL: tables are emptied between scenarios, and rows are numbered as SQLite does of itself."""

    def __init__(self, home: Path, url: str):
        super().__init__(home)
        self._on_postgres = db.open_database(url)
        db.metadata.create_all(self._on_postgres)
        with self._on_postgres.begin() as tx:
            for table in ORDERED:
                tx.execute(text(f"ALTER TABLE {table} ADD COLUMN rowid BIGSERIAL"))
            self._ours = ", ".join(table.name for table in db.metadata.sorted_tables)
        self._known = {table.name for table in db.metadata.sorted_tables}

    def fresh_database(self) -> Database:
        with self._on_postgres.begin() as tx:
            tx.execute(text(f"TRUNCATE {self._ours} RESTART IDENTITY CASCADE"))
            for (name,) in tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).all():
                if name not in self._known:
                    tx.execute(text(f'DROP TABLE "{name}" CASCADE'))
        Engine(self._on_postgres, Config("", self.home), TestClock()).add_person(ANALYST, None)
        return self._on_postgres

    def close(self) -> None:
        self._on_postgres.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """What the scenarios share, on either database."""
    if request.param == "sqlite":
        with workshop() as made:
            yield made
    elif POSTGRES not in os.environ:
        pytest.skip("PostgreSQL is not installed here")
    else:
        with fresh_schema(os.environ[POSTGRES]) as url:
            made = PostgresWorkshop(tmp_path_factory.mktemp("scenarios"), url)
            yield made
            made.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_what_comes_of_the_diagram(scenario: Path, shop: Workshop) -> None:
    result = run_file(scenario, shop)
    assert result.passed, result.message


@on_both
@pytest.mark.parametrize("dialect", [7, 8])
def test_a_conditional_start_event(engine: Engine, dialect: int) -> None:
    """Nothing but the question whether it holds makes it happen."""
    file = DIAGRAMS / f"events_conditional_start_{dialect}.bpmn"
    engine.deploy([SourceFile(file.name, file.read_bytes())], ANALYST)
    assert engine.evaluate_conditions({"x": 5}, ANALYST) == []
    assert engine.evaluate_conditions({}, ANALYST) == []
    assert engine.evaluate_conditions({"x": 11}, ANALYST, process="another") == []
    (id,) = engine.evaluate_conditions({"x": 11}, ANALYST, business_key="B-1")
    detail = engine.instance(id, ANALYST)
    assert (detail.info.business_key, list(detail.tokens)) == ("B-1", ["a"])
    assert [one.element_id for one in detail.activities] == ["big", "a"]
    assert ("", "x", 11) in detail.variables
    (plain,) = [engine.start("events-conditional-start", {}, ANALYST)]
    assert list(engine.instance(plain, ANALYST).tokens) == ["b"]


def test_each_diagram_is_used() -> None:
    told = "".join(scenario.read_text(encoding="utf-8") for scenario in SCENARIOS)
    tests = "".join(test.read_text(encoding="utf-8") for test in Path(__file__).parent.rglob("test_*.py"))
    assert [file.name for file in DIAGRAMS.glob("*.bpmn") if file.name not in told and file.stem.rpartition("_")[0] not in tests] == []
