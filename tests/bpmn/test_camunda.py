"""The camunda namespace: attributes, parameters, scripts, process settings; what is not read is refused."""

from __future__ import annotations

import pytest

from engine.bpmn.values import ListOf, MapOf
from tests.bpmn.reading import extended, process, refusal, refused_seven, said, seven
from tests.models import END, START, camunda, flow, line


def parameter(inside: str, kind: str = "input", name: str = "p") -> str:
    return f'<camunda:inputOutput><camunda:{kind}Parameter name="{name}">{inside}</camunda:{kind}Parameter></camunda:inputOutput>'


def test_async_and_retries() -> None:
    retry = "<camunda:failedJobRetryTimeCycle>R5/PT5M</camunda:failedJobRetryTimeCycle>"
    element = seven(extended("task", retry, 'camunda:asyncBefore="true" camunda:asyncAfter="true" camunda:exclusive="false" camunda:jobPriority="3"'))
    assert (element.async_before, element.async_after, said(element.retry_cycle)) == (True, True, ("text", "R5/PT5M"))
    assert seven('<bpmn:task id="x" camunda:async="true"/>').async_before
    assert not seven('<bpmn:task id="x" camunda:async="false"/>').async_before
    assert seven('<bpmn:exclusiveGateway id="x" camunda:asyncBefore="true"/>').async_before


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("${a}", ("juel", "${a}")),
        (" 5432 ", ("text", "5432")),
        ("a #{b}", ("juel", "a #{b}")),
        ("", ("feel", "null")),
        ('<camunda:script scriptFormat="Groovy">1 + 1</camunda:script>', ("groovy", "1 + 1")),
        ('<camunda:script scriptFormat="JavaScript">1</camunda:script>', ("javascript", "1")),
    ],
)
def test_parameters(inside: str, expected: tuple[str, str]) -> None:
    (one,) = seven(extended("task", parameter(inside))).inputs
    assert (one.target, one.transient, said(one.value)) == ("p", True, expected)


def test_nested_parameters() -> None:
    nested = (
        '<camunda:map><camunda:entry key="k"><camunda:list><camunda:value>${a}</camunda:value>'
        '<camunda:script scriptFormat="feel">1</camunda:script></camunda:list></camunda:entry></camunda:map>'
    )
    (one,) = seven(extended("task", parameter(nested, "output"))).outputs
    assert isinstance(one.value, MapOf) and not one.transient
    ((key, items),) = one.value.entries
    assert key == "k" and isinstance(items, ListOf) and [said(item) for item in items.items] == [("juel", "${a}"), ("feel", "1")]


def test_process_settings() -> None:
    settings = (
        'camunda:versionTag="v2" camunda:historyTimeToLive="P30D" camunda:candidateStarterGroups="g" camunda:isStartableInTasklist="false" '
        'camunda:taskPriority="1" camunda:jobPriority="2"'
    )
    listener = '<bpmn:extensionElements><camunda:executionListener event="end" expression="${a}"/><camunda:properties/></bpmn:extensionElements>'
    content = camunda(listener + START + END + line("start", "end")).decode().replace('isExecutable="true"', f'isExecutable="true" {settings}')
    found = process(content.encode())
    assert (found.version_tag, found.history_days, [one.event for one in found.listeners]) == ("v2", 30, ["end"])
    assert process(content.replace("P30D", "7").encode()).history_days == 7
    assert process(content.replace("P30D", "").encode()).history_days is None
    assert "historyTimeToLive is “PT5M”; it must be a number of days" in refusal(content.replace("P30D", "PT5M").encode())
    assert "must be a number of days" in refusal(content.replace("P30D", "9" * 20).encode())
    assert "camunda:tenant is not run by Ratchet in a process" in refusal(content.replace("versionTag", "tenant").encode())
    assert "<camunda:taskListener> is not run by Ratchet in a process" in refusal(content.replace("executionListener", "taskListener").encode())


def test_who_starts_and_with_which_form() -> None:
    start = '<bpmn:startEvent id="s" camunda:initiator="who" camunda:formKey="first"/>'
    found = process(camunda(start + END + line("s", "end")))
    assert found.initiator == "who" and found.start_form is not None and found.start_form.key == "first"
    message = '<bpmn:startEvent id="m" camunda:initiator="other"><bpmn:messageEventDefinition messageRef="m1"/></bpmn:startEvent>'
    both = process(camunda(message + start + END + line("s", "end"), messages='<bpmn:message id="m1" name="go"/>'))
    assert both.initiator == "who"


def test_an_initiator_stands_at_the_process_only() -> None:
    body = f'{START}<bpmn:subProcess id="x"><bpmn:startEvent id="s" camunda:initiator="who"/></bpmn:subProcess>'
    assert "s: Only a start event of the process itself" in refusal(camunda(body))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<bpmn:task id="x" camunda:asyncBefore="yes"/>', "asyncBefore is “yes”; it must be true or false"),
        ('<bpmn:task id="x" camunda:colour="red"/>', "x: camunda:colour is not run by Ratchet in a task. Remove it"),
        ('<bpmn:task id="x" camunda:class="a.b.C"/>', "The Java class a.b.C cannot run here"),
        ('<bpmn:task id="x" camunda:assignee="ann"/>', "camunda:assignee is not run by Ratchet in a task"),
        ('<bpmn:task id="x" xmlns:z="http://camunda.org/schema/zeebe/1.0" z:modelerTemplate="t"/>', "belongs to Camunda 8"),
        (extended("task", "<zeebe:taskDefinition type='t'/>"), "<zeebe:taskDefinition> is not run by Ratchet in a task"),
        (extended("serviceTask", "<camunda:connector/>", 'camunda:expression="${1}"'), "Use one of Ratchet's delegates"),
        (extended("serviceTask", "<camunda:errorEventDefinition/>", 'camunda:type="external" camunda:topic="t"'), "needs an errorRef and an expression"),
        (extended("userTask", '<camunda:formProperty type="money"/>'), "is of type “money”"),
        (extended("task", parameter("1", name="")), "A parameter needs a name"),
        (extended("task", "<camunda:inputOutput><camunda:other/></camunda:inputOutput>"), "<camunda:other> is not run by Ratchet in <camunda:inputOutput>"),
        (extended("task", parameter("<camunda:other/>")), "<camunda:other> is not run by Ratchet in <camunda:inputParameter>"),
        (extended("task", parameter("<camunda:list/><camunda:map/>")), "A parameter has one value: text, a list, a map or a script"),
        (extended("task", parameter('<camunda:script scriptFormat="ruby">1</camunda:script>')), "Scripts in “ruby” are not run by Ratchet"),
        (extended("task", parameter("<camunda:script>1</camunda:script>")), "The script does not say its language"),
        (extended("task", parameter('<camunda:script scriptFormat="groovy" resource="a.groovy"/>')), "A script in a file of its own"),
        (extended("exclusiveGateway", parameter("1")), "A gateway has no variables of its own"),
        (
            extended("task", parameter("1", "output"), more='<bpmn:multiInstanceLoopCharacteristics camunda:collection="c"/>'),
            "An output parameter has no place in an end event or a multi-instance",
        ),
    ],
)
def test_refused(body: str, told: str) -> None:
    assert told in refused_seven(body)


def test_listeners_of_flows() -> None:
    inside = '<bpmn:extensionElements><camunda:executionListener expression="${a}"/></bpmn:extensionElements></bpmn:sequenceFlow>'
    (listener,) = process(camunda(START + END + flow("start", "end").replace("</bpmn:sequenceFlow>", inside))).flows["start_end"].listeners
    assert listener.event == "take"
    bad = inside.replace("executionListener", "taskListener")
    assert "<camunda:taskListener> is not run by Ratchet in a sequence flow" in refusal(
        camunda(START + END + flow("start", "end").replace("</bpmn:sequenceFlow>", bad))
    )


def test_a_condition_may_be_a_script_but_not_a_file() -> None:
    told = flow("start", "end", "a").replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="groovy" camunda:resource="x"')
    assert "A script in a file of its own" in refusal(camunda(START + END + told))
