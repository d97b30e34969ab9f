"""What scenarios cannot say about tasks, loops, calls, listeners and jobs: what is refused at deployment, who may do what, what it costs."""

from __future__ import annotations

import sys
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from engine import db
from engine.clock import TestClock
from engine.core import Engine, SourceFile, Unsuccessful
from engine.demo import PEOPLE
from engine.errors import DeploymentRefused, Refused
from engine.jobs import table as jobs
from tests.conftest import on_both
from tests.models import END, START, camunda, feel_script, groovy, line, user, zeebe

ANN, BOB, ALEX, ROOT = PEOPLE
pytestmark = on_both


def deploy(engine: Engine, *models: bytes) -> Any:
    return engine.deploy([SourceFile(f"m{number}.bpmn", model) for number, model in enumerate(models)], ALEX)


def variables(engine: Engine, instance: str) -> dict[str, Any]:
    return {name: value for scope, name, value in engine.instance(instance, ALEX).variables if not scope}


def extended(tag: str, id: str, extra: str, attributes: str = "", inside: str = "") -> str:
    return f'<bpmn:{tag} id="{id}" {attributes}><bpmn:extensionElements>{extra}</bpmn:extensionElements>{inside}</bpmn:{tag}>'


LISTENER = '<camunda:executionListener event="{}" delegateExpression="${{nobodysDelegate}}"/>'


@pytest.mark.parametrize(
    "body",
    [
        START + extended("task", "a", LISTENER.format("start")) + END + line("start", "a", "end"),
        START + extended("sequenceFlow", "f", LISTENER.format("take"), 'sourceRef="start" targetRef="end"') + END,
        f"<bpmn:extensionElements>{LISTENER.format('end')}</bpmn:extensionElements>" + START + END + line("start", "end"),
        START + user("a", '<camunda:taskListener event="create" delegateExpression="${nobodysDelegate}"/>') + END + line("start", "a", "end"),
    ],
    ids=["element", "flow", "process", "task"],
)
def test_a_listener_with_an_unknown_delegate_is_refused(engine: Engine, body: str) -> None:
    with pytest.raises(DeploymentRefused, match="no delegate “nobodysDelegate”"):
        deploy(engine, camunda(body))


def test_a_broken_listener_of_a_flow_is_refused(engine: Engine) -> None:
    broken = extended("sequenceFlow", "f", '<camunda:executionListener event="take" expression="${a +}"/>', 'sourceRef="start" targetRef="end"')
    with pytest.raises(DeploymentRefused, match="f: "):
        deploy(engine, camunda(START + broken + END))


def test_a_generated_start_form_is_checked(engine: Engine) -> None:
    form = '<camunda:formData><camunda:formField id="" type="string"/></camunda:formData>'
    with pytest.raises(DeploymentRefused, match="start: "):
        deploy(engine, camunda(extended("startEvent", "start", form) + END + line("start", "end")))


def test_what_is_not_deployed_yet_is_a_warning(engine: Engine) -> None:
    call = extended("callActivity", "c", '<zeebe:calledElement processId="elsewhere"/>')
    rule = extended("businessRuleTask", "r", '<zeebe:calledDecision decisionId="nowhere" resultVariable="x"/>')
    done = deploy(engine, zeebe(START + call + rule + END + line("start", "c", "r", "end")))
    assert [(one.element, one.message.split(" yet")[0]) for one in done.warnings] == [
        ("c", "There is no process “elsewhere”"), ("r", "There is no decision “nowhere”"),
    ]  # fmt: skip


def test_a_called_instance_is_canceled_through_its_caller(engine: Engine) -> None:
    call = extended("callActivity", "c", '<zeebe:calledElement processId="child"/>')
    deploy(engine, zeebe(START + user("u") + END + line("start", "u", "end"), "child"), zeebe(START + call + END + line("start", "c", "end")))
    caller = engine.start("p", {}, ANN)
    called = engine.instances(ALEX, "child")[0].id
    with pytest.raises(Refused, match="called by"):
        engine.cancel(called, ALEX)
    engine.cancel(caller, ALEX)
    assert [engine.instance(id, ALEX).info.state for id in (caller, called)] == ["canceled", "canceled"]


FAILS = '<bpmn:scriptTask id="{0}" camunda:asyncBefore="true" scriptFormat="groovy"><bpmn:script>if (!ok{0}) throw new RuntimeException("no {0}")</bpmn:script></bpmn:scriptTask>'


def test_each_incident_is_retried_for_itself(engine: Engine) -> None:
    deploy(engine, camunda(
        START + '<bpmn:parallelGateway id="g"/>' + FAILS.format("A") + FAILS.format("B") + FAILS.format("C") + END
        + line("start", "g", "A", "end") + line("g", "B", "end") + line("g", "C", "end")
    ))  # fmt: skip
    id = engine.start("p", {"okA": False, "okB": False, "okC": False}, ANN)
    while engine.run_due():
        pass
    engine.set_variables(id, {"okA": True, "okC": True}, ALEX)
    with pytest.raises(Unsuccessful):
        engine.retry(id, ALEX)
    assert [one.element_id for one in engine.instance(id, ALEX).incidents] == ["B"]
    assert engine.instance(id, ALEX).info.state == "incident"


def test_a_claim_that_a_listener_refuses_is_none(engine: Engine) -> None:
    script = '<camunda:script scriptFormat="groovy">if (task.assignee == "bob") throw new RuntimeException("not bob")</camunda:script>'
    listener = f'<camunda:taskListener event="assignment">{script}</camunda:taskListener>'
    deploy(engine, camunda(START + user("a", listener) + END + line("start", "a", "end")))
    engine.start("p", {}, ANN)
    task = engine.tasks(ALEX, "all")[0]
    with pytest.raises(Unsuccessful):
        engine.claim(task.id, BOB)
    engine.claim(task.id, ANN)
    assert [one.assignee for one in engine.tasks(ALEX, "all")] == ["ann"]


def test_the_task_object_reaches_the_stored_task(engine: Engine) -> None:
    script = (
        'task.setPriority(9); task.addCandidateGroups(["x", "y"]); task.deleteCandidateGroup("x"); task.addCandidateUser("bob");'
        'task.setFollowUpDate("2027-05-06"); who = task.execution.processInstanceId; made = task.createTime != null; got = task.dueDate'
    )
    listener = f'<camunda:taskListener event="create"><camunda:script scriptFormat="groovy">{script}</camunda:script></camunda:taskListener>'
    deploy(engine, camunda(START + user("a", listener, 'camunda:dueDate="2027-01-01T10:00:00Z"') + END + line("start", "a", "end")))
    id = engine.start("p", {}, ANN)
    task = engine.tasks(ALEX, "all")[0]
    assert (task.priority, task.candidate_groups, task.candidate_users) == (9, ["y"], ["bob"])
    assert task.due_at is not None and task.due_at.year == 2027
    assert variables(engine, id)["who"] == id and variables(engine, id)["made"] is True


@pytest.mark.parametrize("script", ["task.setDueDate('soon')", "task.setPriority('high')", "task.setAssigne('x')", "task.getVariable()"])
def test_what_the_task_object_does_not_take_is_told(engine: Engine, script: str) -> None:
    listener = f'<camunda:taskListener event="create"><camunda:script scriptFormat="groovy">{script}</camunda:script></camunda:taskListener>'
    deploy(engine, camunda(START + user("a", listener) + END + line("start", "a", "end")))
    with pytest.raises(Unsuccessful):
        engine.start("p", {}, ANN)


def test_a_value_that_no_variable_can_hold_is_an_input_all_the_same(engine: Engine) -> None:
    inputs = '<camunda:inputOutput><camunda:inputParameter name="me">${initiator()}</camunda:inputParameter></camunda:inputOutput>'
    deploy(engine, camunda(START + user("a", inputs, 'camunda:assignee="${me.value.userName}"') + END + line("start", "a", "end")))
    engine.start("p", {}, ANN)
    assert [task.assignee for task in engine.tasks(ALEX, "all")] == ["ann"]


def test_nothing_is_left_after_failing_and_mending(engine: Engine, clock: TestClock) -> None:
    cycle = "<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>"
    script = '<bpmn:script>if (tries() == 0) x = 1\nif (!ok) throw new RuntimeException("no")</bpmn:script>'.replace("if (tries() == 0) ", "")
    task = extended("scriptTask", "s", cycle, 'scriptFormat="groovy" camunda:asyncBefore="true" camunda:asyncAfter="true"', script)
    deploy(engine, camunda(START + task + groovy("t", "y = 2") + END + line("start", "s", "t", "end")))
    id = engine.start("p", {"ok": False}, ANN)
    for _ in range(3):
        engine.run_due()
        clock.advance(timedelta(minutes=1))
    detail = engine.instance(id, ALEX)
    assert detail.info.state == "incident" and "line 2" in detail.incidents[0].message
    engine.set_variables(id, {"ok": True}, ALEX)
    engine.retry(id, ALEX)
    while engine.run_due():
        pass
    assert engine.instance(id, ALEX).info.state == "completed" and variables(engine, id)["y"] == 2
    with db.read(engine.database) as tx:
        assert jobs.of_instance(tx, id) == []
    assert engine.instance(id, ALEX).subscriptions == []


def test_two_messages_of_one_key_at_once_begin_one_instance(engine: Engine) -> None:
    begins = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    deploy(engine, zeebe(begins + user("u") + END + line("start", "u", "end"), messages='<bpmn:message id="m" name="go"/>'))
    gate = Barrier(4)

    def send() -> None:
        gate.wait()
        engine.correlate("go", "K", {}, ALEX)

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        running = engine.instances(ALEX, "p", "active")
        assert (len(engine.instances(ALEX, "p")), len(running)) == (number + 1, 1)
        engine.submit(engine.tasks(ALEX, "all")[0].id, {}, ALEX)
    assert engine.instances(ALEX, "p", "active") == []


def test_a_thousand_items_cost_what_a_hundred_do_each(engine: Engine) -> None:
    """Counted in steps of the interpreter, not in seconds: a thousand items take ten times what a hundred take."""
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="it" '
        'outputCollection="res" outputElement="=x"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    deploy(engine, zeebe(START + feel_script("a", "it * 2", "x").replace("</bpmn:scriptTask>", loop + "</bpmn:scriptTask>") + END + line("start", "a", "end")))
    engine.start("p", {"items": [1]}, ANN)
    few, many = (_calls(engine, number) for number in (100, 1000))
    assert many < 12 * few


def _calls(engine: Engine, number: int) -> int:
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        id = engine.start("p", {"items": list(range(number))}, ANN)
    finally:
        sys.setprofile(None)
    assert variables(engine, id)["res"] == [2 * item for item in range(number)]
    return count
