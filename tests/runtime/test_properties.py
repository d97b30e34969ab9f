"""Random block-structured processes run to their end with the right number of visits, and saving and loading at every rest changes nothing.

RATCHET_PROPERTIES=20000 tries more of them than usual.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import pytest
from sqlalchemy import Connection

from engine import db
from engine.clock import TestClock
from engine.config import Config
from engine.core import Engine, SourceFile
from engine.identity import Person
from engine.jobs import table as jobs
from engine.runtime import definitions, events, history, messages, store, views
from engine.runtime.case import Case
from engine.runtime.run import Run
from engine.runtime.tasks import OPEN
from engine.runtime.tokens import Token
from tests.runtime.blocks import process

CASES = int(os.environ.get("RATCHET_PROPERTIES", "300"))
GROUP = 50
ALEX = Person("alex", "Alex", frozenset({"officer", "analyst", "admin"}))
Trace = list[tuple[str, str]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    database = db.open_database("sqlite://")
    db.metadata.create_all(database)
    yield Engine(database, Config("sqlite://", tmp_path_factory.mktemp("home")), TestClock())
    database.dispose()


@pytest.mark.parametrize("first", range(0, CASES, GROUP))
def test_every_process_comes_to_its_end(engine: Engine, first: int) -> None:
    for seed in range(first, min(first + GROUP, CASES)):
        model, expected = process(seed)
        engine.deploy([SourceFile("p.bpmn", model)], ALEX)
        with db.begin(engine.database) as tx:
            at_once, again = (play(engine, tx, seed, load=load) for load in (False, True))
        assert at_once == again, f"seed {seed}: saving and loading makes a difference"
        visited = Counter(element for element, _ in again)
        assert visited == +expected, f"seed {seed}: {visited - expected} too often, {+expected - visited} too rarely"


@pytest.mark.parametrize("first", range(0, CASES // 2, GROUP))
def test_events_may_come_at_any_moment(engine: Engine, first: int) -> None:
    """An interrupted branch may leave a parallel join without its partner; nothing else may be left standing."""
    for seed in range(first, min(first + GROUP, CASES // 2)):
        model, _ = process(seed)
        engine.deploy([SourceFile("p.bpmn", model)], ALEX)
        signals = re.findall(r'id="(idle\d+)" name', model.decode())
        with db.begin(engine.database) as tx:
            at_once, again = (play(engine, tx, seed, load=load, signals=signals) for load in (False, True))
        assert at_once == again, f"seed {seed}: saving and loading makes a difference"


def play(engine: Engine, tx: Connection, seed: int, load: bool, signals: Sequence[str] = ()) -> Trace:
    """Run a process, its user tasks completed in a random order, with signals between; with `load` it is saved and loaded at every rest."""
    random, case = Random(seed), engine._case(tx, ALEX)
    run = case.new(engine._definitions.get(tx, definitions.find_id(tx, "p")), "B")
    run.begin({})
    case.advance()
    while not run.ended:
        if load:
            case, run = _loaded(engine, tx, case, run)
        if signals and random.random() < 0.4:
            events.broadcast(run, random.choice(signals), {"heard": True})
        elif resting := [token for token in run.tokens.live() if _can_be_done(token)]:
            run.finish(random.choice(resting).id, {})
        else:
            _only_joins_wait(run, seed)
            assert signals, f"seed {seed}: it stands at {views.tokens(run.tokens.saved())} and nobody can go on"
            run.cancel()
        case.advance()
    case.settle()
    _nothing_is_left(tx, run.instance.id)
    return [(row.element_id, row.state) for row in history.of_instance(tx, run.instance.id) if row.kind != history.FLOW]  # type: ignore[attr-defined]


def _can_be_done(token: Token) -> bool:
    return token.element.kind == "userTask" and not token.passive and "never" not in token.element.id


def _only_joins_wait(run: Run, seed: int) -> None:
    """Every token is a scope, or waits for an event on behalf of one, or for what never comes, or at a parallel join, or behind one."""
    standing = [token for token in run.tokens.live() if not token.inside and not token.passive and "never" not in token.element.id]
    joins = {token.element.kind for token in standing if token.element.kind == "parallelGateway"}
    excused = joins and {"parallelGateway", "inclusiveGateway"}
    stuck = [token.element.id for token in standing if token.element.kind not in excused]
    assert not stuck, f"seed {seed}: {stuck} wait for nothing"


def _loaded(engine: Engine, tx: Connection, case: Case, run: Run) -> tuple[Case, Run]:
    case.settle()
    fresh = engine._case(tx, ALEX)
    return fresh, fresh.open(run.instance.id)


def _nothing_is_left(tx: Connection, id: str) -> None:
    """An instance that has ended waits for nothing and keeps the variables of the process alone."""
    detail = views.instance_detail(tx, id)
    assert detail.info.state in (store.COMPLETED, store.CANCELED)
    assert jobs.of_instance(tx, id) == []
    assert messages.of_instance(tx, id) == []
    assert [task for task in detail.tasks if task.state == OPEN] == []
    assert [one for one in detail.activities if one.state == "active"] == []
    rows = tx.exec_driver_sql("SELECT count(*) FROM ratchet_variable WHERE instance_id = ? AND scope <> ?", (id, id))
    assert rows.scalar() == 0
