"""The process dies between any two statements of any verb: the instance goes on from there, and every effect is there once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from engine import db, prepared
from engine.clock import TestClock
from engine.config import REGISTRY, Config
from engine.core import Engine, SourceFile
from engine.core import open as open_engine
from engine.demo import PEOPLE
from tests.conftest import on_both
from tests.models import END, START, flow, job, line, user, zeebe

ANN, ALEX = PEOPLE[0], PEOPLE[2]
DEAD, ROUNDS = 9, 50
STEP = int(os.environ.get("RATCHET_KILL_STEP", "3"))  # 1 kills at every statement, the default at each third
TABLE = b"CREATE TABLE done (id VARCHAR(80) PRIMARY KEY)"


def insert(id: str) -> str:
    """A job that writes a row which can be there only once."""
    inputs = {
        "databaseConnection.host": "db.example.com", "databaseConnection.port": "5432", "databaseConnection.username": "u",
        "databaseConnection.password": "p", "operation": "postgresql.insert-data", "data.databaseName": "d", "data.tableName": "done",
        "data.dataToInsert": f'=[{{id: run + "-{id}"}}]',
    }  # fmt: skip
    mappings = "".join(f'<zeebe:input source="{source.replace(chr(34), "&quot;")}" target="{target}"/>' for target, source in inputs.items())
    return job(id, "com.infosys.camundaconnectors.db:postgresql:1", f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>")


SOON = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition>"
CALL = '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called"/></bpmn:extensionElements></bpmn:callActivity>'
EACH = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=[1,2]" inputElement="n"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)
MAIN = zeebe(
    START + insert("first") + f'<bpmn:intermediateCatchEvent id="wait">{SOON}</bpmn:intermediateCatchEvent>' + user("ask")
    + '<bpmn:parallelGateway id="split"/>' + insert("second") + CALL + '<bpmn:parallelGateway id="join"/>'
    + user("each").replace("</bpmn:userTask>", f"{EACH}</bpmn:userTask>")
    + '<bpmn:endEvent id="end"><bpmn:signalEventDefinition signalRef="over"/></bpmn:endEvent>'
    + line("start", "first", "wait", "ask", "split", "second", "join", "each", "end") + flow("split", "call") + flow("call", "join"),
    messages='<bpmn:signal id="over" name="over"/>',
)  # fmt: skip
CALLED = zeebe(START + insert("third") + user("below") + END + line("start", "third", "below", "end"), key="called")
EFFECTS = {"first", "second", "third"}
LEFT_BEHIND = ("ratchet_job", "ratchet_subscription")


class Run:
    """One business key driven to its end by whoever is alive."""

    def __init__(self, engine: Engine, name: str):
        self.engine, self.name = engine, name

    def instances(self, state: str | None = None) -> list[Any]:
        return [one for one in self.engine.instances(ALEX, state=state) if one.business_key == self.name and one.key == "p"]

    def drive(self) -> None:
        """Start it if it is not there, do what is due and every open task, until it has ended."""
        if not self.instances():
            self.engine.start("p", {"run": self.name}, ANN, business_key=self.name)
        for _ in range(ROUNDS):
            if self.instances("completed"):
                return
            self.engine.run_due()
            assert isinstance(self.engine.clock, TestClock)
            self.engine.clock.advance(timedelta(seconds=1))
            for task in self.engine.tasks(ALEX, "all"):
                self.engine.submit(task.id, {}, ALEX)
        raise AssertionError("it does not come to its end")


def dying(config: Config, name: str, at: int) -> int:
    """Drive a run in a process of its own that dies just before its statement of this number; how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        engine = open_engine(config, TestClock())
        _die_at(engine, at)
        Run(engine, name).drive()
        os._exit(0)
    except BaseException:
        os._exit(1)


def _die_at(engine: Engine, at: int) -> None:
    done = 0

    def count(*_: Any) -> None:
        nonlocal done
        done += 1
        if done == at:
            os._exit(DEAD)

    event.listen(engine.database, "before_cursor_execute", count)
    event.listen(engine.database, "commit", count)
    prepared._Compiled.execute = _after(count, prepared._Compiled.execute)  # type: ignore[method-assign]
    db.say = _after(count, prepared.say)


def _after(count: Callable[..., None], then: Callable[..., Any]) -> Callable[..., Any]:
    def both(*given: Any) -> Any:
        count()
        return then(*given)

    return both


@on_both
def test_a_kill_between_any_two_statements_loses_and_doubles_nothing(config: Config) -> None:
    config = Config(config.database_url, config.home, connections={"db.example.com:5432/d": REGISTRY})
    engine = open_engine(config, TestClock())
    engine.deploy([SourceFile("a/p.bpmn", MAIN), SourceFile("a/c.bpmn", CALLED), SourceFile("a/tables.sql", TABLE)], ALEX)
    ended, at = DEAD, 1
    while ended == DEAD:
        name = f"run{at}"
        ended = dying(config, name, at)
        assert ended in (0, DEAD), f"killed before statement {at}, it ended with {ended}"
        Run(engine, name).drive()
        with db.read(engine.database) as tx:
            rows = {row.id for row in tx.execute(text("SELECT id FROM done")) if row.id.startswith(f"{name}-")}
            left = {table: tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in LEFT_BEHIND}
        assert rows == {f"{name}-{effect}" for effect in EFFECTS}, at
        assert set(left.values()) == {0}, (at, left)
        assert len(Run(engine, name).instances()) == 1
        at += STEP
    assert at > 60  # every verb of the run was met
    engine.database.dispose()
