"""The engine, durable: start → script → user task → SQL insert → gateway → end, by Ratchet with everything that it records, and by a naive
loop around SpiffWorkflow that saves the whole state as JSON at each rest. One client, the same database, the same run.

Run as `python -m benchmarks.engine [postgresql+psycopg://…]`; without a URL only SQLite is measured. The last lines are
NAME MEASURED TARGET ok|short.
"""

from __future__ import annotations

import io
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask
from SpiffWorkflow.util.task import TaskState
from sqlalchemy.engine import make_url

from benchmarks.tokens import flows
from engine import core
from engine.config import REGISTRY, Config
from engine.core import SourceFile
from engine.identity import Person

TARGET, INSTANCES, WARM = 1.5, 300, 30
ANN = Person("ann", "Ann", frozenset({"officer", "analyst", "admin"}))
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' targetNamespace="t" id="d"><process id="p" isExecutable="true"><startEvent id="start"/><endEvent id="end"/><endEvent id="other"/>'
    '<exclusiveGateway id="big" default="big_other"/>{}' + flows("start", "compute", "decide", "book", "big", "end") + flows("big", "other")
    + "</process></definitions>"
)  # fmt: skip
TABLE = "CREATE TABLE booking (id VARCHAR(36) PRIMARY KEY, amount INTEGER NOT NULL, person VARCHAR(40))"


class Driver:
    """A bare connection: SQLite with the settings that Ratchet has, too, or psycopg."""

    def __init__(self, url: str):
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._raw: Any = sqlite3.connect(str(parsed.database), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self._raw.execute(f"PRAGMA {pragma}")
            self._mark, self._begin = "?", "BEGIN IMMEDIATE"
        else:
            self._raw = psycopg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)
            self._mark, self._begin = "%s", "BEGIN"

    def __call__(self, statement: str, *values: Any) -> Any:
        return self._raw.execute(statement.replace("?", self._mark), values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._raw.execute(self._begin)
        yield
        self._raw.execute("COMMIT")


# Ratchet

SCRIPT = '<zeebe:script expression="=amount * 2" resultVariable="total"/>'
INPUTS = "".join(
    f'<zeebe:input source="{source}" target="{target}"/>'
    for source, target in (
        ("db.example.com", "databaseConnection.host"), ("5432", "databaseConnection.port"), ("x", "databaseConnection.username"),
        ("x", "databaseConnection.password"), ("postgresql.insert-data", "operation"), ("books", "data.databaseName"),
        ("booking", "data.tableName"), ("=[{{id: id, amount: total, person: person}}]", "data.dataToInsert"),
    )
).replace("{{", "{").replace("}}", "}")  # fmt: skip
OURS = HEAD.format(
    f'<scriptTask id="compute"><extensionElements>{SCRIPT}</extensionElements></scriptTask><userTask id="decide"/>'
    '<serviceTask id="book"><extensionElements><zeebe:taskDefinition type="com.infosys.camundaconnectors.db:postgresql:1"/>'
    f"<zeebe:ioMapping>{INPUTS}</zeebe:ioMapping></extensionElements></serviceTask>"
).replace('targetRef="end"/>', 'targetRef="end"><conditionExpression>=total &gt; 10</conditionExpression></sequenceFlow>')


def ratchet(url: str, folder: Path) -> Callable[[], None]:
    engine = core.open(Config(database_url=url, home=folder, connections={"db.example.com:5432/books": REGISTRY}))
    engine.deploy([SourceFile("b/p.bpmn", OURS.encode()), SourceFile("b/tables.sql", TABLE.encode())], ANN)

    execute = Driver(url)

    def find(instance_id: str) -> str:
        """The task's id, as the officer's list has it."""
        return str(execute("SELECT id FROM ratchet_task WHERE instance_id = ?", instance_id).fetchone()[0])

    def once() -> None:
        id = engine.start("p", {"amount": 21, "id": str(uuid4())}, ANN)
        engine.submit(find(id), {"person": "ann"}, ANN)

    return once


# The naive loop


class Booking(ServiceTask):
    """Inserts the row with the connection of the loop."""

    execute: ClassVar[Any] = None

    def _execute(self, my_task: Any) -> bool:
        data = my_task.data
        Booking.execute("INSERT INTO naive_booking VALUES (?, ?, ?)", data["id"], data["total"], data["person"])
        return True


class Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, Booking)}  # noqa: RUF012


THEIRS = HEAD.format(
    '<scriptTask id="compute"><script>total = amount * 2</script></scriptTask><userTask id="decide"/><serviceTask id="book"/>'
).replace('targetRef="end"/>', 'targetRef="end"><conditionExpression>total &gt; 10</conditionExpression></sequenceFlow>')


def naive(url: str) -> Callable[[], None]:
    execute = Driver(url)
    execute(TABLE.replace("booking", "naive_booking"))
    execute("CREATE TABLE naive_instance (id VARCHAR(36) PRIMARY KEY, state TEXT NOT NULL)")
    parser = Parser()
    parser.add_bpmn_io(io.BytesIO(THEIRS.encode()))
    spec = parser.get_spec("p")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, Booking: BpmnTaskSpecConverter}))

    def once() -> None:
        id = str(uuid4())
        with execute.transaction():
            workflow = BpmnWorkflow(spec)
            workflow.task_tree.data.update(amount=21, id=id)
            workflow.do_engine_steps()
            execute("INSERT INTO naive_instance VALUES (?, ?)", id, serializer.serialize_json(workflow))
        with execute.transaction():
            workflow = serializer.deserialize_json(execute("SELECT state FROM naive_instance WHERE id = ?", id).fetchone()[0])
            Booking.execute = execute
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data["person"] = "ann"
            task.run()
            workflow.do_engine_steps()
            assert workflow.completed
            execute("UPDATE naive_instance SET state = ? WHERE id = ?", serializer.serialize_json(workflow), id)

    return once


def rates(*candidates: Callable[[], None]) -> list[float]:
    """Instances a second of each: the median of some rounds that take turns."""
    for once in candidates:
        for _ in range(WARM):
            once()
    found: list[list[float]] = [[] for _ in candidates]
    for _ in range(5):
        for once, rates in zip(candidates, found, strict=True):
            begun = perf_counter()
            for _ in range(INSTANCES):
                once()
            rates.append(INSTANCES / (perf_counter() - begun))
    return [sorted(rates)[2] for rates in found]


def main() -> int:
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name, url in (("sqlite", f"sqlite:///{folder}/engine.db"), *(("postgresql", url) for url in sys.argv[1:2])):
            we, they = rates(ratchet(url, Path(folder)), naive(url))
            print(f"{name}: Ratchet {we:,.0f} instances/s, naive loop {they:,.0f} instances/s")
            lines.append((f"{name}_times_naive", we / they))
    for label, ratio in lines:
        print(f"{label} {ratio:.2f} {TARGET:g} {'ok' if ratio >= TARGET else 'short'}")
    return 0 if all(ratio >= TARGET for _, ratio in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
