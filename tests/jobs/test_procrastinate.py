"""The side for many machines: what is queued when, in Procrastinate's tables of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine as Database
from sqlalchemy import text

from engine import db
from engine.jobs import sides, table, wakeup
from engine.jobs.embedded import Embedded
from engine.jobs.procrastinate import Procrastinate, prepare
from tests.jobs.test_embedded import Runner, job, put
from tests.jobs.workers import until

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def bare(database_url: str) -> Iterator[Database]:
    made = db.open_database(database_url)
    table.job.create(made)
    yield made
    made.dispose()


@pytest.fixture
def database(bare: Database) -> Database:
    prepare(bare)
    wakeup.install(bare, Procrastinate(look_every=0.2))
    return bare


@pytest.fixture
def runner(database: Database) -> Runner:
    return Runner(database)


@pytest.fixture
def work(database: Database, runner: Runner) -> Iterator[Any]:
    """Lets the worker begin."""
    side = wakeup.installed(database)
    assert side is not None
    thread = Thread(target=side.run, args=(runner, 2))
    yield thread.start
    side.stop()
    thread.join(20)
    assert not thread.is_alive()


def queue(database: Database) -> list[tuple[str, str]]:
    with db.read(database) as tx:
        return [tuple(row) for row in tx.execute(text("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY scheduled_at"))]


def now() -> datetime:
    return datetime.now(UTC)


def test_a_job_is_queued_in_the_transaction_that_writes_it(database: Database) -> None:
    put(database, job("a", now()), job("external", now(), kind=table.EXTERNAL), job("incident", now(), retries=0), job("held", now(), held=True))
    with pytest.raises(RuntimeError), db.begin(database) as tx:
        table.put(tx, job("undone", now()))
        raise RuntimeError
    assert queue(database) == [("a", "todo")]


def test_a_job_that_is_written_again_is_queued_once_for_its_new_moment(database: Database) -> None:
    put(database, job("a", now() + MINUTE / 2), job("b", now() + MINUTE / 3))
    with db.begin(database) as tx:
        table.put(tx, job("a", now()))
        table.put(tx, job("c", now() + MINUTE / 4))
    assert queue(database) == [("a", "todo"), ("c", "todo"), ("b", "todo")]


def test_what_is_far_is_queued_as_it_comes_near(database: Database, runner: Runner, work: Any) -> None:
    put(database, job("far", now() + DAY))
    assert queue(database) == []
    with db.begin(database) as tx:  # a day goes by
        tx.execute(table.job.update().values(due_at=now() + MINUTE / 2))
    work()
    until(lambda: queue(database) == [("far", "todo")])
    assert runner.done == []


def test_a_later_timer_keeps_back_nothing_of_its_instance(database: Database, runner: Runner, work: Any) -> None:
    put(database, job("timer", now() + MINUTE / 2))
    put(database, job("next", now()))
    work()
    until(lambda: runner.done == ["next"])
    until(lambda: queue(database) == [("timer", "todo")])  # what is done is gone


def test_what_was_never_queued_or_was_lost_is_found(database: Database, runner: Runner, work: Any) -> None:
    put(database, job("lost", now() - DAY), job("resumed", now(), held=True, instance_id="other"))
    with db.begin(database) as tx:
        tx.execute(text("DELETE FROM procrastinate_jobs"))
        table.hold(tx, "other", False)
    work()
    until(lambda: sorted(runner.done) == ["lost", "resumed"])


def test_what_a_dead_worker_had_in_hand_is_queued_again(database: Database, runner: Runner, work: Any, caplog: pytest.LogCaptureFixture) -> None:
    put(database, job("a", now()), job("b", now()))
    with db.begin(database) as tx:
        tx.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 min')"))
        tx.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers) WHERE lock = 'a'"))
        tx.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE lock = 'b'"))
    work()
    until(lambda: sorted(runner.done) == ["a", "b"])
    assert caplog.text.count("had the job") == 2


def test_it_survives_a_verb_that_loses_its_database(database: Database, runner: Runner, work: Any) -> None:
    runner.lost = 1
    put(database, job("a", now()))
    work()
    until(lambda: runner.done == ["a"])
    until(lambda: queue(database) == [])


def test_two_processes_that_queue_the_same_do_not_fail(database: Database) -> None:
    side, errors = wakeup.installed(database), []
    assert side is not None

    def enqueue() -> None:
        try:
            for _ in range(20):
                with db.begin(database) as tx:
                    side.deferred(tx, [job(str(number), now()) for number in range(3)])
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=enqueue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(queue(database)) == [("0", "todo"), ("1", "todo"), ("2", "todo")]


def test_the_tables_are_made_once_by_whoever_is_first(bare: Database) -> None:
    errors: list[Exception] = []

    def make() -> None:
        try:
            prepare(bare)
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and queue(bare) == []


def test_tables_of_an_earlier_version_are_brought_up(bare: Database) -> None:
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    earlier = [step for step in steps if step.name < "03"]
    with bare.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        raw: Any = tx.connection.driver_connection
        for step in earlier:
            raw.execute(step.read_text())
        raw.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{earlier[-1].name}'")
    prepare(bare)
    prepare(bare)
    wakeup.install(bare, Procrastinate())
    put(bare, job("a", now()))
    assert queue(bare) == [("a", "todo")]


def test_which_side_serves_which_database(bare: Database, tmp_path: Path) -> None:
    assert isinstance(sides.side_for(bare), Procrastinate)
    assert isinstance(sides.side_for(db.open_database(f"sqlite:///{tmp_path / 'x.db'}")), Embedded)
