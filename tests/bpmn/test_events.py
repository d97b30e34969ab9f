"""Event definitions: each in each dialect, in every position where it may stand, and refused in the others."""

from __future__ import annotations

import pytest

from engine.bpmn import events
from engine.bpmn.draft import an
from engine.bpmn.triggers import (
    CancelEvent,
    CompensateEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    LinkEvent,
    MessageEvent,
    SignalEvent,
    TerminateEvent,
    TimerEvent,
)
from tests.bpmn.reading import DIALECTS, begin, eight, extended, process, refusal, refused_eight, refused_seven, said, seven
from tests.models import END, START, camunda, line, zeebe

KEYED = '<bpmn:extensionElements><zeebe:subscription correlationKey="=orderId"/></bpmn:extensionElements>'
ROOTS7 = (
    '<bpmn:message id="m" name="matched"/><bpmn:signal id="s" name="stop-${x}"/><bpmn:error id="e" errorCode="E1"/>'
    '<bpmn:escalation id="c" escalationCode="C1"/>'
)
ROOTS8 = (
    f'<bpmn:message id="m" name="matched">{KEYED}</bpmn:message><bpmn:signal id="s" name="stop"/><bpmn:error id="e" errorCode="E1"/>'
    '<bpmn:escalation id="c" escalationCode="C1"/>'
)
ROOTS = {"seven": ROOTS7.replace("-${x}", ""), "eight": ROOTS8}
DEFINITIONS = {
    "none": "",
    "message": '<bpmn:messageEventDefinition messageRef="m"/>',
    "timer": "<bpmn:timerEventDefinition><bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>",
    "signal": '<bpmn:signalEventDefinition signalRef="s"/>',
    "conditional": "<bpmn:conditionalEventDefinition><bpmn:condition>= ${x}</bpmn:condition></bpmn:conditionalEventDefinition>",
    "error": '<bpmn:errorEventDefinition errorRef="e"/>',
    "escalation": '<bpmn:escalationEventDefinition escalationRef="c"/>',
    "link": '<bpmn:linkEventDefinition name="far"/>',
    "compensate": "<bpmn:compensateEventDefinition/>",
    "terminate": "<bpmn:terminateEventDefinition/>",
    "cancel": "<bpmn:cancelEventDefinition/>",
}
CLASSES = {
    "none": type(None), "message": MessageEvent, "timer": TimerEvent, "signal": SignalEvent, "conditional": ConditionalEvent,
    "error": ErrorEvent, "escalation": EscalationEvent, "link": LinkEvent, "compensate": CompensateEvent, "terminate": TerminateEvent,
    "cancel": CancelEvent,
}  # fmt: skip
CATCHING_LINK = '<bpmn:intermediateCatchEvent id="far"><bpmn:linkEventDefinition name="far"/></bpmn:intermediateCatchEvent>'
HANDLER = '<bpmn:task id="undo" isForCompensation="true"/><bpmn:association id="as" sourceRef="x" targetRef="undo"/>'


def placed(where: str, name: str) -> str:
    """A whole process body with an event x of this kind in this position."""
    definition = DEFINITIONS[name]
    inner = begin("s0")
    bodies = {
        events.START: f'<bpmn:startEvent id="x">{definition}</bpmn:startEvent>',
        events.SUB_START: f'{START}<bpmn:subProcess id="sub"><bpmn:startEvent id="x">{definition}</bpmn:startEvent></bpmn:subProcess>',
        events.EVENT_START: f'{START}<bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="x">{definition}</bpmn:startEvent></bpmn:subProcess>',
        events.CATCH: f'{START}<bpmn:intermediateCatchEvent id="x">{definition}</bpmn:intermediateCatchEvent>',
        events.THROW: f'{START}<bpmn:intermediateThrowEvent id="x">{definition}</bpmn:intermediateThrowEvent>{CATCHING_LINK}',
        events.END: f'{START}<bpmn:transaction id="sub">{inner}<bpmn:endEvent id="x">{definition}</bpmn:endEvent></bpmn:transaction>',
        events.BOUNDARY: f'{START}<bpmn:transaction id="t">{inner}</bpmn:transaction>'
        f'<bpmn:boundaryEvent id="x" attachedToRef="t">{definition}</bpmn:boundaryEvent>{HANDLER}',
    }  # fmt: skip
    return bodies[where]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("where", "name"), [(where, name) for where in events.LEGAL for name in DEFINITIONS])
def test_every_event_in_every_position(where: str, name: str, dialect: str) -> None:
    content = DIALECTS[dialect](placed(where, name), messages=ROOTS[dialect])
    if name in events.LEGAL[where]:
        assert isinstance(process(content).elements["x"].event, CLASSES[name])
    else:
        assert "x: " in (told := refusal(content)) and ("cannot be a" in told or "waits for nothing" in told)


def test_messages_of_both_dialects() -> None:
    caught = '<bpmn:intermediateCatchEvent id="x"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    event = eight(caught, ROOTS8).event
    assert isinstance(event, MessageEvent) and said(event.name) == ("text", "matched") and said(event.key) == ("feel", "orderId")
    event = seven(caught, '<bpmn:message id="m" name="m-${x}"/>').event
    assert isinstance(event, MessageEvent) and said(event.name) == ("juel", "m-${x}") and event.key is None


def test_a_reference_may_carry_a_prefix() -> None:
    assert isinstance(seven('<bpmn:receiveTask id="x" messageRef="tns:m"/>', ROOTS7).event, MessageEvent)


def test_a_message_that_begins_a_process_needs_no_key() -> None:
    body = '<bpmn:startEvent id="x"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    event = process(zeebe(body, messages='<bpmn:message id="m" name="go"/>')).elements["x"].event
    assert isinstance(event, MessageEvent) and event.key is None


@pytest.mark.parametrize(("tag", "kind"), [("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle")])
def test_timers(tag: str, kind: str) -> None:
    body = f'<bpmn:boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:{tag}>%s</bpmn:{tag}>'
    body = '<bpmn:userTask id="x"/>' + body + "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    for dialect, text, language in ((zeebe, " = when ", "feel"), (zeebe, "PT1H ", "text"), (camunda, "${when}", "juel"), (camunda, "0 0 * * * ?", "text")):
        event = process(dialect(START + body % text)).elements["b"].event
        assert isinstance(event, TimerEvent) and (event.kind, event.quartz) == (kind, dialect is camunda) and said(event.value) == (language, text.strip(" ="))


def test_error_events_of_camunda_7() -> None:
    catch = '<bpmn:errorEventDefinition errorRef="e" camunda:errorCodeVariable="code" camunda:errorMessageVariable="why"/>'
    body = f'<bpmn:task id="x"/><bpmn:boundaryEvent id="b" attachedToRef="x">{catch}</bpmn:boundaryEvent>'
    event = process(camunda(START + body, messages=ROOTS7)).elements["b"].event
    assert isinstance(event, ErrorEvent) and said(event.code) == ("text", "E1")
    assert (event.code_variable, event.message_variable) == ("code", "why")
    end = '<bpmn:endEvent id="x"><bpmn:errorEventDefinition errorRef="e"/></bpmn:endEvent>'
    event = process(camunda(START + end, messages='<bpmn:error id="e" errorCode="E1" camunda:errorMessage="Too ${much}"/>')).elements["x"].event
    assert isinstance(event, ErrorEvent) and said(event.message) == ("juel", "Too ${much}")
    event = process(camunda(START + end.replace('"e"', '"E7"'))).elements["x"].event
    assert isinstance(event, ErrorEvent) and said(event.code) == ("text", "E7")


def test_catching_each_error_and_each_escalation() -> None:
    for definition, cls in (("<bpmn:errorEventDefinition/>", ErrorEvent), ("<bpmn:escalationEventDefinition/>", EscalationEvent)):
        body = f'<bpmn:task id="x"/><bpmn:boundaryEvent id="b" attachedToRef="x">{definition}</bpmn:boundaryEvent>'
        for dialect in DIALECTS.values():
            event = process(dialect(START + body)).elements["b"].event
            assert isinstance(event, cls) and event.code is None


def test_thrown_codes_may_be_expressions() -> None:
    body = '<bpmn:endEvent id="x"><bpmn:escalationEventDefinition escalationRef="c"/></bpmn:endEvent>'
    event = process(zeebe(START + body, messages='<bpmn:escalation id="c" escalationCode="= code"/>')).elements["x"].event
    assert isinstance(event, EscalationEvent) and said(event.code) == ("feel", "code")


def test_signals_carry_variables_in_camunda_7() -> None:
    inside = '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${c}" target="d"/>'
    throw = f'<bpmn:signalEventDefinition signalRef="s"><bpmn:extensionElements>{inside}</bpmn:extensionElements></bpmn:signalEventDefinition>'
    event = seven(f'<bpmn:intermediateThrowEvent id="x">{throw}</bpmn:intermediateThrowEvent>', ROOTS7).event
    assert isinstance(event, SignalEvent) and said(event.name) == ("juel", "stop-${x}") and not event.all_inputs
    assert [(one.target, said(one.value)) for one in event.inputs] == [("b", ("variable", "a")), ("d", ("juel", "${c}"))]
    every = throw.replace(inside, '<camunda:in variables="all"/>').replace("signal", "escalation").replace("escalationRef=\"s\"", 'escalationRef="c"')
    event7 = seven(f'<bpmn:intermediateThrowEvent id="x">{every}</bpmn:intermediateThrowEvent>', ROOTS7).event
    assert isinstance(event7, EscalationEvent) and event7.all_inputs


def test_conditional_events() -> None:
    seven_ = '<bpmn:conditionalEventDefinition camunda:variableName="v" camunda:variableEvents="create, update"><bpmn:condition>${v}</bpmn:condition></bpmn:conditionalEventDefinition>'
    event = seven(f'<bpmn:intermediateCatchEvent id="x">{seven_}</bpmn:intermediateCatchEvent>').event
    assert isinstance(event, ConditionalEvent) and said(event.condition) == ("juel", "${v}")
    assert (event.variables, event.changes) == (frozenset(["v"]), frozenset(["create", "update"]))
    notes = '<bpmn:extensionElements><zeebe:conditionalFilter variableNames="a, b" variableEvents="create"/></bpmn:extensionElements>'
    eight_ = f"<bpmn:conditionalEventDefinition>{notes}<bpmn:condition>\n = a &gt; b</bpmn:condition></bpmn:conditionalEventDefinition>"
    event = eight(f'<bpmn:intermediateCatchEvent id="x">{eight_}</bpmn:intermediateCatchEvent>').event
    assert isinstance(event, ConditionalEvent) and said(event.condition) == ("feel", "a > b")
    assert (event.variables, event.changes) == (frozenset("ab"), frozenset(["create"]))


def test_a_compensation_event_knows_its_handler() -> None:
    boundary = '<bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
    handler = '<bpmn:task id="undo" isForCompensation="true"/><bpmn:association id="as" sourceRef="b" targetRef="undo"/>'
    throw = '<bpmn:intermediateThrowEvent id="t"><bpmn:compensateEventDefinition activityRef="x"/></bpmn:intermediateThrowEvent>'
    found = process(zeebe(START + '<bpmn:task id="x"/>' + boundary + handler + throw))
    assert (found.elements["b"].handler, found.elements["b"].attached_to) == ("undo", "x")
    assert found.elements["undo"].compensates and found.elements["t"].event == CompensateEvent("x")


def caught(definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="x">{definition}</bpmn:intermediateCatchEvent>'


def thrown(definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="x">{definition}</bpmn:intermediateThrowEvent>'


BOTH = [
    (caught(""), "x: This event waits for nothing: an intermediate catch event needs an event definition"),
    (caught(DEFINITIONS["timer"] * 2), "The event has more than one event definition"),
    (caught('<bpmn:messageEventDefinition messageRef="gone"/>'), "refers to the message “gone”, which has no name or does not stand in this file"),
    (caught('<bpmn:messageEventDefinition messageRef="nameless"/>'), "refers to the message “nameless”, which has no name"),
    (caught('<bpmn:signalEventDefinition signalRef="gone"/>'), "refers to the signal “gone”"),
    (caught("<bpmn:signalEventDefinition/>"), "refers to the signal “”"),
    (caught("<bpmn:timerEventDefinition/>"), "A timer needs exactly one of timeDate, timeDuration and timeCycle"),
    (caught("<bpmn:timerEventDefinition><bpmn:timeDate> </bpmn:timeDate></bpmn:timerEventDefinition>"), "A timer needs exactly one"),
    (caught("<bpmn:timerEventDefinition><bpmn:timeDate>1</bpmn:timeDate><bpmn:timeCycle>1</bpmn:timeCycle></bpmn:timerEventDefinition>"), "exactly one"),
    (caught("<bpmn:conditionalEventDefinition/>"), "The conditional event has no condition"),
    (caught("<bpmn:linkEventDefinition/>"), "The link event has no link name"),
    (caught('<bpmn:timerEventDefinition due="1"/>'), "The attribute due is not run by Ratchet in a timer event"),
    (caught("<bpmn:timerEventDefinition><bpmn:other/></bpmn:timerEventDefinition>"), "<bpmn:other> is not run by Ratchet in a timer event"),
    (caught("<bpmn:eventDefinitionRef>t</bpmn:eventDefinitionRef>"), "References to event definitions are not run"),
    (caught("<bpmn:multipleEventDefinition/>"), "<bpmn:multipleEventDefinition> is not run"),
    (thrown('<bpmn:escalationEventDefinition escalationRef="gone"/>'), "refers to the escalation “gone”"),
    (thrown("<bpmn:escalationEventDefinition/>"), "refers to the escalation “”"),
    (thrown('<bpmn:escalationEventDefinition escalationRef="codeless"/>'), "What it throws, “codeless”, has no escalationCode"),
    (thrown("<bpmn:timerEventDefinition/>"), "An intermediate throw event cannot be a timer event, only a start event or a"),
    ('<bpmn:intermediateCatchEvent id="x" parallelMultiple="true"/>', "parallelMultiple=true is not run"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), BOTH)
def test_refused_in_both_dialects(body: str, told: str) -> None:
    roots = '<bpmn:message id="nameless"/><bpmn:escalation id="codeless"/>'
    assert told in refused_seven(body, roots)
    assert told in refused_eight(body, roots)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_errors_that_say_too_little(dialect: object) -> None:
    end = '<bpmn:endEvent id="e"><bpmn:errorEventDefinition%s/></bpmn:endEvent>'
    content = dialect(START + end % ' errorRef="codeless"', messages='<bpmn:error id="codeless"/>')  # type: ignore[operator]
    assert "What it throws, “codeless”, has no errorCode" in refusal(content)
    assert "It throws no error: give it an error with a code" in refusal(dialect(START + end % ""))  # type: ignore[operator]


@pytest.mark.parametrize("name", ["error", "cancel"])
def test_what_always_interrupts(name: str) -> None:
    body = f'<bpmn:task id="t"/><bpmn:boundaryEvent id="x" attachedToRef="t" cancelActivity="false">{DEFINITIONS[name]}</bpmn:boundaryEvent>'
    assert f"{an(name)} event always interrupts" in refusal(camunda(START + body, messages=ROOTS7))


def test_refused_in_camunda_8() -> None:
    assert "has no correlation key; without one it cannot find its instance" in refused_eight(
        caught(DEFINITIONS["message"]), '<bpmn:message id="m" name="n"/>'
    )
    cycle = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1M</bpmn:timeCycle></bpmn:timerEventDefinition>"
    assert "A cycle can only stand where it does not interrupt" in refused_eight(caught(cycle))
    end = '<bpmn:endEvent id="x"><bpmn:errorEventDefinition errorRef="gone"/></bpmn:endEvent>'
    assert "refers to the error “gone”" in refusal(zeebe(START + end))
    boundary = '<bpmn:task id="x"/><bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:errorEventDefinition errorRef="e"/></bpmn:boundaryEvent>'
    assert "plain text, not the expression “c”" in refused_eight(boundary, '<bpmn:error id="e" errorCode="=c"/>')
    assert "The condition “x” is no expression; write = before it" in refused_eight(
        caught("<bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition></bpmn:conditionalEventDefinition>")
    )
    bad = extended("task", "", more="").replace("task", "intermediateCatchEvent")
    assert "waits for nothing" in refused_eight(bad)


def test_refused_in_camunda_7() -> None:
    start = '<bpmn:startEvent id="x"><bpmn:signalEventDefinition signalRef="s"/></bpmn:startEvent>'
    assert "The name “stop-${x}” must be plain text" in refusal(camunda(start, messages=ROOTS7))
    changes = '<bpmn:conditionalEventDefinition camunda:variableEvents="birth"><bpmn:condition>${v}</bpmn:condition></bpmn:conditionalEventDefinition>'
    assert "variableEvents is “birth”" in refused_seven(caught(changes))
    assert "async is “maybe”" in refused_seven(thrown('<bpmn:signalEventDefinition signalRef="s" camunda:async="maybe"/>'), ROOTS7)
    assert "camunda:topic has no place in an event that catches" in refused_seven(
        caught('<bpmn:messageEventDefinition messageRef="m" camunda:topic="t"/>'), ROOTS7
    )
    assert "camunda:errorCodeVariable has no place in an event that throws" in refusal(
        camunda(START + '<bpmn:endEvent id="x"><bpmn:errorEventDefinition errorRef="e" camunda:errorCodeVariable="v"/></bpmn:endEvent>', messages=ROOTS7)
    )
    assert "camunda:colour is not run by Ratchet in a timerEventDefinition" in refused_seven(
        caught('<bpmn:timerEventDefinition camunda:colour="red"><bpmn:timeDate>1</bpmn:timeDate></bpmn:timerEventDefinition>')
    )
    local = '<bpmn:extensionElements><camunda:in source="a" target="b" local="true"/></bpmn:extensionElements>'
    assert "An event carries variables only" in refused_seven(thrown(f'<bpmn:signalEventDefinition signalRef="s">{local}</bpmn:signalEventDefinition>'), ROOTS7)


def test_compensation_that_is_not_waited_for() -> None:
    body = thrown('<bpmn:compensateEventDefinition waitForCompletion="false"/>')
    assert "waitForCompletion=false is not run" in refused_eight(body)
    assert process(camunda(START + body))  # Camunda 7 warns and waits all the same


def test_only_event_sub_processes_may_begin_without_interrupting() -> None:
    assert "remove isInterrupting" in refusal(camunda('<bpmn:startEvent id="s" isInterrupting="false"/>' + END + line("s", "end")))
