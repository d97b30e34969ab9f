"""Real workers in real processes: each job once, whoever is killed, whoever comes late."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from engine import db
from engine.config import Config
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.delegates import JOB_TYPES
from engine.demo import PEOPLE
from engine.jobs import wakeup
from tests.jobs.workers import PROCESS, SIDES, TYPE, Worker, effect, quick, rows, until
from tests.serving import Server

ALEX = PEOPLE[2]
Start = Callable[..., Worker]


def on(sides: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("database_url", "side"), sides, indirect=["database_url"])


on_all, on_postgres, as_by_default = on(SIDES), on(SIDES[1:]), on([SIDES[0], SIDES[2]])


@pytest.fixture
def engine(config: Config, side: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine by the real clock, with the process of workers.py."""
    monkeypatch.setitem(JOB_TYPES, TYPE, effect)
    opened = open_engine(config)
    wakeup.install(opened.database, quick(side))
    opened.deploy([SourceFile("p.bpmn", PROCESS)], ALEX)
    yield opened
    opened.database.dispose()


@pytest.fixture
def start(config: Config, side: str) -> Iterator[Start]:
    """Starts workers, which end with the test."""
    started: list[Worker] = []

    def one(concurrency: int = 1, other: Config | None = None) -> Worker:
        started.append(Worker(other or config, side, concurrency))
        return started[-1]

    yield one
    for worker in started:
        worker.kill() if worker.alive else None


def begin(engine: Engine, count: int, **variables: Any) -> list[str]:
    """So many instances, each waiting for its second try, which will be well."""
    ids = [engine.start("p", {"slow": 0, **variables}, ALEX) for _ in range(count)]
    with db.begin(engine.database) as tx:
        tx.execute(text("CREATE TABLE effect (instance_id VARCHAR(80), worker BIGINT)"))
    return ids


def completed(engine: Engine) -> int:
    return len(engine.instances(ALEX, state="completed"))


@on_all
def test_three_workers_at_once_do_each_job_once(engine: Engine, start: Start) -> None:
    workers = [start(2) for _ in range(3)]
    ids = begin(engine, 40)
    until(lambda: completed(engine) == 40)
    assert sorted(id for id, _ in rows(engine)) == sorted(ids)
    assert {pid for _, pid in rows(engine)} <= {worker.pid for worker in workers}
    assert [worker.stop() for worker in workers] == [0, 0, 0]


@on_all
def test_another_takes_over_from_a_killed_worker(engine: Engine, start: Start, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    first = start()
    (id,) = begin(engine, 1, slow=1.5, begun=str(begun))
    until(begun.exists)
    second = start()
    first.kill()
    assert rows(engine) == []
    until(lambda: completed(engine) == 1)
    assert rows(engine) == [(id, second.pid)]
    assert engine.instance(id, ALEX).counts["work"] == 1


@on_all
def test_workers_killed_again_and_again_lose_nothing_and_repeat_nothing(engine: Engine, start: Start) -> None:
    ids = begin(engine, 20, slow=0.05, begun=os.devnull)
    for number in range(6):
        worker = start(2)
        time.sleep(0.5 + 0.15 * number)
        worker.kill()
    start(4)
    until(lambda: completed(engine) == 20, 60)
    assert sorted(id for id, _ in rows(engine)) == sorted(ids)


@on_all
def test_a_worker_that_comes_late_does_what_is_overdue(engine: Engine, start: Start) -> None:
    ids = begin(engine, 3)
    time.sleep(1.2)
    assert rows(engine) == []
    start()
    until(lambda: completed(engine) == 3)
    assert sorted(id for id, _ in rows(engine)) == sorted(ids)


@on_all
def test_a_worker_that_is_stopped_finishes_what_it_has_in_hand(engine: Engine, start: Start, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    worker = start()
    (id,) = begin(engine, 1, slow=1.5, begun=str(begun))
    until(begun.exists)
    assert worker.stop() == 0
    assert rows(engine) == [(id, worker.pid)] and completed(engine) == 1


@on_all
def test_a_slow_job_does_not_come_to_a_second_effect(engine: Engine, start: Start, tmp_path: Path) -> None:
    """It takes longer than the lease, and than it takes to be held for dead."""
    start(), start()
    (id,) = begin(engine, 1, slow=4, begun=str(tmp_path / "begun"))
    until(lambda: completed(engine) == 1)
    time.sleep(0.5)
    assert [one for one, _ in rows(engine)] == [id]
    assert engine.instance(id, ALEX).counts["work"] == 1


@on_postgres
def test_a_worker_outlives_its_connections(engine: Engine, config: Config, start: Start, side: str) -> None:
    named = f"ratchet-{uuid4().hex[:12]}"
    worker = start(2, replace(config, database_url=f"{config.database_url}&application_name={named}"))
    ids = begin(engine, 12, slow=0.4, begun=os.devnull)
    until(lambda: completed(engine) > 0)
    cut = 0
    for _ in range(6):
        time.sleep(0.3)
        with engine.database.connect() as tx:
            found = tx.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :n"), {"n": named})
            cut += len(found.all())
    assert cut > 5
    until(lambda: completed(engine) == 12, 60)
    assert sorted(id for id, _ in rows(engine)) == sorted(ids)
    assert worker.stop() == 0
    assert {tries for id in ids for tries in engine.instance(id, ALEX).counts.values()} == {1}


@as_by_default
def test_the_command_works_until_it_is_terminated(engine: Engine, config: Config, side: str) -> None:
    ids = begin(engine, 2)
    environment = {**os.environ, "RATCHET_HOME": str(config.home), "RATCHET_SEAL": str(config.seal), "RATCHET_TRUST": str(config.trust)}
    code = "import tests.jobs.registered; from engine.cli import main; main()"
    command = [sys.executable, "-c", code, "--database", config.database_url, "worker", "--concurrency", "2"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: completed(engine) == 2)
        assert sorted(id for id, _ in rows(engine)) == sorted(ids)
        process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=20)
        assert process.returncode == 0 and "works off what falls due" in told
    finally:
        process.kill()


@as_by_default
@pytest.mark.parametrize("worker", [True, False])
def test_the_server_works_unless_it_is_told_not_to(engine: Engine, config: Config, side: str, worker: bool) -> None:
    server = Server(config, worker, "tests.jobs.registered")
    server.start()
    try:
        begin(engine, 2)
        until(lambda: completed(engine) == 2) if worker else time.sleep(2.5)
        assert completed(engine) == (2 if worker else 0)
    finally:
        server.kill()
