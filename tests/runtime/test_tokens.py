"""Tokens: where they go, where they wait, and that only what is live is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.bpmn.model import Flow
from engine.bpmn.reader import read
from engine.bpmn.specs import ProcessSpec
from engine.runtime import tokens
from engine.runtime.tokens import RunsInCircles, Token, Tokens
from tests.models import END, START, flow, line, user, zeebe


class World:
    """Rests at user tasks, takes every flow unless told which."""

    def __init__(self, spec: ProcessSpec, choose: dict[str, str] | None = None):
        self.spec, self.choose, self.path, self.flows = spec, choose or {}, list[str](), list[str]()

    def perform(self, token: Token) -> bool | None:
        self.path.append(token.task_spec.name)
        return None if token.task_spec.element.kind == "userTask" else True

    def flows_after(self, token: Token) -> list[Flow]:
        chosen = self.choose.get(token.task_spec.name)
        return [one for one in self.spec.flows_from(token.task_spec.element) if chosen in (None, one.target)]

    def moved(self, token: Token, flow: Flow) -> None:
        self.flows.append(flow.id)

    def at_join(self, token: Token) -> None:
        pass

    def merged(self, token: Token) -> None:
        pass

    def gone(self, token: Token) -> None:
        pass

    def emptied(self, scope: Token) -> None:
        pass

    def stepped(self) -> None:
        pass


def begun(body: str, choose: dict[str, str] | None = None) -> tuple[Tokens, World]:
    spec = ProcessSpec(read(zeebe(body), "f")[0])
    world = World(spec, choose)
    made = Tokens(spec, world)
    made.put("start", made.task_tree)
    made.run()
    return made, world


def at(made: Tokens) -> list[str]:
    return sorted(token.task_spec.name for token in made.live())


def complete(made: Tokens, name: str) -> None:
    next(token for token in made.live() if token.task_spec.name == name).complete()
    made.run()


def reloaded(made: Tokens, world: World) -> Tokens:
    return Tokens(world.spec, world, json.loads(json.dumps(made.saved())))


PARALLEL = (
    START + '<bpmn:parallelGateway id="split"/>' + user("a") + user("b") + '<bpmn:parallelGateway id="join"/>' + END
    + line("start", "split", "a", "join", "end") + line("split", "b", "join")
)  # fmt: skip


def test_parallel_branches_meet_once() -> None:
    made, world = begun(PARALLEL)
    assert at(made) == ["a", "b"]
    complete(made, "b")
    assert at(made) == ["a", "join"]
    made = reloaded(made, world)
    complete(made, "a")
    assert at(made) == []
    assert world.path.count("end") == 1


def test_a_second_token_on_the_same_flow_waits_for_the_next_round() -> None:
    body = (
        START + '<bpmn:parallelGateway id="twice"/>' + user("a1") + user("a2") + '<bpmn:exclusiveGateway id="merge"/>' + user("b")
        + '<bpmn:parallelGateway id="join"/>' + END + line("start", "twice", "a1", "merge", "join", "end")
        + line("twice", "a2", "merge") + line("twice", "b", "join")
    )  # fmt: skip
    made, world = begun(body)
    complete(made, "a1")
    complete(made, "a2")
    assert at(made) == ["b", "join", "join"]
    complete(made, "b")
    assert at(made) == ["join"]
    assert world.path.count("end") == 1


def test_implicit_split_and_merge() -> None:
    made, world = begun(START + user("a") + user("b") + '<bpmn:task id="t"/>' + END + line("start", "a", "t", "end") + line("start", "b", "t"))
    assert at(made) == ["a", "b"]
    complete(made, "a")
    complete(made, "b")
    assert (world.path.count("t"), world.path.count("end"), at(made)) == (2, 2, [])


LOOP = START + '<bpmn:exclusiveGateway id="in"/><bpmn:exclusiveGateway id="out"/>' + user("u") + END + line("start", "in", "u", "out") + flow("out", "in", "=true") + flow("out", "end", "=true")


def test_the_two_thousandth_turn_is_saved_like_the_tenth() -> None:
    made, world = begun(LOOP, {"out": "in"})
    sizes = []
    for _ in range(2000):
        complete(made, "u")
        sizes.append(len(json.dumps(made.saved())))
    assert sizes[1999] <= sizes[9] + 10
    assert len(made.tasks) == 2
    made = reloaded(made, world)
    world.choose = {"out": "end"}
    complete(made, "u")
    assert at(made) == []


def test_a_loop_without_rest_is_told_and_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_STEPS", 500)
    with pytest.raises(RunsInCircles):
        begun(LOOP.replace('<bpmn:userTask id="u"', '<bpmn:task id="u"').replace("</bpmn:userTask>", "</bpmn:task>"), {"out": "in"})


def test_long_chains_and_many_blocks_in_a_row() -> None:
    ids = [f"t{number}" for number in range(1000)]
    _, world = begun(START + "".join(f'<bpmn:task id="{id}"/>' for id in ids) + END + line("start", *ids, "end"))
    assert world.path == ["start", *ids, "end"]
    blocks, flows, last = "", "", "start"
    for number in range(20):
        blocks += f'<bpmn:parallelGateway id="s{number}"/><bpmn:task id="a{number}"/><bpmn:task id="b{number}"/><bpmn:parallelGateway id="j{number}"/>'
        flows += line(last, f"s{number}", f"a{number}", f"j{number}") + line(f"s{number}", f"b{number}", f"j{number}")
        last = f"j{number}"
    made, world = begun(START + blocks + END + flows + flow(last, "end"))
    assert (len(world.path), at(made)) == (2 + 20 * 4, [])


def test_saved_form_holds_only_what_is_live() -> None:
    made, _ = begun(PARALLEL)
    saved: list[list[Any]] = made.saved()
    assert [row[2] for row in saved] == ["(process)", "a", "b"]
    assert all(row[1] == saved[0][0] for row in saved[1:])
