"""An analyst watches cases: one without a drawing, one that calls another, one that is suspended and goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.clock import SystemClock
from engine.core import Engine, SourceFile
from engine.demo import PEOPLE
from tests.browser.person import Person
from tests.models import END, START, line, user, zeebe

Login = Callable[..., Person]
ANN, ALEX = PEOPLE[0], PEOPLE[2]
SIGNAL = '<bpmn:intermediateCatchEvent id="go" name="Go ahead"><bpmn:signalEventDefinition signalRef="s"/></bpmn:intermediateCatchEvent>'
CALL = '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="below"/></bpmn:extensionElements></bpmn:callActivity>'
ABOVE = zeebe(START + SIGNAL + CALL + END + line("start", "go", "call", "end"), "above", '<bpmn:signal id="s" name="go ahead"/>')
BELOW = zeebe(START + user("check", '<zeebe:assignmentDefinition candidateGroups="officers"/>') + END + line("start", "check", "end"), "below")


@pytest.fixture
def clock() -> SystemClock:
    """A server in another process goes by the real time."""
    return SystemClock()


@pytest.mark.parametrize("width", [1280, 400])
def test_suspend_resume_signal_and_follow_a_call(person: Login, demo_engine: Engine, width: int) -> None:
    demo_engine.deploy([SourceFile("a.bpmn", ABOVE), SourceFile("b.bpmn", BELOW)], ALEX)
    id = demo_engine.start("above", {}, ANN, business_key="B-7")
    alex = person("alex", width=width)
    alex.go(f"/instances/{id}")
    alex.with_text("p", "has no drawing")
    alex.press("Suspend this case", "summary")
    alex.press("Suspend the case")
    alex.with_text("h2", "This case is suspended")
    alex.look("case-suspended")
    alex.press("Resume the case")
    alex.with_text("h2", "Signals that it waits for")
    alex.look("case-signal")
    alex.press("Send this signal")
    alex.with_text("h2", "Cases that it called")
    alex.look("case-called")
    alex.press("below", "td a")
    alex.with_text("dd a", "the case above it")
