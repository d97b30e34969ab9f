"""A connector's task header says how long a failed try waits for the next."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import TestClock
from engine.core import Engine, SourceFile
from engine.demo import PEOPLE
from tests.models import END, START, job, line, zeebe

ALEX = PEOPLE[2]
HEADER = '<zeebe:taskHeaders><zeebe:header key="retryBackoff" value="PT10M"/></zeebe:taskHeaders>'
READ = '<zeebe:ioMapping><zeebe:input source="postgresql.read-data" target="operation"/></zeebe:ioMapping>'


def test_a_failed_connector_waits_as_its_header_says(engine: Engine, clock: TestClock) -> None:
    broken = job("s", "com.infosys.camundaconnectors.db:postgresql:1", HEADER + READ, retries=3)
    engine.deploy([SourceFile("p.bpmn", zeebe(START + broken + END + line("start", "s", "end")))], ALEX)
    id = engine.start("p", {}, ALEX)
    for left in (2, 1, 0):
        (waiting,) = engine.instance(id, ALEX).jobs or engine.instance(id, ALEX).incidents
        assert (waiting.retries, waiting.due_at) == (left, clock.now() + timedelta(minutes=10))
        clock.advance(timedelta(minutes=9, seconds=59))
        assert engine.run_due() == 0
        clock.advance(timedelta(seconds=1))
        assert engine.run_due() == (1 if left else 0)
    assert engine.instance(id, ALEX).info.state == "incident"
