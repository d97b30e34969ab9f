"""What analysts do with instances that are under way: suspend, change, move, rerun, clear away. On SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import db
from engine.clock import TestClock
from engine.core import Engine, Outcome, SourceFile
from engine.core.clearing import cleaning
from engine.core.work import NotYours
from engine.demo import PEOPLE
from engine.errors import BpmnError, Forbidden, NotFound, Refused, SomebodyWasFaster
from engine.runtime.modification import AFTER, BEFORE, CANCEL, Instruction, ModificationRefused
from engine.runtime.selection import Selection
from engine.runtime.suspension import Suspended
from tests.conftest import on_both
from tests.models import END, START, camunda, feel_script, flow, job, line, user, zeebe

ANN, BOB, ALEX, ROOT = PEOPLE
pytestmark = on_both
GO = '<bpmn:message id="go" name="go"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>'
CATCH = '<bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="go"/></bpmn:intermediateCatchEvent>'
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT10M</bpmn:timeDuration></bpmn:timerEventDefinition>"
SLEEP = f'<bpmn:intermediateCatchEvent id="sleep">{TIMER}</bpmn:intermediateCatchEvent>'
FORK, JOIN = '<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="join"/>'
CALL = '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="child"/></bpmn:extensionElements></bpmn:callActivity>'


def process(*nodes: str, ids: list[str], more: str = "") -> str:
    return START + "".join(nodes) + END + line("start", *ids, "end") + more


def sub(id: str, *nodes: str, ids: list[str], extra: str = "") -> str:
    inside = f'<bpmn:startEvent id="{id}_in"/>{"".join(nodes)}<bpmn:endEvent id="{id}_out"/>'
    return f'<bpmn:subProcess id="{id}">{inside}{line(f"{id}_in", *ids, f"{id}_out")}{extra}</bpmn:subProcess>'


LOOP = (
    '<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]" '
    'inputElement="i" outputCollection="all" outputElement="=i"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)


class Play:
    def __init__(self, engine: Engine, clock: TestClock):
        self.engine, self.clock = engine, clock

    def deploy(self, body: str, key: str = "p", model: Any = zeebe, messages: str = GO) -> None:
        self.engine.deploy([SourceFile(f"{key}.bpmn", model(body, key=key, messages=messages))], ALEX)

    def start(self, body: str, key: str = "p", model: Any = zeebe, **variables: Any) -> str:
        self.deploy(body, key, model)
        id = self.engine.start(key, variables, ANN)
        self.settle()
        return id

    def settle(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))
        while self.engine.run_due():
            pass

    def detail(self, id: str) -> Any:
        return self.engine.instance(id, ALEX)

    def tokens(self, id: str) -> dict[str, int]:
        return dict(self.detail(id).tokens)

    def variables(self, id: str) -> dict[str, Any]:
        return {name: value for scope, name, value in self.detail(id).variables if not scope}

    def open(self, id: str, element: str = "") -> Any:
        return next(task for task in self.detail(id).tasks if task.state == "open" and element in ("", task.element_id))

    def complete(self, id: str, *elements: str) -> None:
        for element in elements:
            self.engine.submit(self.open(id, element).id, {}, ANN)
            self.settle()

    def state(self, id: str) -> str:
        return str(self.detail(id).info.state)


@pytest.fixture
def play(engine: Engine, clock: TestClock) -> Iterator[Play]:
    yield Play(engine, clock)


A = process(user("a"), ids=["a"])


# Suspend and resume


def test_nothing_moves_a_suspended_instance(play: Play, engine: Engine) -> None:
    id = play.start(A)
    task = play.open(id)
    engine.suspend(id, ALEX)
    assert play.state(id) == "suspended"
    for act in (
        lambda: engine.submit(task.id, {}, ANN),
        lambda: engine.modify(id, [Instruction(BEFORE, "a")], ALEX),
        lambda: engine.suspend(id, ALEX),
    ):
        with pytest.raises(Suspended, match="resume it first"):
            act()
    engine.resume(id, ALEX)
    assert play.state(id) == "active"
    with pytest.raises(Refused, match="not suspended"):
        engine.resume(id, ALEX)
    play.complete(id, "a")
    assert play.state(id) == "completed"


def test_timers_wait_until_it_is_resumed(play: Play, engine: Engine) -> None:
    id = play.start(process(SLEEP, ids=["sleep"]))
    engine.suspend(id, ALEX)
    play.settle(minutes=20)
    assert play.state(id) == "suspended"
    engine.resume(id, ALEX)
    play.settle()
    assert play.state(id) == "completed"


def test_a_message_is_kept_for_a_suspended_instance(play: Play, engine: Engine) -> None:
    one, other = (play.start(process(CATCH, ids=["wait"]), k="K") for _ in range(2))
    engine.suspend(one, ALEX)
    assert engine.correlate("go", "K", {"n": 1}, ALEX) == [other]
    assert engine.correlate("go", "K", {"n": 2}, ALEX, ttl_seconds=60) == []
    engine.resume(one, ALEX)
    play.settle()
    assert play.variables(one)["n"] == 2


def test_a_message_that_has_expired_does_not_come(play: Play, engine: Engine) -> None:
    id = play.start(process(CATCH, ids=["wait"]), k="K")
    engine.suspend(id, ALEX)
    engine.correlate("go", "K", {}, ALEX, ttl_seconds=60)
    play.settle(minutes=2)
    engine.resume(id, ALEX)
    assert play.tokens(id) == {"wait": 1}
    assert engine.correlate("go", "K", {}, ALEX) == [id]


def test_what_was_suspended_or_has_ended_meanwhile_is_not_reached(play: Play, engine: Engine) -> None:
    one, other = (play.start(process(CATCH, ids=["wait"]), k="K") for _ in range(2))
    waiting = [play.detail(id).subscriptions[0] for id in (one, other)]
    engine.suspend(one, ALEX)
    engine.cancel(other, ALEX)
    assert [engine.signal_one(each, "go", {}, ALEX) for each in waiting] == [None, None]


def test_external_jobs_are_not_handed_out(play: Play, engine: Engine) -> None:
    id = play.start(process(job("work", "paint"), ids=["work"]))
    (mine,) = engine.activate_jobs("paint", "w", ALEX)
    engine.suspend(id, ALEX)
    with pytest.raises(Suspended):
        engine.complete_job(mine.id, {}, ALEX)
    play.settle(hours=1)
    assert engine.activate_jobs("paint", "w", ALEX) == []
    engine.resume(id, ALEX)
    assert len(engine.activate_jobs("paint", "w", ALEX)) == 1


def test_the_whole_tree_of_calls_is_suspended(play: Play, engine: Engine) -> None:
    play.deploy(A, "child")
    id = play.start(process(CALL, ids=["call"]))
    (child,) = engine.instances(ALEX, key="child")
    with pytest.raises(Refused, match="was called by"):
        engine.suspend(child.id, ALEX)
    engine.suspend(id, ALEX)
    assert play.state(child.id) == "suspended"
    with pytest.raises(Suspended):
        play.complete(child.id, "a")
    engine.resume(id, ALEX)
    play.complete(child.id, "a")
    assert (play.state(child.id), play.state(id)) == ("completed", "completed")


def test_a_suspended_instance_is_canceled(play: Play, engine: Engine) -> None:
    id = play.start(A)
    engine.suspend(id, ALEX)
    engine.cancel(id, ALEX)
    assert play.state(id) == "canceled"


def test_an_incident_stays_one_while_suspended(play: Play, engine: Engine) -> None:
    id = play.start(process(job("work", "paint"), ids=["work"]))
    (mine,) = engine.activate_jobs("paint", "w", ALEX)
    engine.fail_job(mine.id, "dry", ALEX)
    engine.suspend(id, ALEX)
    with pytest.raises(Suspended):
        engine.retry(id, ALEX)
    engine.resume(id, ALEX)
    assert play.state(id) == "incident"
    engine.retry(id, ALEX)
    assert play.state(id) == "active"


# Variables


def test_variables_are_set_and_removed(play: Play, engine: Engine) -> None:
    id = play.start(
        process(user("a", '<zeebe:ioMapping><zeebe:input source="=n" target="mine"/></zeebe:ioMapping>'), ids=["a"]), n=1, gone=2
    )
    engine.set_variables(id, {"n": {"deep": [1]}, "new": None}, ALEX, removed=["gone"])
    assert play.variables(id) == {"n": {"deep": [1]}, "new": None}
    engine.set_variables(id, {"mine": 5}, ALEX, "a")
    assert ("a", "mine", 5) in play.detail(id).variables
    with pytest.raises(Refused, match="No token is at “b”"):
        engine.set_variables(id, {"x": 1}, ALEX, "b")
    with pytest.raises(Refused, match="no name"):
        engine.set_variables(id, {"(items)": 1}, ALEX)
    with pytest.raises(Forbidden):
        engine.set_variables(id, {"x": 1}, ANN)


CONDITION = '<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">{}</bpmn:condition></bpmn:conditionalEventDefinition>'


def test_conditional_events_react_at_once_or_when_resumed(play: Play, engine: Engine) -> None:
    body = process(f'<bpmn:intermediateCatchEvent id="c">{CONDITION.format("=n &gt; 5")}</bpmn:intermediateCatchEvent>', ids=["c"])
    one, other = play.start(body, n=1), play.start(body, n=1)
    engine.set_variables(one, {"n": 6}, ALEX)
    assert play.state(one) == "completed"
    engine.suspend(other, ALEX)
    engine.set_variables(other, {"n": 6}, ALEX)
    assert (play.state(other), play.variables(other)) == ("suspended", {"n": 6})
    engine.resume(other, ALEX)
    assert play.state(other) == "completed"


# Modify


def test_begin_before_and_cancel(play: Play, engine: Engine) -> None:
    id = play.start(process(user("a"), feel_script("s", "n * 2", "twice"), user("b"), ids=["a", "s", "b"]), n=2)
    engine.modify(id, [Instruction(CANCEL, "a"), Instruction(BEFORE, "s")], ALEX, {"n": 5})
    assert (play.tokens(id), play.variables(id)) == ({"b": 1}, {"n": 5, "twice": 10})
    assert [task.state for task in play.detail(id).tasks if task.element_id == "a"] == ["canceled"]
    play.complete(id, "b")
    assert play.state(id) == "completed"


def test_begin_after_takes_the_flows_that_hold(play: Play, engine: Engine) -> None:
    gate = '<bpmn:exclusiveGateway id="x" default="x_no"/>'
    flows = line("start", "a", "x") + flow("x", "yes", "=n = 1") + flow("x", "no") + line("yes", "end") + line("no", "end")
    id = play.start(START + user("a") + gate + user("yes") + user("no") + END + flows, n=1)
    engine.modify(id, [Instruction(AFTER, "x"), Instruction(CANCEL, "a")], ALEX)
    assert play.tokens(id) == {"yes": 1}
    assert "a" not in [task.element_id for task in play.detail(id).tasks if task.state == "open"]


def test_scopes_begin_on_the_way_and_are_shared(play: Play, engine: Engine) -> None:
    inner = sub("inner", user("b"), user("c"), ids=["b", "c"])
    edge = f'<bpmn:boundaryEvent id="late" attachedToRef="outer">{TIMER}</bpmn:boundaryEvent>'
    id = play.start(process(user("a"), sub("outer", inner, ids=["inner"]), edge, ids=["a", "outer"], more=line("late", "end")))
    asked = [Instruction(BEFORE, "b", variables={"own": 1}), Instruction(BEFORE, "c"), Instruction(CANCEL, "a")]
    engine.modify(id, asked, ALEX)
    tokens = play.tokens(id)
    assert (tokens["outer"], tokens["inner"], tokens["b"], tokens["c"]) == (1, 1, 1, 1)
    assert ("b", "own", 1) in play.detail(id).variables
    engine.modify(id, [Instruction(BEFORE, "c")], ALEX)  # into the scopes that are there
    assert play.tokens(id)["inner"] == 1
    play.settle(minutes=11)
    assert play.state(id) == "completed"


def test_which_scope_must_be_said(play: Play, engine: Engine) -> None:
    id = play.start(process(sub("s", user("a"), user("b"), ids=["a", "b"], extra=LOOP), ids=["s"]))
    with pytest.raises(ModificationRefused, match="can begin in 3 scopes") as told:
        engine.modify(id, [Instruction(BEFORE, "b")], ALEX)
    token = str(told.value).rstrip(".").split(": ")[-1].split(", ")[0]
    engine.modify(id, [Instruction(BEFORE, "b", token)], ALEX)
    assert play.tokens(id)["b"] == 1
    play.complete(id, "b", "a", "a", "a", "b", "b", "b")
    assert play.variables(id)["all"] == [1, 2, 3]


def test_a_turn_is_canceled_and_the_others_go_on(play: Play, engine: Engine) -> None:
    id = play.start(process(user("a").replace("</bpmn:userTask>", LOOP + "</bpmn:userTask>"), ids=["a"]))
    turn = play.open(id).id
    engine.modify(id, [Instruction(CANCEL, token=turn)], ALEX)
    play.complete(id, "a", "a")
    assert play.state(id) == "completed"
    assert sorted(str(one) for one in play.variables(id)["all"]) == ["2", "3", "None"]


def test_the_only_turn_of_a_sequential_loop_is_canceled(play: Play, engine: Engine) -> None:
    loop = LOOP.replace("Characteristics>", 'Characteristics isSequential="true">', 1)
    id = play.start(process(user("a").replace("</bpmn:userTask>", loop + "</bpmn:userTask>"), user("b"), ids=["a", "b"]))
    engine.modify(id, [Instruction(CANCEL, token=play.open(id).id), Instruction(BEFORE, "b")], ALEX)
    assert play.tokens(id) == {"b": 1}


def test_a_call_is_canceled_with_what_it_called(play: Play, engine: Engine) -> None:
    play.deploy(A, "child")
    id = play.start(process(CALL, user("b"), ids=["call", "b"]))
    engine.modify(id, [Instruction(CANCEL, "call"), Instruction(BEFORE, "call"), Instruction(AFTER, "call")], ALEX)
    assert sorted(one.state for one in engine.instances(ALEX, key="child")) == ["active", "canceled"]
    assert play.tokens(id) == {"b": 1, "call": 1}


def test_a_loop_is_canceled_as_a_whole(play: Play, engine: Engine) -> None:
    id = play.start(process(user("a").replace("</bpmn:userTask>", LOOP + "</bpmn:userTask>"), user("b"), ids=["a", "b"]))
    engine.modify(id, [Instruction(CANCEL, "a"), Instruction(AFTER, "a")], ALEX)
    assert play.tokens(id) == {"b": 1}


def test_what_is_empty_is_canceled_and_in_the_end_the_instance(play: Play, engine: Engine) -> None:
    id = play.start(process(sub("s", user("a"), ids=["a"]), user("b"), ids=["s", "b"]))
    engine.modify(id, [Instruction(CANCEL, "a"), Instruction(BEFORE, "b")], ALEX)
    assert play.tokens(id) == {"b": 1}
    assert [one.state for one in play.detail(id).activities if one.element_id == "s"] == ["canceled"]
    engine.modify(id, [Instruction(CANCEL, "b")], ALEX)
    assert play.state(id) == "canceled"


def test_nothing_left_of_a_called_instance_is_refused(play: Play, engine: Engine) -> None:
    play.deploy(A, "child")
    play.start(process(CALL, ids=["call"]))
    (child,) = engine.instances(ALEX, key="child")
    with pytest.raises(ModificationRefused, match="which called this one"):
        engine.modify(child.id, [Instruction(CANCEL, "a")], ALEX)
    assert play.tokens(child.id) == {"a": 1}


def test_a_token_counts_at_a_join(play: Play, engine: Engine) -> None:
    flows = line("start", "fork", "a", "join", "end") + line("fork", "b", "join")
    id = play.start(START + FORK + JOIN + user("a") + user("b") + END + flows)
    engine.modify(id, [Instruction(BEFORE, "join"), Instruction(CANCEL, "a")], ALEX)
    assert play.tokens(id) == {"b": 1, "join": 1}
    play.complete(id, "b")
    assert play.state(id) == "completed"


def test_a_join_alone_goes_on(play: Play, engine: Engine) -> None:
    flows = line("start", "fork", "a", "join", "c", "end") + line("fork", "b", "join")
    id = play.start(START + FORK + JOIN + user("a") + user("b") + user("c") + END + flows)
    engine.modify(id, [Instruction(CANCEL, "a"), Instruction(CANCEL, "b"), Instruction(BEFORE, "join")], ALEX)
    assert play.tokens(id) == {"c": 1}


def test_an_event_sub_process_is_begun_by_hand(play: Play, engine: Engine) -> None:
    start = '<bpmn:startEvent id="es"><bpmn:messageEventDefinition messageRef="go"/></bpmn:startEvent>'
    handler = f'<bpmn:subProcess id="h" triggeredByEvent="true">{start}{user("x")}{user("y")}<bpmn:endEvent id="ee"/>{line("es", "x", "y", "ee")}</bpmn:subProcess>'
    for element, reached in (("h", "x"), ("es", "x"), ("y", "y")):
        id = play.start(process(user("a"), handler, ids=["a"]), k="K")
        engine.modify(id, [Instruction(BEFORE, element), Instruction(CANCEL, "a")], ALEX)
        assert play.tokens(id)[reached] == 1
        engine.cancel(id, ALEX)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ([], "There is no instruction"),
        ([Instruction("jump", "a")], "“jump” is no instruction"),
        ([Instruction(BEFORE, "nowhere")], "has no element “nowhere”"),
        ([Instruction(BEFORE)], "has no element “None”"),
        ([Instruction(BEFORE, "late")], "boundary event"),
        ([Instruction(AFTER, "end")], "no flow leads on"),
        ([Instruction(AFTER, "choice")], "an event decides"),
        ([Instruction(AFTER, "which")], "“which”: No condition"),
        ([Instruction(CANCEL, "b")], "no token is there"),
        ([Instruction(CANCEL, token="x")], "No token x"),
        ([Instruction(BEFORE, "m")], "has no turn under way"),
        ([Instruction(BEFORE, "b", "x")], "The token x is no scope around “b”"),
        ([Instruction(BEFORE, "undo")], "only compensates"),
        ([Instruction(BEFORE, "nowhere"), Instruction(AFTER, "end")], "nowhere.*no flow leads on"),
    ],
)
def test_what_makes_no_sense(play: Play, engine: Engine, asked: list[Instruction], text: str) -> None:
    choice = '<bpmn:eventBasedGateway id="choice"/>' + CATCH + SLEEP + line("choice", "wait", "end") + line("choice", "sleep", "end")
    edges = f'<bpmn:boundaryEvent id="late" attachedToRef="a">{TIMER}</bpmn:boundaryEvent>' + line("late", "choice")
    undo = (
        '<bpmn:boundaryEvent id="c" attachedToRef="b"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:task id="undo" isForCompensation="true"/>'
        '<bpmn:association id="as" associationDirection="One" sourceRef="c" targetRef="undo"/>'
    )
    several = sub("many", user("m"), ids=["m"], extra=LOOP)
    which = '<bpmn:exclusiveGateway id="which"/>' + flow("which", "b", "=1 = 2") + flow("which", "a", "=1 = 3") + flow("many", "which")
    id = play.start(process(user("a"), user("b"), several, edges, choice, undo, which, ids=["a", "b", "many"]), k="K")
    before = play.detail(id)
    with pytest.raises(ModificationRefused, match=text):
        engine.modify(id, asked, ALEX)
    assert play.detail(id) == before


def test_start_at_elements(play: Play, engine: Engine) -> None:
    play.deploy(process(user("a"), sub("s", user("b"), user("c"), ids=["b", "c"]), ids=["a", "s"]))
    id = engine.start("p", {"n": 1}, ALEX, before=["c"], after=["a"])
    assert play.tokens(id) == {"s": 2, "c": 1, "b": 1}
    with pytest.raises(ModificationRefused):
        engine.start("p", {}, ALEX, before=["x"])
    assert len(engine.instances(ALEX)) == 1


# Rerun


def test_rerun_with_the_same_variables(play: Play, engine: Engine) -> None:
    id = play.start(process(feel_script("s", "n + 1", "n"), user("a"), ids=["s", "a"]), n=1, other=[1, {"x": None}])
    play.complete(id, "a")
    again = engine.rerun(id, ALEX)
    assert play.variables(again) == {"n": 2, "other": [1, {"x": None}]}
    assert play.detail(again).info.rerun_of == id
    edited = engine.rerun(id, ALEX, variables={"n": 10}, removed=["other"])
    assert play.variables(edited) == {"n": 11}
    as_it_is = engine.rerun(id, ALEX, as_it_is=True)
    assert play.variables(as_it_is)["n"] == 3


def test_rerun_from_an_element_on_another_version(play: Play, engine: Engine) -> None:
    id = play.start(process(user("a"), feel_script("s", "n * 2", "m"), user("b"), ids=["a", "s", "b"]), n=4)
    play.deploy(process(user("a"), feel_script("s", "n * 3", "m"), user("b"), ids=["a", "s", "b"]))
    again = engine.rerun(id, ALEX, version=2, before=["s"])
    assert (play.tokens(again), play.variables(again)["m"]) == ({"b": 1}, 12)
    assert play.tokens(engine.rerun(id, ALEX, after=["s"])) == {"b": 1}
    assert play.tokens(id) == {"a": 1}
    with pytest.raises(NotFound):
        engine.rerun(id, ALEX, version=9)
    with pytest.raises(Forbidden):
        engine.rerun(id, ANN)


def test_rerun_begins_where_a_message_began_it(play: Play, engine: Engine) -> None:
    started = '<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="go"/></bpmn:startEvent>'
    play.deploy(process(user("a"), started, user("b"), ids=["a"], more=line("m", "b", "end")))
    (id,) = engine.correlate("go", "K", {"k": "K", "n": 1}, ALEX)
    again = engine.rerun(id, ALEX)
    assert play.tokens(again) == {"b": 1} and play.variables(again) == {"k": "K", "n": 1}
    assert play.detail(again).info.business_key == play.detail(id).info.business_key


def test_a_rerun_reads_what_was_submitted(play: Play, engine: Engine) -> None:
    read = '<bpmn:scriptTask id="s" scriptFormat="groovy"><bpmn:script>who = submission("a").formData.prop("name").value()</bpmn:script></bpmn:scriptTask>'
    id = play.start(process(user("a"), read, user("b"), ids=["a", "s", "b"]), model=camunda)
    engine.submit(play.open(id).id, {"name": "Ada"}, ANN)
    again = engine.rerun(id, ALEX, before=["s"])
    assert (play.tokens(again), play.variables(again)["who"]) == ({"b": 1}, "Ada")


# Incidents and batches


def test_incidents_are_listed_and_retried_one_by_one(play: Play, engine: Engine) -> None:
    flows = line("start", "fork", "x", "end") + line("fork", "y", "end")
    id = play.start(START + FORK + job("x", "paint") + job("y", "sand") + END + flows)
    for kind, message in (("paint", "the paint is dry"), ("sand", "no sand")):
        (mine,) = engine.activate_jobs(kind, "w", ALEX)
        engine.fail_job(mine.id, message, ALEX)
    assert sorted((one.element_id, one.message, one.key) for one in engine.incidents(ALEX)) == [
        ("x", "the paint is dry", "p"),
        ("y", "no sand", "p"),
    ]
    (dry,) = engine.incidents(ALEX, Selection(incident="PAINT"))
    with pytest.raises(NotFound):
        engine.retry(id, ALEX, "x")
    engine.retry_job(dry.id, ALEX)
    assert [one.element_id for one in engine.incidents(ALEX)] == ["y"]
    assert play.state(id) == "incident"
    with pytest.raises(NotFound):
        engine.retry_job(dry.id, ALEX)
    with pytest.raises(Forbidden):
        engine.incidents(ANN)


def test_filters(play: Play, engine: Engine, clock: TestClock) -> None:
    first = play.start(A)
    moment = clock.now() + timedelta(minutes=1)
    play.settle(minutes=2)
    play.deploy(process(user("a"), user("b"), ids=["a", "b"]))
    second = engine.start("p", {}, ANN, business_key="100%")
    play.complete(second, "a")
    for selection, found in (
        (Selection(key="p"), [first, second]),
        (Selection(key="p", version=2), [second]),
        (Selection(element="a"), [first]),
        (Selection(element="b", state="active"), [second]),
        (Selection(element="_"), []),
        (Selection(business_key="100%"), [second]),
        (Selection(started_before=moment), [first]),
        (Selection(started_after=moment), [second]),
        (Selection(ids=(first,)), [first]),
        (Selection(incident="x"), []),
        (Selection(), [first, second]),
    ):
        assert [one.id for one in engine.select(selection, ALEX)] == found, selection


def test_a_batch_tells_what_came_of_each(play: Play, engine: Engine) -> None:
    ids = [play.start(A) for _ in range(3)]
    engine.suspend(ids[1], ALEX)
    outcomes = engine.each(Selection(key="p"), lambda id: engine.suspend(id, ALEX), ALEX)
    assert {one.instance_id: one.done for one in outcomes} == {ids[0]: True, ids[1]: False, ids[2]: True}
    assert ["suspended" in one.message for one in outcomes if one.message] == [True]
    reruns = engine.each(Selection(ids=tuple(ids)), lambda id: engine.rerun(id, ALEX), ALEX)
    assert all(one.made and play.detail(one.made).info.rerun_of == one.instance_id for one in reruns)
    with pytest.raises(Refused, match="which instances"):
        engine.each(Selection(), lambda id: None, ALEX)
    with pytest.raises(Forbidden):
        engine.each(Selection(key="p"), lambda id: None, ANN)
    assert engine.each(Selection(key="none"), lambda id: None, ALEX) == list[Outcome]()


def test_two_operations_at_once(play: Play, engine: Engine) -> None:
    id = play.start(process(user("a"), user("b"), ids=["a", "b"]))
    play.deploy(process(user("a"), user("c"), ids=["a", "c"]))
    gate, told = Barrier(3), list[str]()

    def act(name: str, call: Any) -> None:
        gate.wait()
        try:
            call()
            told.append(name)
        except Refused as refused:
            told.append(type(refused).__name__)

    task = play.open(id).id
    threads = [
        Thread(target=act, args=("migrated", lambda: engine.migrate(id, ALEX))),
        Thread(target=act, args=("moved", lambda: engine.modify(id, [Instruction(BEFORE, "a")], ALEX))),
        Thread(target=act, args=("done", lambda: engine.submit(task, {}, ANN))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {"moved", "done"} <= set(told)
    expected = {"a": 1, "c": 1} if "migrated" in told else {"a": 1, "b": 1}  # who completes first has gone on to what version 2 lacks
    assert play.tokens(id) == expected, told


# External workers


def test_a_job_belongs_to_the_worker_that_has_it(play: Play, engine: Engine, clock: TestClock) -> None:
    id = play.start(process(job("work", "paint"), ids=["work"]))
    (mine,) = engine.activate_jobs("paint", "one", ALEX, seconds=60)
    engine.extend_job(mine.id, "one", ALEX, seconds=120)
    clock.advance(timedelta(seconds=90))
    assert engine.activate_jobs("paint", "two", ALEX) == []
    clock.advance(timedelta(seconds=90))
    assert [one.id for one in engine.activate_jobs("paint", "two", ALEX)] == [mine.id]
    for act in (
        lambda: engine.complete_job(mine.id, {}, ALEX, "one"),
        lambda: engine.fail_job(mine.id, "no", ALEX, worker="one"),
        lambda: engine.throw_job_error(mine.id, BpmnError("E"), ALEX, "one"),
        lambda: engine.extend_job(mine.id, "one", ALEX),
    ):
        with pytest.raises(NotYours, match="two has taken it"):
            act()
    engine.fail_job(mine.id, "later", ALEX, retries=2, backoff=timedelta(minutes=5), worker="two")
    with pytest.raises(SomebodyWasFaster):
        engine.extend_job(mine.id, "two", ALEX)
    assert engine.activate_jobs("paint", "two", ALEX) == []
    clock.advance(timedelta(minutes=6))
    engine.complete_job(engine.activate_jobs("paint", "one", ALEX)[0].id, {}, ALEX, "one")
    assert play.state(id) == "completed"


def test_a_job_of_ours_is_nobody_elses(play: Play, engine: Engine) -> None:
    id = play.start(process(SLEEP, ids=["sleep"]))
    (timer,) = play.detail(id).jobs
    with pytest.raises(Refused, match="Ratchet's own"):
        engine.complete_job(timer.id, {}, ALEX)


# Clearing away


def rows(engine: Engine) -> dict[str, int]:
    """How many rows each table of ours has that tells of instances."""
    tables = [
        table
        for table in db.metadata.tables.values()
        if "instance_id" in table.c or table.name in ("ratchet_instance", "ratchet_signing_request")
    ]
    with db.read(engine.database) as tx:
        return {table.name: tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def with_ttl(body: str, key: str = "p", messages: str = "") -> bytes:
    return camunda(body, key, messages).replace(b'isExecutable="true"', b'isExecutable="true" camunda:historyTimeToLive="10"')


def test_what_finished_long_ago_is_forgotten(play: Play, engine: Engine) -> None:
    call = '<bpmn:callActivity id="call" calledElement="child"/>'
    play.deploy(A, "child", camunda, "")
    id = play.start(process(call, user("b"), ids=["call", "b"]), model=with_ttl, n=1)
    (child,) = engine.instances(ALEX, key="child")
    play.complete(child.id, "a")
    play.settle(days=11)
    assert engine.clean_up(ALEX) == 0
    play.complete(id, "b")
    play.settle(days=9)
    assert engine.clean_up(ALEX) == 0
    play.settle(days=2)
    assert engine.clean_up(ALEX) == 2
    assert set(rows(engine).values()) == {0}
    with pytest.raises(Forbidden):
        engine.clean_up(ANN)


def test_a_server_cleans_up_while_it_runs(play: Play, engine: Engine) -> None:
    id = play.start(A, model=with_ttl)
    play.complete(id, "a")
    play.settle(days=11)
    with cleaning(engine):
        pass
    assert set(rows(engine).values()) == {0}


def test_without_a_time_to_live_everything_stays(play: Play, engine: Engine) -> None:
    id = play.start(A)
    play.complete(id, "a")
    play.settle(days=4000)
    assert engine.clean_up(ALEX) == 0


def test_an_unused_definition_is_deleted(play: Play, engine: Engine) -> None:
    play.deploy(A)
    id = play.start(process(user("b"), ids=["b"]))
    with pytest.raises(Refused, match="1 instances are under way on version 2"):
        engine.delete_definition("p:2", ALEX)
    engine.cancel(id, ALEX)
    with pytest.raises(Refused, match="1 instances have finished on version 2"):
        engine.delete_definition("p:2", ALEX)
    engine.delete_definition("p:2", ALEX, with_instances=True)
    assert [one.version for one in engine.versions("p", ALEX)] == [1]
    assert set(rows(engine).values()) == {0}
    play.deploy(process(user("c"), ids=["c"]))
    assert [one.version for one in engine.versions("p", ALEX)] == [3, 1]  # a number is not given again
    engine.delete_definition("p:1", ALEX)
    with pytest.raises(NotFound):
        engine.delete_definition("p:1", ALEX)
    with pytest.raises(Forbidden):
        engine.delete_definition("p:3", ANN)


def test_the_version_before_is_what_messages_start_again(play: Play, engine: Engine) -> None:
    def model(task: str) -> str:
        return f'<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="go"/></bpmn:startEvent>{user(task)}{END}{line("m", task, "end")}'

    play.deploy(model("a"))
    play.deploy(model("b"))
    engine.delete_definition("p:2", ALEX)
    (id,) = engine.correlate("go", "K", {"k": "K"}, ALEX)
    assert play.tokens(id) == {"a": 1}
    engine.cancel(id, ALEX)
    engine.delete_definition("p:1", ALEX, with_instances=True)
    assert engine.correlate("go", "L", {"k": "L"}, ALEX) == []
