"""Migration: an instance in the middle of the old version ends as the new version says, or stays with the reason why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from engine.clock import TestClock
from engine.core import Engine, SourceFile
from engine.demo import PEOPLE
from engine.errors import Forbidden, NotFound, Refused
from engine.runtime.migration_plan import MigrationRefused
from engine.runtime.selection import Selection
from tests.conftest import on_both
from tests.models import END, START, camunda, feel_script, flow, job, line, user, zeebe

ANN, BOB, ALEX, ROOT = PEOPLE
pytestmark = on_both
TEN_MINUTES = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT10M</bpmn:timeDuration></bpmn:timerEventDefinition>"
FORK, JOIN = '<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="join"/>'
GO = '<bpmn:message id="go" name="go"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>'
STOP = GO.replace('"go"', '"stop"')


def boundary(id: str, host: str, event: str, attributes: str = "") -> str:
    return f'<bpmn:boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{event}</bpmn:boundaryEvent>'


def catch(id: str, event: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}">{event}</bpmn:intermediateCatchEvent>'


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{name}"/>'


def sub(id: str, inside: str, attributes: str = "") -> str:
    return f'<bpmn:subProcess id="{id}" {attributes}>{inside}</bpmn:subProcess>'


def inner(*nodes: str, ids: Sequence[str]) -> str:
    return f'<bpmn:startEvent id="in"/>{"".join(nodes)}<bpmn:endEvent id="out"/>{line("in", *ids, "out")}'


def process(*nodes: str, ids: Sequence[str], more: str = "") -> str:
    return START + "".join(nodes) + END + line("start", *ids, "end") + more


class Case:
    """One instance of version 1, to be taken to version 2."""

    def __init__(self, engine: Engine, clock: TestClock, old: str, variables: dict[str, Any], model: Any = zeebe):
        self.engine, self.clock, self.model = engine, clock, model
        self._deploy(old)
        self.id = engine.start("p", variables, ANN)
        self.settle()

    def _deploy(self, body: str) -> None:
        self.engine.deploy([SourceFile("p.bpmn", self.model(body, messages=GO + STOP))], ALEX)

    def settle(self) -> None:
        while self.engine.run_due():
            pass

    def to(self, new: str, mapping: dict[str, str] | None = None, renew: bool = False) -> None:
        self._deploy(new)
        plan = self.engine.plan_migration("p", 1, ALEX, mapping=mapping)
        assert (plan.instances, plan.obstacles) == (1, [])
        self.engine.migrate(self.id, ALEX, mapping=mapping, renew=renew)
        self.settle()
        assert self.detail.info.version == 2

    def refused(self, new: str, *texts: str, mapping: dict[str, str] | None = None) -> None:
        self._deploy(new)
        before = self.detail
        for act in (
            lambda: self.engine.migrate(self.id, ALEX, mapping=mapping),
            lambda: self._raise(self.engine.plan_migration("p", 1, ALEX, mapping=mapping).obstacles),
        ):
            with pytest.raises(MigrationRefused) as told:
                act()
            assert all(text in str(told.value) for text in texts), str(told.value)
        assert self.detail == before

    def _raise(self, obstacles: list[Any]) -> None:
        raise MigrationRefused(obstacles)

    @property
    def detail(self) -> Any:
        return self.engine.instance(self.id, ALEX)

    def complete(self, *elements: str) -> None:
        for element in elements:
            task = next(task for task in self.detail.tasks if task.state == "open" and task.element_id == element)
            self.engine.submit(task.id, {}, ANN)
            self.settle()

    def after(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))
        self.settle()

    def ends(self, *visited: str, **variables: Any) -> None:
        detail = self.detail
        assert detail.info.state == "completed", (detail.info.state, detail.tokens, detail.incidents)
        assert all(one in detail.counts for one in visited), detail.counts
        found = {name: value for scope, name, value in detail.variables if not scope}
        assert {name: found.get(name) for name in variables} == variables


@pytest.fixture
def begun(engine: Engine, clock: TestClock) -> Any:
    def begin(old: str, model: Any = zeebe, **variables: Any) -> Case:
        return Case(engine, clock, old, variables, model)

    return begin


A = process(user("a"), ids=["a"])


def test_nodes_before_and_after_a_token_are_added(begun: Any) -> None:
    case = begun(A)
    case.to(process(feel_script("first", "1", "n"), user("a"), user("b"), ids=["first", "a", "b"]))
    case.complete("a", "b")
    case.ends("b")
    assert "first" not in case.detail.counts


def test_a_node_after_the_token_is_removed(begun: Any) -> None:
    case = begun(process(user("a"), user("b"), ids=["a", "b"]))
    case.to(A)
    case.complete("a")
    case.ends()


def test_a_task_is_renamed_and_keeps_what_it_has(begun: Any, engine: Engine) -> None:
    case = begun(A)
    task = case.detail.tasks[0].id
    engine.claim(task, BOB)
    engine.save_draft(task, {"half": "done"}, BOB)
    case.to(process(user("other"), ids=["other"]), {"a": "other"})
    (found,) = engine.tasks(BOB, "mine")
    assert (found.id, found.element_id, found.name) == (task, "other", "Task other")
    assert engine.task_form(task, BOB).data == {"half": "done"}
    engine.submit(task, {}, BOB)
    case.ends("other")
    assert "a" not in case.detail.counts


def test_a_condition_behind_the_token_changes(begun: Any) -> None:
    def model(condition: str) -> str:
        gate = '<bpmn:exclusiveGateway id="x" default="x_no"/><bpmn:task id="yes"/><bpmn:task id="no"/>'
        flows = line("start", "a", "x") + flow("x", "yes", condition) + flow("x", "no") + line("yes", "end") + line("no", "end")
        return START + user("a") + gate + END + flows

    case = begun(model("=n &gt; 10"), n=5)
    case.to(model("=n &gt; 3"))
    case.complete("a")
    case.ends("yes")


def test_what_failed_is_mended_by_a_new_version(begun: Any, engine: Engine) -> None:
    def model(default: str, *last: str) -> str:
        gate = f'<bpmn:exclusiveGateway id="x" {default}/><bpmn:task id="t"/><bpmn:task id="f"/>'
        return (
            START + gate + END + line("start", "x") + flow("x", "t", "=n = 1") + flow("x", "f", *last) + line("t", "end") + line("f", "end")
        )

    case = begun(model("", "=n = 2"), n=3)
    assert case.detail.info.state == "incident"
    case.to(model('default="x_f"'))
    assert case.detail.info.state == "incident"
    engine.retry(case.id, ALEX)
    case.ends("f")


def test_a_boundary_event_is_added_to_an_active_task(begun: Any) -> None:
    case = begun(A)
    case.to(process(user("a"), boundary("late", "a", TEN_MINUTES), '<bpmn:task id="t"/>', ids=["a"], more=line("late", "t", "end")))
    case.after(minutes=11)
    case.ends("late", "t")


def test_a_boundary_event_is_removed_from_an_active_task(begun: Any) -> None:
    case = begun(process(user("a"), boundary("late", "a", TEN_MINUTES), ids=["a"], more=line("late", "end")))
    case.to(A)
    assert case.detail.jobs == []
    case.after(minutes=11)
    case.complete("a")
    case.ends()


def test_a_changed_timer_keeps_its_due_unless_asked(begun: Any) -> None:
    def model(duration: str) -> str:
        late = boundary("late", "a", TEN_MINUTES.replace("PT10M", duration))
        return process(user("a"), late, ids=["a"], more=line("late", "end"))

    case = begun(model("PT10M"))
    due = case.detail.jobs[0].due_at
    case.to(model("PT1H"))
    assert [job.due_at for job in case.detail.jobs] == [due]
    case.after(minutes=11)
    case.ends("late")


def test_a_changed_timer_begins_anew_when_asked(begun: Any) -> None:
    def model(duration: str) -> str:
        return process(catch("wait", TEN_MINUTES.replace("PT10M", duration)), ids=["wait"])

    case = begun(model("PT10M"))
    case.to(model("PT1H"), renew=True)
    case.after(minutes=30)
    assert case.detail.tokens == {"wait": 1}
    case.after(minutes=31)
    case.ends("wait")


def test_an_event_that_came_already_does_not_come_again(begun: Any) -> None:
    def model(task: str) -> str:
        late = boundary("late", "a", TEN_MINUTES, 'cancelActivity="false"')
        return process(user("a"), late, task, '<bpmn:endEvent id="e"/>', ids=["a"], more=line("late", "t", "e"))

    case = begun(model('<bpmn:task id="t"/>'))
    case.after(minutes=11)
    case.to(model('<bpmn:task id="t" name="New"/>'))
    assert case.detail.jobs == []
    case.complete("a")
    case.ends()
    assert case.detail.counts["late"] == 1


def test_a_message_subscription_moves_with_its_token(begun: Any, engine: Engine) -> None:
    case = begun(process(catch("wait", message("go")), ids=["wait"]), k="K")
    case.to(process(catch("waiting", message("go")), ids=["waiting"]), {"wait": "waiting"})
    assert [one.element_id for one in case.detail.subscriptions] == ["waiting"]
    assert engine.correlate("go", "K", {"came": True}, ALEX) == [case.id]
    case.ends("waiting", came=True)


def test_a_message_is_another_one_when_asked(begun: Any, engine: Engine) -> None:
    case = begun(process(catch("wait", message("go")), ids=["wait"]), k="K")
    engine.correlate("stop", "K", {"stopped": True}, ALEX)
    case.to(process(catch("wait", message("stop")), ids=["wait"]), renew=True)
    case.ends(stopped=True)  # it had been kept


def test_an_event_sub_process_is_added(begun: Any, engine: Engine) -> None:
    handler = '<bpmn:startEvent id="es">' + message("stop") + '</bpmn:startEvent><bpmn:endEvent id="ee"/>' + line("es", "ee")
    case = begun(A, k="K")
    case.to(process(user("a"), sub("handler", handler, 'triggeredByEvent="true"'), ids=["a"]))
    assert engine.correlate("stop", "K", {}, ALEX) == [case.id]
    case.ends("handler", "ee")


def test_an_event_sub_process_is_removed(begun: Any, engine: Engine) -> None:
    handler = '<bpmn:startEvent id="es">' + message("stop") + '</bpmn:startEvent><bpmn:endEvent id="ee"/>' + line("es", "ee")
    case = begun(process(user("a"), sub("handler", handler, 'triggeredByEvent="true"'), ids=["a"]), k="K")
    case.to(A)
    assert engine.correlate("stop", "K", {}, ALEX) == []
    case.complete("a")
    case.ends()


def parallel(*middle: str, flows: str, extra: str = "") -> str:
    return START + FORK + JOIN + "".join(middle) + END + line("start", "fork") + flows + line("join", "end") + extra


TWO = line("fork", "a", "join") + line("fork", "b", "join")


def test_a_join_keeps_its_waiting_tokens(begun: Any) -> None:
    case = begun(parallel(user("a"), user("b"), flows=TWO))
    case.complete("a")
    case.to(parallel(user("a"), user("b"), user("c"), flows=line("fork", "a", "join") + line("fork", "b", "c", "join")))
    case.complete("b", "c")
    case.ends()


def test_a_node_is_put_into_the_flow_on_which_a_token_has_come(begun: Any) -> None:
    case = begun(parallel(user("a"), user("b"), flows=TWO))
    case.complete("a")
    with_c = line("fork", "a") + flow("a", "c", id="a_join") + line("c", "join") + line("fork", "b", "join")
    case.to(parallel(user("a"), user("b"), user("c"), flows=with_c))
    case.complete("b")
    case.ends()


def test_a_join_with_fewer_flows_goes_on(begun: Any) -> None:
    case = begun(parallel(user("a"), user("b"), user("c"), flows=TWO + line("fork", "c", "join")))
    case.complete("a", "b")
    case.refused(parallel(user("a"), user("b"), flows=TWO), "“c”", "no such element")


def test_a_branch_behind_a_join_goes_and_the_join_is_complete(begun: Any) -> None:
    other = '<bpmn:endEvent id="e2"/>'
    case = begun(parallel(user("a"), user("b"), flows=TWO))
    case.complete("a")
    case.to(parallel(user("a"), user("b"), other, flows=line("fork", "a", "join") + line("fork", "b", "e2")))
    case.complete("b")
    case.ends("join", "end", "e2")


def test_inside_a_sub_process(begun: Any) -> None:
    case = begun(process(sub("s", inner(user("a"), ids=["a"])), ids=["s"]))
    case.to(process(sub("s", inner(user("a"), user("b"), ids=["a", "b"])), user("c"), ids=["s", "c"]))
    case.complete("a", "b", "c")
    case.ends("s", "c")


def test_a_token_moves_into_a_new_sub_process(begun: Any) -> None:
    case = begun(A)
    late = boundary("late", "s", TEN_MINUTES)
    case.to(process(sub("s", inner(user("a"), user("b"), ids=["a", "b"])), late, ids=["s"], more=line("late", "end")))
    assert (case.detail.tokens["a"], case.detail.tokens["s"], len(case.detail.jobs)) == (1, 1, 1)
    case.complete("a")
    case.after(minutes=11)
    case.ends("s", "late")
    assert not [task for task in case.detail.tasks if task.state == "open"]


def test_a_sub_process_is_taken_away_around_a_token(begun: Any) -> None:
    case = begun(process(sub("s", inner(user("a"), ids=["a"])), boundary("late", "s", TEN_MINUTES), ids=["s"], more=line("late", "end")))
    case.to(process(user("a"), user("b"), ids=["a", "b"]))
    assert case.detail.tokens == {"a": 1} and case.detail.jobs == []
    case.complete("a", "b")
    case.ends("b")


def test_turns_of_a_multi_instance_go_on(begun: Any) -> None:
    def model(more: str, ids: list[str]) -> str:
        loop = '<zeebe:loopCharacteristics inputCollection="=[1,2,3]" inputElement="i" outputCollection="all" outputElement="=i"/>'
        turns = f"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>{loop}</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
        return process(sub("s", inner(user("a"), more, ids=ids) + turns), ids=["s"])

    case = begun(model("", ["a"]))
    case.complete("a")
    case.to(model(user("b"), ["a", "b"]))
    case.complete("a", "a", "b", "b")
    case.ends(all=[1, 2, 3])


def test_a_job_keeps_its_tries_and_its_worker(begun: Any, engine: Engine) -> None:
    case = begun(process(job("work", "paint"), ids=["work"]))
    (mine,) = engine.activate_jobs("paint", "w", ALEX)
    engine.fail_job(mine.id, "dry", ALEX, retries=1)
    case.to(process(job("paint", "paint", retries=5), user("b"), ids=["paint", "b"]), {"work": "paint"})
    (again,) = engine.activate_jobs("paint", "w", ALEX)
    assert (again.id, again.retries, again.element_id) == (mine.id, 1, "paint")
    engine.complete_job(again.id, {"coats": 2}, ALEX)
    case.complete("b")
    case.ends(coats=2)


def test_an_event_gateway_offers_other_events(begun: Any, engine: Engine) -> None:
    def model(*events: tuple[str, str]) -> str:
        nodes = "".join(catch(id, event) for id, event in events)
        flows = "".join(line("g", id, "end") for id, _ in events)
        return START + '<bpmn:eventBasedGateway id="g"/>' + nodes + END + line("start", "g") + flows

    case = begun(model(("m", message("go")), ("t", TEN_MINUTES)), k="K")
    case.to(model(("t", TEN_MINUTES), ("n", message("stop"))))
    assert engine.correlate("go", "K", {}, ALEX, ttl_seconds=0) == []
    assert engine.correlate("stop", "K", {}, ALEX) == [case.id]
    case.ends("n")


def test_an_asynchronous_step_waits_in_front_of_other_work(begun: Any, engine: Engine) -> None:
    old = process(
        '<bpmn:scriptTask id="s" camunda:asyncBefore="true" scriptFormat="groovy"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>',
        ids=["s"],
    )
    engine.deploy([SourceFile("p.bpmn", camunda(old))], ALEX)
    id = engine.start("p", {}, ANN)
    engine.deploy([SourceFile("p.bpmn", camunda(process(user("s"), ids=["s"])))], ALEX)
    engine.migrate(id, ALEX)
    while engine.run_due():
        pass
    (task,) = engine.instance(id, ALEX).tasks
    engine.submit(task.id, {}, ANN)
    assert engine.instance(id, ALEX).info.state == "completed"


def test_called_instances_stay_on_their_versions(engine: Engine) -> None:
    call = '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="child"/></bpmn:extensionElements></bpmn:callActivity>'
    child = zeebe(process(user("in"), ids=["in"]), key="child")
    engine.deploy([SourceFile("c.bpmn", child), SourceFile("p.bpmn", zeebe(process(call, ids=["call"])))], ALEX)
    id = engine.start("p", {}, ANN)
    engine.deploy(
        [SourceFile("c.bpmn", zeebe(A, key="child")), SourceFile("p.bpmn", zeebe(process(call, user("b"), ids=["call", "b"])))], ALEX
    )
    engine.migrate(id, ALEX)
    (called,) = engine.instances(ALEX, key="child")
    assert called.version == 1
    engine.submit(next(task.id for task in engine.tasks(ALEX, "all")), {}, ANN)
    assert [task.element_id for task in engine.tasks(ALEX, "all")] == ["b"]


LOOP = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=[1, 2]"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)
B = process(user("b"), ids=["b"])


def looped(sequential: bool) -> str:
    return process(user("a").replace("</bpmn:userTask>", LOOP.format(str(sequential).lower()) + "</bpmn:userTask>"), ids=["a"])


@pytest.mark.parametrize(
    ("new", "mapping", "texts"),
    [
        (B, {}, ["“a”", "version 2 has no such element", "Map it"]),
        (process(job("a", "x"), ids=["a"]), {}, ["“a” is a serviceTask, not a userTask", "Move the token"]),
        (process(job("b", "x"), ids=["b"]), {"a": "b"}, ["“b” is a serviceTask, not a userTask"]),
        (B, {"nothing": "b"}, ["“nothing”: version 1 has no such element"]),
        (B, {"a": "nothing"}, ["version 2 has no element “nothing”"]),
        (looped(True), {}, ["sequential multi-instance", "done once"]),
        (process(sub("s", inner(user("a"), ids=["a"]) + LOOP.format("false")), ids=["s"]), {}, ["inside “s”", "not under way"]),
    ],
)
def test_what_cannot_be(begun: Any, new: str, mapping: dict[str, str], texts: list[str]) -> None:
    case = begun(A)
    case.refused(new, *texts, mapping=mapping)
    case.complete("a")
    case.ends()


@pytest.mark.parametrize(("new", "text"), [(A, "done once"), (looped(True), "sequential")])
def test_several_times_stays_several_times(begun: Any, new: str, text: str) -> None:
    begun(looped(False)).refused(new, text)


def test_a_token_does_not_leave_its_turn(begun: Any) -> None:
    inside = inner(user("a"), ids=["a"]) + LOOP.format("false")
    begun(process(sub("s", inside), ids=["s"])).refused(
        process(sub("s", inner(user("b"), ids=["b"]) + LOOP.format("false")), user("a"), ids=["s", "a"]), "leave a turn"
    )


def test_a_token_waits_on_a_flow_that_is_gone(begun: Any) -> None:
    case = begun(parallel(user("a"), user("b"), flows=TWO))
    case.complete("a")
    other = '<bpmn:endEvent id="e2"/>'
    flows = line("fork", "a", "e2") + line("fork", "b", "join") + line("fork", "c", "join") + line("fork", "d", "join")
    case.refused(parallel(user("a"), user("b"), user("c"), user("d"), other, flows=flows), "“join”", "a_join")


def test_a_catch_event_of_another_kind(begun: Any) -> None:
    case = begun(process(catch("wait", message("go")), ids=["wait"]), k="K")
    case.refused(process(catch("wait", TEN_MINUTES), ids=["wait"]), "something else")


def test_only_between_versions_and_not_to_the_same(begun: Any, engine: Engine) -> None:
    case = begun(A)
    with pytest.raises(Refused, match="where it would go"):
        engine.migrate(case.id, ALEX)
    with pytest.raises(NotFound):
        engine.migrate(case.id, ALEX, version=7)
    with pytest.raises(Forbidden):
        engine.migrate(case.id, ANN)
    case.complete("a")
    with pytest.raises(Refused, match="has ended"):
        engine.migrate(case.id, ALEX)


def test_a_plan_counts_whom_it_concerns(engine: Engine) -> None:
    engine.deploy([SourceFile("p.bpmn", zeebe(process(user("a"), user("b"), ids=["a", "b"])))], ALEX)
    ids = [engine.start("p", {}, ANN) for _ in range(3)]
    engine.submit(engine.instance(ids[0], ALEX).tasks[0].id, {}, ANN)
    engine.deploy([SourceFile("p.bpmn", zeebe(B))], ALEX)
    plan = engine.plan_migration("p", 1, ALEX)
    assert (plan.gone, plan.new, plan.instances) == (["a"], [], 3)
    assert [(one.element, one.instances) for one in plan.obstacles] == [("a", 2)]
    outcomes = engine.each(Selection(key="p", version=1), lambda id: engine.migrate(id, ALEX), ALEX)
    assert {one.instance_id: one.done for one in outcomes} == {ids[0]: True, ids[1]: False, ids[2]: False}


def test_a_suspended_instance_migrates_and_goes_on_when_resumed(begun: Any, engine: Engine) -> None:
    case = begun(parallel(user("a"), user("b"), flows=TWO), k="K")
    case.complete("a")
    engine.suspend(case.id, ALEX)
    engine.correlate("stop", "K", {}, ALEX)
    flows = line("fork", "a", "join") + line("fork", "b", "e2")
    case.to(
        parallel(user("a"), user("b"), boundary("m", "b", message("stop")), '<bpmn:endEvent id="e2"/>', flows=flows, extra=line("m", "e2"))
    )
    assert (case.detail.info.state, case.detail.subscriptions, case.detail.counts.get("end")) == ("suspended", [], None)
    engine.resume(case.id, ALEX)
    case.settle()
    case.ends("m", "end")


def test_what_was_done_can_still_be_compensated(engine: Engine) -> None:
    def model(undo: str, name: str) -> str:
        edge = boundary("c", "work", "<bpmn:compensateEventDefinition/>")
        handler = f'<bpmn:scriptTask id="{undo}" isForCompensation="true"><bpmn:extensionElements><zeebe:script expression="=&quot;{name}&quot;" resultVariable="undone"/></bpmn:extensionElements></bpmn:scriptTask>'
        link = f'<bpmn:association id="as" associationDirection="One" sourceRef="c" targetRef="{undo}"/>'
        throw = '<bpmn:intermediateThrowEvent id="throw"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>'
        return process('<bpmn:task id="work"/>', edge, handler, link, user("a"), throw, ids=["work", "a", "throw"])

    engine.deploy([SourceFile("p.bpmn", zeebe(model("undo", "old")))], ALEX)
    id = engine.start("p", {}, ANN)
    engine.deploy([SourceFile("p.bpmn", zeebe(model("back", "new")))], ALEX)
    engine.migrate(id, ALEX)
    engine.submit(engine.instance(id, ALEX).tasks[0].id, {}, ANN)
    assert ("", "undone", "new") in engine.instance(id, ALEX).variables


def test_a_boundary_event_is_added_to_a_loop_under_way(begun: Any) -> None:
    def model(edge: str, more: str) -> str:
        loop = user("a").replace("</bpmn:userTask>", LOOP.format("false") + "</bpmn:userTask>")
        return process(loop, edge, ids=["a"], more=more)

    case = begun(model("", ""))
    case.to(model(boundary("late", "a", TEN_MINUTES), line("late", "end")))
    assert len(case.detail.jobs) == 1
    case.complete("a")
    case.after(minutes=11)
    case.ends("late")


def test_inside_an_event_sub_process_under_way(begun: Any, engine: Engine) -> None:
    def model(*tasks: str) -> str:
        nodes = "".join(user(task) for task in tasks)
        start = '<bpmn:startEvent id="es">' + message("stop") + "</bpmn:startEvent>"
        inside = start + nodes + '<bpmn:endEvent id="ee"/>' + line("es", *tasks, "ee")
        return process(user("a"), sub("handler", inside, 'triggeredByEvent="true"'), ids=["a"])

    case = begun(model("x"), k="K")
    engine.correlate("stop", "K", {}, ALEX)
    case.to(model("x", "y"))
    assert case.detail.subscriptions == []  # it came already, and it interrupts
    case.complete("x", "y")
    case.ends("handler")


def test_a_call_activity_gets_a_boundary_event(begun: Any, engine: Engine) -> None:
    engine.deploy([SourceFile("c.bpmn", zeebe(A, key="child"))], ALEX)
    extension = '<bpmn:extensionElements><zeebe:calledElement processId="child"/></bpmn:extensionElements>'
    call = f'<bpmn:callActivity id="call">{extension}</bpmn:callActivity>'
    case = begun(process(call, ids=["call"]))
    case.to(process(call, boundary("late", "call", TEN_MINUTES), ids=["call"], more=line("late", "end")))
    case.after(minutes=11)
    case.ends("late")
    assert [one.state for one in engine.instances(ALEX, key="child")] == ["canceled"]


def test_back_and_forth(begun: Any, engine: Engine) -> None:
    case = begun(process(sub("s", inner(user("a"), ids=["a"])), ids=["s"]), n=1)
    case.to(A)
    engine.migrate(case.id, ALEX, version=1)
    engine.migrate(case.id, ALEX, version=2)
    engine.migrate(case.id, ALEX, version=1)
    assert (case.detail.tokens["s"], case.detail.tokens["a"]) == (1, 1)
    case.complete("a")
    case.ends("s", n=1)


def test_a_third_version_after_a_rename(begun: Any, engine: Engine) -> None:
    case = begun(A)
    case.to(B, {"a": "b"})
    case._deploy(process(user("b"), user("c"), ids=["b", "c"]))
    engine.migrate(case.id, ALEX)
    case.complete("b", "c")
    case.ends("c")


@pytest.mark.parametrize(("kind", "condition"), [("parallelGateway", ""), ("inclusiveGateway", "=true")])
def test_a_node_before_a_join_in_a_sub_process(begun: Any, kind: str, condition: str) -> None:
    def model(*middle: str) -> str:
        gates = f'<bpmn:{kind} id="fork"/><bpmn:{kind} id="join"/>'
        forks = flow("fork", "a", condition) + flow("fork", "b", condition)
        flows = line("in", "fork") + forks + line("a", "join", "out") + line("b", *middle, "join")
        inside = '<bpmn:startEvent id="in"/><bpmn:endEvent id="out"/>' + gates + user("a") + user("b") + "".join(map(user, middle)) + flows
        return process(sub("s", inside), ids=["s"])

    case = begun(model())
    case.complete("a")
    case.to(model("c"))
    case.complete("b", "c")
    case.ends("join")
