"""Loop characteristics of both dialects and of plain BPMN."""

from __future__ import annotations

import pytest

from engine.bpmn.model import MultiInstance, StandardLoop
from tests.bpmn.reading import eight, process, refusal, refused_eight, refused_seven, said, seven
from tests.models import START, camunda

MULTI = '<bpmn:task id="x"><bpmn:multiInstanceLoopCharacteristics %s>%s</bpmn:multiInstanceLoopCharacteristics></bpmn:task>'
STANDARD = '<bpmn:task id="x"><bpmn:standardLoopCharacteristics %s>%s</bpmn:standardLoopCharacteristics></bpmn:task>'


def zeebe_loop(attributes: str, inside: str = "") -> str:
    return MULTI % ('isSequential="true"', f"<bpmn:extensionElements><zeebe:loopCharacteristics {attributes}/></bpmn:extensionElements>{inside}")


def test_camunda_8() -> None:
    body = zeebe_loop(
        'inputCollection="= items" inputElement="item" outputCollection="results" outputElement="= item * 2"',
        "<bpmn:completionCondition>= numberOfCompletedInstances = 2</bpmn:completionCondition>",
    )
    loop = eight(body).loop
    assert isinstance(loop, MultiInstance) and loop.sequential and (loop.item, loop.output, loop.counts_from) == ("item", "results", 1)
    assert [said(one) for one in (loop.collection, loop.output_item, loop.condition)] == [
        ("feel", "items"), ("feel", "item * 2"), ("feel", "numberOfCompletedInstances = 2"),
    ]  # fmt: skip


def test_camunda_7() -> None:
    loop = seven(MULTI % ('camunda:collection="items" camunda:elementVariable="item" camunda:asyncBefore="true"', "")).loop
    assert isinstance(loop, MultiInstance) and not loop.sequential and (loop.item, loop.counts_from) == ("item", 0)
    assert (said(loop.collection), loop.async_before, loop.async_after) == (("variable", "items"), True, False)
    loop = seven(MULTI % ('camunda:collection="${bean.list}" camunda:asyncAfter="true"', "")).loop
    assert isinstance(loop, MultiInstance) and said(loop.collection) == ("juel", "${bean.list}") and loop.async_after
    retry = "<bpmn:extensionElements><camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle></bpmn:extensionElements>"
    found = seven(MULTI % ('camunda:exclusive="false"', f"{retry}<bpmn:loopCardinality>${{n}}</bpmn:loopCardinality>"))
    assert isinstance(found.loop, MultiInstance) and said(found.loop.cardinality) == ("juel", "${n}")
    assert said(found.retry_cycle) == ("text", "R3/PT1M")


def test_plain_bpmn() -> None:
    data = (
        '<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef>'
        '<bpmn:inputDataItem id="i" name="item"/><bpmn:outputDataItem id="result"/>'
    )
    for found in (seven(MULTI % ("", data)), eight(MULTI % ("", data))):
        loop = found.loop
        assert isinstance(loop, MultiInstance) and (loop.item, loop.output) == ("item", "results")
        assert (said(loop.collection), said(loop.output_item)) == (("variable", "items"), ("variable", "result"))
    loop = eight(MULTI % ("", "<bpmn:loopCardinality>3</bpmn:loopCardinality>")).loop
    assert isinstance(loop, MultiInstance) and said(loop.cardinality) == ("text", "3")


def test_standard_loops() -> None:
    loop = seven(STANDARD % ('testBefore="true" loopMaximum="5"', "<bpmn:loopCondition>${a}</bpmn:loopCondition>")).loop
    assert isinstance(loop, StandardLoop) and loop.test_before
    assert (said(loop.condition), said(loop.maximum)) == (("juel", "${a}"), ("text", "5"))
    loop = eight(STANDARD % ("", "<bpmn:loopCondition>= a</bpmn:loopCondition>")).loop
    assert isinstance(loop, StandardLoop) and not loop.test_before and loop.maximum is None and said(loop.condition) == ("feel", "a")


ITEMS = "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (MULTI % ("", ""), "x: The multi-instance says neither for which collection nor how often"),
        (MULTI % ("", ITEMS + "<bpmn:loopCardinality>3</bpmn:loopCardinality>"), "has a collection and a number of times"),
        (MULTI % ("", '<bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:inputDataItem name="i"/>'), "names an item variable but no collection"),
        (MULTI % ("", ITEMS + "<bpmn:loopDataOutputRef>r</bpmn:loopDataOutputRef>"), "An output needs both"),
        (MULTI % ('behavior="One"', ITEMS), "behavior=One is not run"),
        (MULTI % ('oneBehaviorEventRef="e"', ITEMS), "The attribute oneBehaviorEventRef is not run"),
        (MULTI % ('isSequential="often"', ITEMS), "isSequential is “often”; it must be true or false"),
        (MULTI % ("", ITEMS + "<bpmn:complexBehaviorDefinition/>"), "<bpmn:complexBehaviorDefinition> is not run"),
        (STANDARD % ("", ""), "The loop would never end"),
        (STANDARD % ('loopMinimum="1" loopMaximum="2"', ""), "The attribute loopMinimum is not run"),
        ((MULTI % ("", ITEMS)).replace("</bpmn:task>", '<bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:task>'), "more than one loop"),
    ],
)
def test_refused_in_both_dialects(body: str, told: str) -> None:
    assert told in refused_seven(body)
    assert told in refused_eight(body)


def test_refused_in_one_dialect() -> None:
    assert "needs an input collection, an expression that begins with =" in refused_eight(zeebe_loop('inputCollection="items"'))
    assert "An output needs both" in refused_eight(zeebe_loop('inputCollection="=items" outputCollection="r"'))
    assert "camunda:priority is not run by Ratchet in a multi-instance" in refused_seven(MULTI % ('camunda:priority="1"', ITEMS))
    listener = "<bpmn:extensionElements><camunda:executionListener/></bpmn:extensionElements>"
    assert "<camunda:executionListener> is not run by Ratchet in a multi-instance" in refused_seven(MULTI % ("", listener + ITEMS))
    assert "<zeebe:ioMapping> is not run" in refused_eight(MULTI % ("", "<bpmn:extensionElements><zeebe:ioMapping/></bpmn:extensionElements>" + ITEMS))


def test_an_event_sub_process_cannot_loop() -> None:
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition>"
    inside = f'<bpmn:startEvent id="s">{timer}</bpmn:startEvent><bpmn:standardLoopCharacteristics loopMaximum="2"/>'
    assert "An event sub-process cannot loop" in refusal(camunda(START + f'<bpmn:subProcess id="x" triggeredByEvent="true">{inside}</bpmn:subProcess>'))


@pytest.mark.parametrize("kind", ["userTask", "manualTask", "receiveTask", "subProcess", "transaction", "adHocSubProcess"])
def test_every_activity_can_loop(kind: str) -> None:
    inside = {"adHocSubProcess": '<bpmn:task id="t"/>'}.get(kind, '<bpmn:startEvent id="s"/>' if kind in {"subProcess", "transaction"} else "")
    body = f'<bpmn:{kind} id="x">{inside}<bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:{kind}>'
    assert isinstance(process(camunda(START + body)).elements["x"].loop, StandardLoop)
