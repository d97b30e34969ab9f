"""The zeebe namespace: which elements stand where; what is not read is refused."""

from __future__ import annotations

import pytest

from engine.bpmn.model import JobWork
from engine.bpmn.triggers import MessageEvent
from tests.bpmn.reading import eight, extended, process, refusal, refused_eight, said
from tests.models import END, START, flow, job, line, zeebe

MAPPING = '<zeebe:ioMapping><zeebe:input source="= a" target="b.c"/><zeebe:output source="5" target="d"/></zeebe:ioMapping>'
MESSAGE = (
    '<bpmn:message id="m" name="matched"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>'
)


@pytest.mark.parametrize("kind", ["userTask", "task", "intermediateThrowEvent", "transaction", "adHocSubProcess"])
def test_mappings(kind: str) -> None:
    inner = {"transaction": '<bpmn:startEvent id="s"/>', "adHocSubProcess": '<bpmn:task id="t"/>'}.get(kind, "")
    element = eight(extended(kind, MAPPING, more=inner))
    assert [(one.target, said(one.value), one.transient) for one in element.inputs] == [("b.c", ("feel", "a"), False)]
    assert [(one.target, said(one.value)) for one in element.outputs] == [("d", ("text", "5"))]


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_thrown_messages(kind: str) -> None:
    def read(inside: str, definition: str) -> tuple[object, object]:
        body = extended(kind, inside, more=f"<bpmn:messageEventDefinition {definition}")
        element = process(zeebe(START + body, messages=MESSAGE)).elements["x"]
        return element.work, element.event

    work, event = read('<zeebe:taskDefinition type="send" retries="2"/>', 'messageRef="m"/>')
    assert isinstance(work, JobWork) and isinstance(event, MessageEvent)
    work, event = read('<zeebe:taskDefinition type="send"/>', "/>")
    assert isinstance(work, JobWork) and event is None
    work, event = read("", 'messageRef="m"/>')
    assert work is None and isinstance(event, MessageEvent) and said(event.key) == ("feel", "key")
    publish = '<zeebe:publishMessage correlationKey="= other" messageId="= id" timeToLive="PT1H"/>'
    for inside, definition in (
        ("", f'messageRef="m"><bpmn:extensionElements>{publish}</bpmn:extensionElements></bpmn:messageEventDefinition>'),
        (publish, 'messageRef="m"/>'),
    ):
        work, event = read(inside, definition)
        assert work is None and isinstance(event, MessageEvent)
        assert [said(one) for one in (event.key, event.id, event.ttl)] == [("feel", "other"), ("feel", "id"), ("text", "PT1H")]


def test_only_senders_publish() -> None:
    publish = '<bpmn:extensionElements><zeebe:publishMessage correlationKey="=a"/></bpmn:extensionElements>'
    body = f'<bpmn:intermediateCatchEvent id="x"><bpmn:messageEventDefinition messageRef="m">{publish}</bpmn:messageEventDefinition>'
    assert "<zeebe:publishMessage> is not run by Ratchet in a messageEventDefinition" in refused_eight(body + "</bpmn:intermediateCatchEvent>", MESSAGE)


def test_send_tasks() -> None:
    element = eight('<bpmn:sendTask id="x" messageRef="m"/>', MESSAGE)
    assert element.work is None and isinstance(element.event, MessageEvent)
    assert isinstance(eight(job("x", "t").replace("serviceTask", "sendTask")).work, JobWork)


def test_process_settings() -> None:
    inside = '<bpmn:extensionElements><zeebe:versionTag value="v1"/><zeebe:properties/>%s</bpmn:extensionElements>'
    assert process(zeebe(inside % "" + START + END + line("start", "end"))).version_tag == "v1"


def test_harmless_words() -> None:
    element = eight(extended("serviceTask", '<zeebe:taskDefinition type="t"/><zeebe:jobPriorityDefinition priority="5"/>', 'zeebe:modelerTemplate="t"'))
    assert isinstance(element.work, JobWork)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<bpmn:serviceTask id="x"/>', "x: This task says nothing about what to do; give it a task definition"),
        ('<bpmn:sendTask id="x"/>', "x: This task says nothing about what to do"),
        ('<bpmn:scriptTask id="x"/>', "x: This task says nothing about what to do"),
        ('<bpmn:businessRuleTask id="x"/>', "x: This task says nothing about what to do"),
        ('<bpmn:task id="x" zeebe:colour="red"/>', "The attribute zeebe:colour is not run"),
        ('<bpmn:task id="x" camunda:asyncBefore="true"/>', "camunda:asyncBefore belongs to Camunda 7"),
        (extended("task", '<camunda:inputOutput/>'), "<camunda:inputOutput> is not run by Ratchet in a task"),
        (extended("task", '<zeebe:taskDefinition type="t"/>'), "<zeebe:taskDefinition> is not run by Ratchet in a task. Only service, send"),
        (extended("exclusiveGateway", MAPPING), "<zeebe:ioMapping> is not run by Ratchet in an exclusiveGateway"),
        (extended("task", '<zeebe:ioMapping><zeebe:input source="=a"/></zeebe:ioMapping>'), "A mapping is an input or output with a target"),
        (extended("task", '<zeebe:ioMapping><zeebe:other source="=a" target="b"/></zeebe:ioMapping>'), "A mapping is an input or output with a target"),
        (extended("serviceTask", "<zeebe:linkedResources/>"), "Linked resources are not run"),
        (extended("adHocSubProcess", '<zeebe:taskDefinition type="t"/>', more='<bpmn:task id="t"/>'), "<zeebe:taskDefinition> is not run"),
        (extended("intermediateThrowEvent", '<zeebe:taskDefinition type="t"/>'), "Only an event that throws a message can have a task definition"),
        (extended("scriptTask", '<zeebe:taskDefinition type="t"/>', more="<bpmn:script>1</bpmn:script>"), "take the script element out"),
        (extended("userTask", "", more="<bpmn:potentialOwner/>"), "In Camunda 8 people are named in zeebe:assignmentDefinition"),
        ('<bpmn:callActivity id="x" calledElement="other"/>', "In Camunda 8 the called process stands in zeebe:calledElement"),
    ],
)
def test_refused(body: str, told: str) -> None:
    assert told in refused_eight(body)


def test_refused_in_processes_and_flows() -> None:
    told = "<zeebe:ioMapping> is not run by Ratchet in a process"
    assert told in refusal(zeebe("<bpmn:extensionElements><zeebe:ioMapping/></bpmn:extensionElements>" + START))
    told = "<zeebe:executionListeners> is not run by Ratchet in a sequence flow"
    inside = "<bpmn:extensionElements><zeebe:executionListeners/></bpmn:extensionElements></bpmn:sequenceFlow>"
    assert told in refusal(zeebe(START + END + flow("start", "end").replace("</bpmn:sequenceFlow>", inside)))


@pytest.mark.parametrize("condition", ["a &gt; 1", "="])
def test_conditions_are_feel(condition: str) -> None:
    assert "is no expression; write = before it" in refusal(zeebe(START + END + flow("start", "end", condition)))
    spoken = flow("start", "end", "=a").replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="groovy"')
    assert "take the attribute language out" in refusal(zeebe(START + END + spoken))
