"""Flow nodes and flows: what each may hold, and that the rest is refused with file, line and element."""

from __future__ import annotations

import pytest

from engine.bpmn.model import AdHocWork
from tests.bpmn.reading import DIALECTS, begin, eight, process, refusal, refused_eight, refused_seven, said, seven
from tests.models import END, START, camunda, flow, line, zeebe

GATEWAYS = ["exclusiveGateway", "parallelGateway", "inclusiveGateway"]
PLAIN = ["task", "manualTask", "intermediateThrowEvent", *GATEWAYS]


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_plain_nodes(dialect: object, kind: str) -> None:
    found = process(dialect(START + f'<bpmn:{kind} id="x" name="Here"/>' + END + line("start", "x", "end")))  # type: ignore[operator]
    element = found.elements["x"]
    assert (element.kind, element.name, element.incoming, element.outgoing) == (kind, "Here", ("start_x",), ("x_end",))


def test_decoration_is_harmless() -> None:
    notes = (
        '<bpmn:laneSet id="l"><bpmn:lane id="l1"><bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
        '<bpmn:dataObject id="d"/><bpmn:textAnnotation id="a"><bpmn:text>Note</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as" sourceRef="x" targetRef="a"/><bpmn:group id="g"/>'
    )
    collaboration = '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/></bpmn:collaboration>'
    task = '<bpmn:task id="x"><bpmn:documentation>Why</bpmn:documentation><bpmn:incoming>start_x</bpmn:incoming></bpmn:task>'
    assert seven(notes + task, messages=collaboration).kind == "task"


@pytest.mark.parametrize("kind", ["subProcess", "transaction"])
def test_embedded_sub_processes(kind: str) -> None:
    body = f'<bpmn:{kind} id="x">{begin("s")}</bpmn:{kind}>'
    assert seven(body).kind == eight(body).kind == kind


def test_an_event_sub_process_begins_with_its_trigger() -> None:
    body = (
        '<bpmn:subProcess id="e" triggeredByEvent="true"><bpmn:startEvent id="s" isInterrupting="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:startEvent></bpmn:subProcess>"
    )
    found = process(camunda(START + body))
    assert found.elements["e"].event_driven and not found.elements["s"].interrupting


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_an_ad_hoc_sub_process_of_plain_bpmn(dialect: object) -> None:
    condition = "${done}" if dialect is camunda else "=done"
    body = (
        '<bpmn:adHocSubProcess id="x" cancelRemainingInstances="false" ordering="Parallel"><bpmn:task id="a"/>'
        f"<bpmn:completionCondition>{condition}</bpmn:completionCondition></bpmn:adHocSubProcess>"
    )
    work = process(dialect(START + body + END + line("start", "x", "end"))).elements["x"].work  # type: ignore[operator]
    assert isinstance(work, AdHocWork) and not work.cancels_rest and said(work.condition)[1].strip("${}") == "done"


def test_conditional_flows() -> None:
    gateway = '<bpmn:exclusiveGateway id="g" default="g_end"/><bpmn:task id="t"/>'
    eight_ = process(zeebe(START + gateway + END + flow("start", "g") + flow("g", "t", "=a &gt; 1") + flow("g", "end")))
    assert said(eight_.flows["g_t"].condition) == ("feel", "a > 1") and eight_.elements["g"].default == "g_end"
    scripted = flow("g", "t", "a > 1".replace(">", "&gt;")).replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="groovy"')
    seven_ = process(camunda(START + gateway + END + flow("start", "g") + scripted + flow("g", "end")))
    assert said(seven_.flows["g_t"].condition) == ("groovy", "a > 1")


def test_an_activity_that_compensates() -> None:
    assert process(zeebe(START + '<bpmn:task id="h" isForCompensation="true"/>')).elements["h"].compensates


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<bpmn:complexGateway id="x"/>', "f.bpmn:6: x: <bpmn:complexGateway> is not run by Ratchet in a process. Use an inclusive"),
        ('<bpmn:task id="x"/><bpmn:choreographyTask id="y"/>', "y: <bpmn:choreographyTask> is not run"),
        ('<bpmn:task id="x" asyncBefore="true"/>', "x: The attribute asyncBefore is not run by Ratchet in a task"),
        ('<bpmn:task id="x" startQuantity="2"/>', "startQuantity=2 is not run"),
        ('<bpmn:task id="x" completionQuantity="2"/>', "completionQuantity=2 is not run"),
        ('<bpmn:task id="x" isForCompensation="si"/>', "isForCompensation is “si”; it must be true or false"),
        ('<bpmn:task id="x"><bpmn:script>1</bpmn:script></bpmn:task>', "<bpmn:script> is not run by Ratchet in a task"),
        ('<bpmn:task id="x"><foreign xmlns="urn:f"/></bpmn:task>', "<foreign> is not run"),
        ('<foreign id="f" xmlns="urn:f"/><bpmn:task id="x"/>', "<foreign> is not run by Ratchet in a process"),
        ('<bpmn:receiveTask id="x" messageRef="m" instantiate="true"/>', "instantiate=true is not run. Start the process with a message"),
        ('<bpmn:eventBasedGateway id="x" instantiate="true"/>', "instantiate=true is not run"),
        ('<bpmn:eventBasedGateway id="x" eventGatewayType="Parallel"/>', "eventGatewayType=Parallel is not run"),
        ('<bpmn:exclusiveGateway id="x"><bpmn:multiInstanceLoopCharacteristics/></bpmn:exclusiveGateway>', "in an exclusiveGateway"),
        ('<bpmn:adHocSubProcess id="x" ordering="Sequential"><bpmn:task id="a"/></bpmn:adHocSubProcess>', "ordering=Sequential is not run"),
        (f'<bpmn:transaction id="x" method="##Store">{begin("s")}</bpmn:transaction>', "method=##Store is not run"),
        ('<bpmn:task id="x"/><bpmn:sequenceFlow id="f" sourceRef="start" targetRef="x" weight="1"/>', "f: The attribute weight is not run"),
        ('<bpmn:task id="x"/>' + flow("x", "start", " "), "The condition of this flow is empty"),
        ('<bpmn:task id="x"/><bpmn:complexGateway id="c"/>', "<bpmn:complexGateway> is not run"),
        ('<bpmn:serviceTask id="x" operation="o"/>', "The attribute operation is not run"),
    ],
)
def test_refused_in_both_dialects(body: str, told: str) -> None:
    assert told in refused_seven(body)
    assert told in refused_eight(body)


def test_both_receive_tasks() -> None:
    assert seven('<bpmn:receiveTask id="x"/>').event is None
    assert "x: The receive task waits for nothing: give it a message." in refused_eight('<bpmn:receiveTask id="x"/>')
    assert "refers to the message “m”" in refused_seven('<bpmn:receiveTask id="x" messageRef="m"/>')


def test_a_flow_needs_no_id() -> None:
    found = process(camunda(START + '<bpmn:task id="x"/><bpmn:sequenceFlow sourceRef="start" targetRef="x"/>'))
    assert found.elements["start"].outgoing == found.elements["x"].incoming == ("start-x",)


def test_a_refused_node_is_told_once() -> None:
    told = refused_seven('<bpmn:complexGateway id="x"/>')
    assert "complexGateway" in told and "does not stand in this process" not in told


def test_flows_stay_in_their_scope() -> None:
    body = f'<bpmn:subProcess id="x">{begin("s")}<bpmn:task id="in"/></bpmn:subProcess>'
    assert "stands in another sub-process; a flow cannot cross its border" in refusal(camunda(START + body + flow("start", "in")))
    assert "joins “nowhere”, which does not stand in this process" in refusal(camunda(START + flow("start", "nowhere")))
