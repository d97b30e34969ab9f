"""What must fit together in a process, in both dialects; and what each dialect asks of gateways."""

from __future__ import annotations

import pytest

from tests.bpmn.reading import DIALECTS, begin, process, refusal
from tests.models import END, START, camunda, flow, line, zeebe

COMPENSATE = "<bpmn:compensateEventDefinition/>"
KEY = '<bpmn:extensionElements><zeebe:subscription correlationKey="=k"/></bpmn:extensionElements>'
ROOTS = '<bpmn:message id="m" name="matched">%s</bpmn:message><bpmn:signal id="s" name="stop"/><bpmn:error id="e" errorCode="E"/>'
MESSAGE, SIGNAL = '<bpmn:messageEventDefinition messageRef="m"/>', '<bpmn:signalEventDefinition signalRef="s"/>'
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition>"


def read_as(dialect: str, body: str) -> bytes:
    return DIALECTS[dialect](body, messages=ROOTS % (KEY if dialect == "eight" else ""))


def boundary(id: str, definition: str, host: str = "t") -> str:
    return f'<bpmn:boundaryEvent id="{id}" attachedToRef="{host}">{definition}</bpmn:boundaryEvent>'


def catch(id: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}">{definition}</bpmn:intermediateCatchEvent>'


def throw(id: str, definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id}">{definition}</bpmn:intermediateThrowEvent>'


def on_event(definition: str, id: str = "sub") -> str:
    start = f'<bpmn:startEvent id="{id}_start">{definition}</bpmn:startEvent>'
    return f'<bpmn:subProcess id="{id}" triggeredByEvent="true">{start}</bpmn:subProcess>'


TASK = '<bpmn:task id="t"/>'
HANDLER = '<bpmn:task id="h" isForCompensation="true"/>'
JOIN = '<bpmn:association id="as" sourceRef="b" targetRef="h"/>'
SPLIT = '<bpmn:eventBasedGateway id="g"/>' + flow("start", "g")

REFUSED = [
    ("", "p: The process has no start event"),
    (TASK, "p: The process has no start event"),
    (START + begin("other"), "p: The process has 2 start events without a trigger"),
    (START + '<bpmn:subProcess id="sub"><bpmn:task id="t"/></bpmn:subProcess>', "sub: The sub-process has 0 start events; it needs exactly one"),
    (START + f'<bpmn:subProcess id="sub">{begin("a")}{begin("b")}</bpmn:subProcess>', "sub: The sub-process has 2 start events"),
    (START + '<bpmn:subProcess id="sub" triggeredByEvent="true"/>', "sub: The event sub-process has 0 start events"),
    (START + on_event("").replace("sub_start", "x"), "x: This event waits for nothing"),
    (START + '<bpmn:adHocSubProcess id="sub"/>', "sub: The ad-hoc sub-process has no activity"),
    (START + f'<bpmn:adHocSubProcess id="sub">{TASK}{begin("a")}</bpmn:adHocSubProcess>', "a: A startEvent cannot stand in an ad-hoc"),
    (START + f'<bpmn:adHocSubProcess id="sub">{TASK}<bpmn:endEvent id="e"/></bpmn:adHocSubProcess>', "e: An endEvent cannot stand in an ad-hoc"),
    (START + TASK + flow("t", "start"), "start: Nothing may flow into this startEvent"),
    (START + TASK + END + flow("end", "t"), "end: Nothing may flow out of this endEvent"),
    (START + TASK + boundary("b", TIMER) + flow("t", "b"), "b: Nothing may flow into this boundaryEvent"),
    (START + on_event(TIMER) + flow("start", "sub"), "sub: Nothing may flow into this event sub-process"),
    (START + TASK + on_event(TIMER) + flow("sub", "t"), "sub: Nothing may flow out of this event sub-process"),
    (START + HANDLER + flow("start", "h"), "h: Nothing may flow into this compensation handler"),
    (START + HANDLER + TASK + flow("h", "t"), "h: Nothing may flow out of this compensation handler"),
    (START + TASK + HANDLER + JOIN + boundary("b", COMPENSATE) + flow("b", "t"), "b: Nothing may flow out of this compensation event"),
    (START + boundary("b", TIMER, "gone"), "b: It is attached to “gone”, which does not stand in the same"),
    (START + '<bpmn:boundaryEvent id="b"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>', "b: It is attached to “”"),
    (START + f'<bpmn:subProcess id="sub">{begin("a")}{TASK}</bpmn:subProcess>' + boundary("b", TIMER), "b: It is attached to “t”"),
    (START + boundary("b", TIMER, "start"), "b: A boundary event can be attached to an activity only, not to this startEvent"),
    (START + on_event(TIMER) + boundary("b", TIMER, "sub"), "b: A boundary event can be attached to an activity only, not to this event sub-process"),
    (START + TASK + boundary("b", "<bpmn:cancelEventDefinition/>"), "b: A cancel event can be attached to a transaction only"),
    (START + '<bpmn:endEvent id="e"><bpmn:cancelEventDefinition/></bpmn:endEvent>', "e: A cancel end event can stand inside a transaction only"),
    (START + throw("l", '<bpmn:linkEventDefinition name="far"/>'), "l: no catching link events named “far”"),
    (START + catch("l", '<bpmn:linkEventDefinition name="far"/>') + catch("m", '<bpmn:linkEventDefinition name="far"/>'), "l: 2 catching link events"),
    (START + TASK + catch("l", '<bpmn:linkEventDefinition name="far"/>') + flow("t", "l"), "l: Nothing may flow into this intermediateCatchEvent"),
    (START + '<bpmn:eventBasedGateway id="g"/>', "g: The event-based gateway leads to no event"),
    (START + SPLIT + TASK + flow("g", "t"), "g: It leads to “t”; an event-based gateway leads to catching events and receive tasks only"),
    (START + SPLIT + catch("l", '<bpmn:linkEventDefinition name="far"/>') + flow("g", "l"), "g: It leads to “l”"),
    (START + SPLIT + TASK + catch("c", TIMER) + flow("g", "c") + flow("t", "c"), "c: Behind an event-based gateway nothing else may flow into this event"),
    (START + SPLIT + catch("c", MESSAGE) + catch("d", MESSAGE) + line("g", "c") + line("g", "d"), "d: Another event at the same place waits for the same message “matched”"),
    (START + TASK + boundary("b", SIGNAL) + boundary("c", SIGNAL), "c: Another event at the same place waits for the same signal “stop”"),
    (START + TASK + boundary("b", "<bpmn:errorEventDefinition/>") + boundary("c", "<bpmn:errorEventDefinition/>"), "waits for the same error. Keep one"),
    (START + on_event(SIGNAL) + on_event(SIGNAL, "other"), "other_start: Another event at the same place waits for the same signal"),
    (f'<bpmn:startEvent id="a">{MESSAGE}</bpmn:startEvent><bpmn:startEvent id="b">{MESSAGE}</bpmn:startEvent>', "b: Another event at the same place"),
    (START + '<bpmn:exclusiveGateway id="g" default="gone"/>' + flow("start", "g"), "g: Its default flow “gone” does not leave from it"),
    (START + '<bpmn:task id="t" default="start_t"/>' + flow("start", "t"), "t: Its default flow “start_t” does not leave from it"),
    (START + TASK + boundary("b", COMPENSATE), "b: The compensation event has no handler"),
    (START + TASK + boundary("b", COMPENSATE) + '<bpmn:task id="h"/>' + JOIN, "b: The compensation event has no handler"),
    (START + throw("c", '<bpmn:compensateEventDefinition activityRef="gone"/>'), "c: It compensates “gone”, which is no activity of this process"),
    (START + throw("c", '<bpmn:compensateEventDefinition activityRef="start"/>'), "c: It compensates “start”"),
    (START + f'<bpmn:subProcess id="sub">{begin("a")}{TASK}</bpmn:subProcess>' + throw("c", '<bpmn:compensateEventDefinition activityRef="t"/>'), "c: It compensates “t”"),
]  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("body", "told"), REFUSED)
def test_refused_in_both_dialects(dialect: str, body: str, told: str) -> None:
    assert told in refusal(read_as(dialect, body))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (START + '<bpmn:task id="t" default="t_end"/>' + END + flow("t", "end", "=a"), "t_end: The default flow is taken when no other is"),
        (START + '<bpmn:parallelGateway id="g"/>' + END + flow("g", "end", "=a"), "g_end: A parallelGateway does not look at conditions"),
    ],
)
def test_conditions_that_nobody_looks_at(body: str, told: str) -> None:
    assert told in refusal(read_as("eight", body))
    assert process(read_as("seven", body.replace("=a", "${a}")))


UNDO = throw("c", '<bpmn:compensateEventDefinition activityRef="t"/>')
UNDOING = on_event(TIMER).replace("</bpmn:startEvent>", f"</bpmn:startEvent>{UNDO}")
ALLOWED = [
    f'<bpmn:startEvent id="a">{MESSAGE}</bpmn:startEvent><bpmn:startEvent id="b">{TIMER}</bpmn:startEvent>' + START,
    START + TASK,
    START + TASK + boundary("b", TIMER) + boundary("c", TIMER) + END + flow("b", "end"),
    START + TASK + boundary("b", '<bpmn:errorEventDefinition errorRef="e"/>') + boundary("c", "<bpmn:errorEventDefinition/>"),
    START + SPLIT + catch("c", TIMER) + '<bpmn:receiveTask id="r" messageRef="m"/>' + flow("g", "c") + flow("g", "r"),
    START + throw("l", '<bpmn:linkEventDefinition name="a"/>') + throw("m", '<bpmn:linkEventDefinition name="a"/>')
    + catch("n", '<bpmn:linkEventDefinition name="a"/>') + line("start", "l"),
    START + f'<bpmn:transaction id="t">{begin("a")}<bpmn:subProcess id="in">{begin("b")}<bpmn:endEvent id="e"><bpmn:cancelEventDefinition/>'
    "</bpmn:endEvent></bpmn:subProcess></bpmn:transaction>" + boundary("c", "<bpmn:cancelEventDefinition/>"),
    START + f'<bpmn:subProcess id="outer">{begin("a")}{TASK}{UNDOING}</bpmn:subProcess>',
    START + f'<bpmn:adHocSubProcess id="sub">{TASK}<bpmn:task id="u"/>{flow("t", "u")}</bpmn:adHocSubProcess>',
    START + TASK + HANDLER + boundary("b", COMPENSATE) + '<bpmn:association id="as" sourceRef="h" targetRef="b"/>',
    START + TASK + flow("start", "t") + flow("t", "t"),
]  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("body", ALLOWED)
def test_allowed_in_both_dialects(dialect: str, body: str) -> None:
    assert process(read_as(dialect, body)).start


def test_the_start_without_a_trigger_is_where_a_person_begins() -> None:
    assert process(read_as("eight", ALLOWED[0])).start == "start"


CHOICE = START + '<bpmn:%s id="g"/>' + TASK + END + flow("start", "g")


def test_camunda_7_on_exclusive_gateways() -> None:
    gateway = CHOICE % "exclusiveGateway"
    assert "g: The exclusive gateway leads nowhere" in refusal(camunda(gateway))
    assert "g: The only flow out of the gateway, “g_t”, must not have a condition" in refusal(camunda(gateway + flow("g", "t", "${a}")))
    assert "g: The flow “g_end” has no condition" in refusal(camunda(gateway + flow("g", "t") + flow("g", "end")))
    default = gateway.replace('id="g"', 'id="g" default="g_t"') + '<bpmn:task id="u"/>'
    assert "g: The flow “g_u” has no condition" in refusal(camunda(default + flow("g", "t") + flow("g", "u") + flow("g", "end", "${a}")))
    assert process(camunda(gateway + flow("g", "t", "${a}") + flow("g", "end")))
    assert process(camunda(CHOICE % "inclusiveGateway" + flow("g", "t") + flow("g", "end")))


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_camunda_8_on_gateways_that_choose(kind: str) -> None:
    assert "g: The flow “g_end” has no condition" in refusal(zeebe(CHOICE % kind + flow("g", "t", "=a") + flow("g", "end")))
    assert process(zeebe(CHOICE % kind + flow("g", "t")))
    assert process(zeebe(CHOICE.replace('id="g"', 'id="g" default="g_end"') % kind + flow("g", "t", "=a") + flow("g", "end")))
