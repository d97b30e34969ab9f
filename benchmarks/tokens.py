"""Tokens in memory: a line of ten script tasks, by Ratchet's runtime (stages, scopes, history, FEEL) and by SpiffWorkflow as it comes.

Neither touches a disk. Also how a loop's 2,000th turn compares with its 10th, and how long chains, blocks and many turns grow.
Run as `python -m benchmarks.tokens`; the last lines are NAME MEASURED TARGET ok|short.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser

from engine.bpmn.reader import read
from engine.bpmn.specs import ProcessSpec
from engine.clock import SystemClock
from engine.identity import SYSTEM
from engine.runtime.definitions import Definition
from engine.runtime.history import History
from engine.runtime.run import Run
from engine.runtime.store import Instance

SCRIPTS, ROUNDS, INSTANCES = 10, 5, 300
TARGET, LOOP_TARGET, GROWTH_TARGET = 3.0, 1.5, 1.5
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' targetNamespace="t" id="d"><process id="p" isExecutable="true">{}</process></definitions>'
)
CAMUNDA = ("xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\"", "xmlns:camunda=\"http://camunda.org/schema/1.0/bpmn\"")
CLOCK = SystemClock()


def flows(*ids: str) -> str:
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def script(id: str, feel: str, result: str) -> str:
    inner = f'<extensionElements><zeebe:script expression="={feel}" resultVariable="{result}"/></extensionElements>'
    return f'<scriptTask id="{id}">{inner}</scriptTask>'


def line(count: int) -> str:
    ids = [f"s{number}" for number in range(count)]
    ends = '<startEvent id="start"/><endEvent id="end"/>'
    return ends + "".join(script(id, "n + 1", "n") for id in ids) + flows("start", *ids, "end")


def definition(body: str, head: str = HEAD) -> Definition:
    process = read(head.format(body).encode(), "benchmark.bpmn")[0]
    return Definition("p:1", "p", 1, process, ProcessSpec(process), CLOCK.now())


class Memory:
    """What a run needs of the world: a clock, a person, no database."""

    tx, who, find_person = None, SYSTEM, None
    world = SimpleNamespace(clock=CLOCK, tokens=None, secrets=None)

    @property
    def now(self) -> Any:
        return CLOCK.now()


def ours(made: Definition, variables: dict[str, Any]) -> Run:
    """One instance, run to its end or first rest."""
    case: Any = Memory()
    run = Run(case, made, Instance("i", made.id, None, "active", None, 0, "ann", CLOCK.now()))
    run.begin(variables)
    run.tokens.run()
    return run


def stock_spec() -> Any:
    ids = [f"s{number}" for number in range(SCRIPTS)]
    scripts = "".join(f'<scriptTask id="{id}"><script>n = n + 1</script></scriptTask>' for id in ids)
    ends = '<startEvent id="start"/><endEvent id="end"/>'
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(HEAD.format(ends + scripts + flows("start", *ids, "end")).encode()))
    return parser.get_spec("p")


def stock(spec: Any) -> Any:
    workflow = BpmnWorkflow(spec)
    workflow.task_tree.data["n"] = 0
    workflow.do_engine_steps()
    return workflow


def rate(run: Callable[[], Any]) -> float:
    """Instances a second: the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = perf_counter()
        for _ in range(INSTANCES):
            run()
        best = max(best, INSTANCES / (perf_counter() - begun))
    return best


def seconds(run: Callable[[], Any]) -> float:
    found = []
    for _ in range(3):
        begun = perf_counter()
        run()
        found.append(perf_counter() - begun)
    return min(found)


def speed() -> float:
    made, spec = definition(line(SCRIPTS)), stock_spec()
    end = ours(made, {"n": 0})
    assert end.ended and int(end.scopes.get("i", "n")) == SCRIPTS
    assert stock(spec).last_task.data["n"] == SCRIPTS
    we, they = rate(lambda: ours(made, {"n": 0})), rate(lambda: stock(spec))
    print(f"{SCRIPTS} script tasks in a line: Ratchet {we:,.0f} instances/s, SpiffWorkflow {they:,.0f} instances/s")
    return we / they


LOOP = (
    '<startEvent id="start"/><exclusiveGateway id="again"/><exclusiveGateway id="out" default="out_again"/><endEvent id="end"/>'
    '<receiveTask id="wait"/><scriptTask id="s" scriptFormat="feel" camunda:resultVariable="n"><script>n + 1</script></scriptTask>'
    + flows("start", "again", "wait", "s", "out", "again")
    + '<sequenceFlow id="out_end" sourceRef="out" targetRef="end"><conditionExpression>${n == -1}</conditionExpression></sequenceFlow>'
)  # fmt: skip


def loop() -> tuple[float, float]:
    """The 2,000th turn against the 10th: its time, and the size of what is saved."""
    run, times, sizes = ours(definition(LOOP, HEAD.replace(*CAMUNDA)), {"n": 0}), [], []
    for _ in range(2010):
        begun = perf_counter()
        run.finish(next(token.id for token in run.tokens.live()), {})
        run.tokens.run()
        sizes.append(len(json.dumps(run.tokens.saved())))
        times.append(perf_counter() - begun)
        run.history = History()  # a verb writes it and lets it go
    early, late = sorted(times[5:25])[10], sorted(times[1990:2010])[10]
    print(f"a loop: turn 10 {early * 1e6:,.0f} µs and {sizes[10]} bytes, turn 2,000 {late * 1e6:,.0f} µs and {sizes[2000]} bytes")
    return late / early, sizes[2000] / sizes[10]


def growth() -> dict[str, float]:
    """What ten times as much costs, over ten times the cost: 1 is linear."""
    found = {}
    for name, few, many in (
        ("chain of nodes", definition(line(50)), definition(line(500))),
        ("parallel blocks in a row", definition(blocks(2)), definition(blocks(20))),
        ("turns of a multi-instance", definition(turns(100)), definition(turns(1000))),
    ):
        one, ten = seconds(lambda made=few: ours(made, {"n": 0})), seconds(lambda made=many: ours(made, {"n": 0}))
        print(f"{name}: {one * 1e3:.1f} ms, ten times as many {ten * 1e3:.1f} ms")
        found[name.replace(" ", "_")] = ten / (10 * one)
    return found


def blocks(count: int) -> str:
    body, last = '<startEvent id="start"/><endEvent id="end"/>', "start"
    for number in range(count):
        split, join = f"f{number}", f"j{number}"
        body += f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>' + flows(last, split)
        for branch in "ab":
            body += f'<task id="{branch}{number}"/>' + flows(split, f"{branch}{number}", join)
        last = join
    return body + flows(last, "end")


def turns(count: int) -> str:
    loop = f'<zeebe:loopCharacteristics inputCollection="=for i in 1..{count} return i" inputElement="i"/>'
    each = f"<multiInstanceLoopCharacteristics><extensionElements>{loop}</extensionElements></multiInstanceLoopCharacteristics>"
    return f'<startEvent id="start"/><endEvent id="end"/><task id="t">{each}</task>' + flows("start", "t", "end")


def main() -> int:
    lines = []
    ratio = speed()
    lines.append(("times_the_stock_library", ratio, TARGET, ratio >= TARGET))
    for name, grown in growth().items():
        lines.append((f"{name}_times_linear", grown, GROWTH_TARGET, grown <= GROWTH_TARGET))
    time, size = loop()
    lines += [("turn_2000_time", time, LOOP_TARGET, time <= LOOP_TARGET), ("turn_2000_state", size, LOOP_TARGET, size <= LOOP_TARGET)]
    for name, measured, target, well in lines:
        print(f"{name} {measured:.2f} {target:g} {'ok' if well else 'short'}")
    return 0 if all(well for *_, well in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
