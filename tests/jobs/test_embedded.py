"""The side for one server: it claims, wakes up, survives, ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine as Database

from engine import db
from engine.clock import SystemClock, TestClock
from engine.jobs import table, wakeup
from engine.jobs.embedded import Embedded
from engine.jobs.table import RETRY, Job
from tests.conftest import on_both
from tests.jobs.workers import until

NOW = TestClock().now()


def job(id: str, due: datetime = NOW, **facts: Any) -> Job:
    return Job(**{"id": id, "kind": RETRY, "type": "", "instance_id": "i", "element_id": "e", "retries": 3, "due_at": due, **facts})


class Runner:
    """Takes every job that it is brought off the table."""

    def __init__(self, database: Database):
        self.database, self.clock = database, SystemClock()
        self.done: list[str] = []
        self.lost = 0

    def run_job(self, job_id: str) -> bool:
        if self.lost:
            self.lost -= 1
            raise ConnectionError("the database is lost")
        with db.begin(self.database) as tx:
            table.remove(tx, job_id)
        self.done.append(job_id)
        return True


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = db.open_database(database_url)
    table.job.create(made)
    yield made
    made.dispose()


@pytest.fixture
def runner(database: Database) -> Runner:
    return Runner(database)


@pytest.fixture
def run(runner: Runner, database: Database) -> Iterator[Any]:
    """Installs a side and runs it in a thread, until the test ends."""
    begun: list[tuple[wakeup.Wakeup, Thread]] = []

    def side(made: Embedded, concurrency: int = 1) -> Embedded:
        wakeup.install(database, made)
        begun.append((made, Thread(target=made.run, args=(runner, concurrency))))
        begun[-1][1].start()
        return made

    yield side
    for made, thread in begun:
        made.stop()
        thread.join(10)
        assert not thread.is_alive()


def put(database: Database, *new: Job) -> None:
    with db.begin(database) as tx:
        table.put_all(tx, list(new))


@on_both
def test_a_claimed_job_is_nobody_elses_until_the_lease_is_over(database: Database) -> None:
    put(database, job("a"), job("b"))
    until_then = NOW + timedelta(seconds=60)
    with db.begin(database) as tx:
        claimed = [table.claim(tx, f"worker {number}", NOW, until_then) for number in range(3)]
        assert [one and one.id for one in claimed] == ["a", "b", None]
        assert table.get(tx, "b").locked_by == "worker 1"
        table.give_back(tx, "b", "worker 0")
        assert table.claim(tx, "x", NOW, until_then) is None
        table.give_back(tx, "b", "worker 1")
        again = [table.claim(tx, "x", NOW, until_then), table.claim(tx, "y", until_then, until_then)]
        assert [one and one.id for one in again] == ["b", "a"]


@pytest.mark.parametrize(
    "other",
    [{"kind": table.EXTERNAL}, {"retries": 0}, {"held": True}, {"due_at": NOW + timedelta(microseconds=1)}, {"locked_until": NOW + timedelta(seconds=1)}],
)
def test_what_is_not_to_be_done_is_not_claimed(database: Database, other: dict[str, Any]) -> None:
    put(database, replace(job("a"), **other))
    with db.begin(database) as tx:
        assert table.claim(tx, "worker", NOW, NOW) is None


def test_two_at_once_never_claim_the_same(database: Database) -> None:
    put(database, *[job(str(number)) for number in range(50)])
    claimed: list[str] = []

    def claim() -> None:
        while True:
            with db.begin(database) as tx:
                found = table.claim(tx, "w", NOW, NOW + timedelta(seconds=60))
            if found is None:
                return
            claimed.append(found.id)

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(map(str, range(50)))


@on_both
def test_a_job_that_is_committed_wakes_it_at_once(database: Database, runner: Runner, run: Any) -> None:
    run(Embedded(look_every=3600))
    put(database, job("a", datetime.now(UTC)))
    until(lambda: runner.done == ["a"])
    with pytest.raises(RuntimeError), db.begin(database) as tx:
        table.put(tx, job("undone", datetime.now(UTC)))
        raise RuntimeError
    put(database, job("b", datetime.now(UTC)))
    until(lambda: runner.done == ["a", "b"])


def test_it_sleeps_until_the_next_is_due(database: Database, runner: Runner, run: Any) -> None:
    run(Embedded(look_every=3600), concurrency=3)
    now = datetime.now(UTC)
    put(database, job("later", now + timedelta(seconds=0.4)), job("sooner", now + timedelta(seconds=0.2)), job("never", now + timedelta(days=1)))
    until(lambda: runner.done == ["sooner", "later"])
    assert datetime.now(UTC) >= now + timedelta(seconds=0.4)


def test_a_resumed_job_wakes_it(database: Database, runner: Runner, run: Any) -> None:
    run(Embedded(look_every=3600))
    put(database, job("a", datetime.now(UTC), held=True))
    with db.begin(database) as tx:
        table.hold(tx, "i", False)
    until(lambda: runner.done == ["a"])


def test_it_survives_a_lost_database_and_gives_back_what_it_had(database: Database, runner: Runner, run: Any, caplog: pytest.LogCaptureFixture) -> None:
    runner.lost = 2
    put(database, job("a", datetime.now(UTC)))
    run(Embedded(lease=timedelta(hours=1), look_every=0.01))
    until(lambda: runner.done == ["a"])
    assert caplog.text.count("could not be done") == 2


def test_it_survives_a_database_that_is_not_there(runner: Runner, run: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, runner.database = runner.database, db.open_database(f"sqlite:///{tmp_path}/nowhere/x.db")
    run(Embedded(look_every=0.01))
    until(lambda: caplog.text.count("could not be done") > 1)
    put(good, job("a", datetime.now(UTC)))
    runner.database = good
    until(lambda: runner.done == ["a"])


def test_stopped_before_it_began_it_does_nothing(database: Database, runner: Runner) -> None:
    put(database, job("a"))
    side = Embedded()
    side.stop()
    side.run(runner, 2)
    assert runner.done == []


def test_what_nobody_serves_is_written_all_the_same(database: Database) -> None:
    assert wakeup.installed(database) is None
    put(database, job("a"))
    with db.read(database) as tx:
        assert table.get(tx, "a").id == "a"
