"""The reader: what it takes, and that it refuses everything else with file, line and element."""

from __future__ import annotations

import pytest

from engine.bpmn.model import DelegateWork, Expression, FormRef, JobWork, ListOf, MapOf, MessageWork, ScriptWork, UserWork
from engine.bpmn.reader import read
from engine.errors import DeploymentRefused
from tests.models import END, START, camunda, feel_script, flow, groovy, job, line, user, zeebe


def refusal(content: bytes) -> str:
    with pytest.raises(DeploymentRefused) as refused:
        read(content, "f.bpmn")
    return str(refused.value)


def test_a_service_task_of_camunda_8() -> None:
    mapping = '<zeebe:ioMapping><zeebe:input source="= a + 1" target="x.y"/><zeebe:input source="5432" target="port"/></zeebe:ioMapping>'
    headers = '<zeebe:taskHeaders><zeebe:header key="resultVariable" value="r"/></zeebe:taskHeaders>'
    (process,) = read(zeebe(START + job("s", "t:1", mapping + headers, retries=5) + END + line("start", "s", "end")), "f.bpmn")
    element = process.elements["s"]
    assert isinstance(element.work, JobWork)
    assert (element.work.headers, element.retries, element.keeps_results) == ({"resultVariable": "r"}, 5, True)
    assert [(one.target, one.value.language, one.value.source) for one in element.inputs] == [("x.y", "feel", "a + 1"), ("port", "text", "5432")]  # type: ignore[union-attr]


def test_a_delegate_of_camunda_7_with_list_and_map() -> None:
    body = """<bpmn:serviceTask id="s" camunda:delegateExpression="${someDelegate}"><bpmn:extensionElements><camunda:inputOutput>
    <camunda:inputParameter name="list"><camunda:list><camunda:value>${a}</camunda:value><camunda:value>b</camunda:value></camunda:list></camunda:inputParameter>
    <camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">${c}</camunda:entry></camunda:map></camunda:inputParameter>
    <camunda:outputParameter name="out">${ response }</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>"""
    (process,) = read(camunda(START + body + END + line("start", "s", "end")), "f.bpmn")
    element = process.elements["s"]
    assert element.work == DelegateWork("someDelegate")
    assert element.retries is None
    assert all(one.transient for one in element.inputs)
    assert isinstance(element.inputs[0].value, ListOf)
    assert isinstance(element.inputs[1].value, MapOf)
    assert isinstance(element.outputs[0].value, Expression)


def test_user_tasks_of_both_dialects() -> None:
    eight = user("u", '<zeebe:userTask/><zeebe:formDefinition formId="f"/><zeebe:assignmentDefinition candidateGroups="a, b"/>')
    (process,) = read(zeebe(START + eight + END + line("start", "u", "end")), "f.bpmn")
    assert process.elements["u"].work == UserWork(FormRef("f"), candidate_groups=Expression("text", "a, b", process.elements["u"].line))
    seven = user("u", '<camunda:properties><camunda:property name="eSign" value="true"/></camunda:properties>', 'camunda:formKey="k" camunda:assignee=""')
    (process,) = read(camunda(START + seven + END + line("start", "u", "end")), "f.bpmn")
    assert process.elements["u"].work == UserWork(FormRef("k"), signed=True)


def test_an_embedded_form() -> None:
    form = '<bpmn:extensionElements><zeebe:userTaskForm id="F1">{"components": []}</zeebe:userTaskForm></bpmn:extensionElements>'
    task = user("u", '<zeebe:formDefinition formKey="camunda-forms:bpmn:F1"/>')
    (process,) = read(zeebe(form + START + task + END + line("start", "u", "end")), "f.bpmn")
    work = process.elements["u"].work
    assert isinstance(work, UserWork) and work.form == FormRef("F1", '{"components": []}')


def test_messages_and_scripts() -> None:
    message = '<bpmn:message id="m" name="matched"><bpmn:extensionElements><zeebe:subscription correlationKey="=orderId"/></bpmn:extensionElements></bpmn:message>'
    catch = '<bpmn:intermediateCatchEvent id="c"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    (process,) = read(zeebe(START + catch + feel_script("s", "1+1", "two") + END + line("start", "c", "s", "end"), messages=message), "f.bpmn")
    work, script = process.elements["c"].work, process.elements["s"].work
    assert isinstance(work, MessageWork) and isinstance(work.key, Expression) and work.key.source == "orderId"
    assert isinstance(script, ScriptWork) and (script.expression.source, script.result) == ("1+1", "two")


def test_the_platform_decides_the_dialect_then_the_elements() -> None:
    body = START + END + flow("start", "end", "=true")
    assert read(zeebe(body), "f")[0].dialect == "zeebe"
    assert read(camunda(body), "f")[0].dialect == "camunda"
    assert read(zeebe(body).replace(b' modeler:executionPlatform="Camunda Cloud"', b""), "f")[0].dialect == "camunda"
    with_job = START + job("j", "t") + END + line("start", "j", "end")
    assert read(zeebe(with_job).replace(b' modeler:executionPlatform="Camunda Cloud"', b""), "f")[0].dialect == "zeebe"


SIMPLE = START + '<bpmn:task id="t"/>' + END + line("start", "t", "end")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<a><b></a>", "f.bpmn:1: This is not well-formed XML"),
        (b"", "not well-formed"),
        (b"\x00\xff\xfe", "not well-formed"),
        (b"<html/>", "not a BPMN 2.0 file"),
        (b'<!DOCTYPE x [<!ENTITY e "v">]><x>&e;</x>', "DOCTYPE"),
        (zeebe(SIMPLE).replace(b'isExecutable="true"', b""), "No executable process"),
        (zeebe(SIMPLE + START.replace('"start"', '"start2"')), "2 start events"),
        (zeebe('<bpmn:task id="t"/>'), "0 start events"),
        (zeebe(START + '<bpmn:complexGateway id="g"/>' + END + line("start", "g", "end")), "f.bpmn:6: g: <bpmn:complexGateway> is not run"),
        (zeebe(SIMPLE + '<bpmn:boundaryEvent id="b" attachedToRef="t"><bpmn:timerEventDefinition/></bpmn:boundaryEvent>'), "b: <bpmn:boundaryEvent>"),
        (zeebe(START + '<bpmn:task id="t"><bpmn:multiInstanceLoopCharacteristics/></bpmn:task>' + END + line("start", "t", "end")), "multiInstance"),
        (zeebe(START.replace("/>", '><bpmn:timerEventDefinition/></bpmn:startEvent>') + END + line("start", "end")), "timerEventDefinition"),
        (zeebe(START + '<bpmn:endEvent id="end"><bpmn:errorEventDefinition/></bpmn:endEvent>' + line("start", "end")), "errorEventDefinition"),
        (zeebe(START + "<bpmn:serviceTask id='s'/>" + END + line("start", "s", "end")), "s: This task says nothing about what to do"),
        (zeebe(START + job("s", "t", "<zeebe:unknown/>") + END + line("start", "s", "end")), "<zeebe:unknown> is not run"),
        (zeebe(START + END + flow("start", "nowhere")), "nowhere"),
        (zeebe(SIMPLE + '<bpmn:task id="t"/>'), "used twice"),
        (camunda(START + '<bpmn:serviceTask id="s" camunda:class="a.b.C"/>' + END + line("start", "s", "end")), "Java class a.b.C cannot run here"),
        (camunda(START + '<bpmn:task id="t" camunda:asyncBefore="true"/>' + END + line("start", "t", "end")), "t: camunda:asyncBefore is not run"),
        (camunda(START + '<bpmn:serviceTask id="s" camunda:delegateExpression="${a.b()}"/>' + END + line("start", "s", "end")), "must name one delegate"),
        (camunda(START + groovy("g", "1").replace("groovy", "ruby") + END + line("start", "g", "end")), "Scripts in “ruby” are not run"),
        (camunda(START + user("u", "<camunda:taskListener event='create'/>") + END + line("start", "u", "end")), "<camunda:taskListener>"),
        (zeebe(START + '<bpmn:intermediateCatchEvent id="c"/>' + END + line("start", "c", "end")), "waits for nothing"),
        (zeebe(START + '<bpmn:receiveTask id="r"/>' + END + line("start", "r", "end")), "has no name"),
        (zeebe(START + '<bpmn:exclusiveGateway id="g" default="x"/>' + END + line("start", "g", "end")), "default flow “x”"),
    ],
)  # fmt: skip
def test_refused_with_place_and_reason(content: bytes, told: str) -> None:
    assert told in refusal(content)


def test_a_bomb_of_nested_elements_is_refused() -> None:
    assert "nested deeper" in refusal(b"<a>" * 150 + b"</a>" * 150)


def test_all_problems_are_told_at_once() -> None:
    bad = START + '<bpmn:complexGateway id="g"/><bpmn:adHocSubProcess id="h"/>' + END + line("start", "g", "h", "end")
    with pytest.raises(DeploymentRefused) as refused:
        read(zeebe(bad), "f.bpmn")
    assert {"g", "h"} <= {problem.element for problem in refused.value.problems}
