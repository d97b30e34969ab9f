"""The reader: what it takes, and that it refuses everything else with file, line and element."""

from __future__ import annotations

import pytest

from engine.bpmn.model import DelegateWork, FormRef, JobWork, ScriptWork, UserWork
from engine.bpmn.reader import read
from engine.bpmn.triggers import MessageEvent
from engine.bpmn.values import Expression, ListOf, MapOf
from engine.errors import DeploymentRefused
from tests.bpmn.reading import begin, refusal
from tests.models import END, START, camunda, feel_script, flow, job, line, user, zeebe


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
    work, script = process.elements["c"].event, process.elements["s"].work
    assert isinstance(work, MessageEvent) and isinstance(work.key, Expression) and work.key.source == "orderId"
    assert isinstance(script, ScriptWork) and (script.expression.source, script.result) == ("1+1", "two")


def test_the_platform_decides_the_dialect_then_the_elements() -> None:
    body = START + END + flow("start", "end", "=true")
    assert read(zeebe(body), "f")[0].dialect == "zeebe"
    assert read(camunda(body), "f")[0].dialect == "camunda"
    assert read(zeebe(body).replace(b' modeler:executionPlatform="Camunda Cloud"', b""), "f")[0].dialect == "camunda"
    with_job = START + job("j", "t") + END + line("start", "j", "end")
    assert read(zeebe(with_job).replace(b' modeler:executionPlatform="Camunda Cloud"', b""), "f")[0].dialect == "zeebe"


def test_without_a_word_of_the_modeler_the_declared_namespace_decides() -> None:
    body = zeebe(START + END + line("start", "end")).replace(b' modeler:executionPlatform="Camunda Cloud"', b"")
    assert read(body, "f")[0].dialect == "camunda"
    assert read(body.replace(b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', b""), "f")[0].dialect == "zeebe"


def test_files_from_before_camunda_7_use_another_namespace() -> None:
    old = camunda(START + '<bpmn:serviceTask id="s" camunda:expression="${1}" camunda:resultVariable="one"/>' + END + line("start", "s", "end"))
    (process,) = read(old.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://activiti.org/bpmn"), "f")
    assert process.elements["s"].work == ScriptWork(Expression("juel", "${1}", process.elements["s"].line), "one")


def test_processes_that_are_not_executable_are_skipped() -> None:
    two = zeebe(START + END + line("start", "end")).replace(
        b"</bpmn:definitions>", b'<bpmn:process id="other"><bpmn:complexGateway id="g"/></bpmn:process></bpmn:definitions>'
    )
    assert [process.key for process in read(two, "f")] == ["p"]


def test_two_processes_of_a_file_share_their_ids() -> None:
    second = '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="start2"/></bpmn:process></bpmn:definitions>'
    two = zeebe(START + END + line("start", "end")).decode().replace("</bpmn:definitions>", second)
    assert [process.key for process in read(two.encode(), "f")] == ["p", "q"]
    assert "The id “start” is used twice" in refusal(two.replace("start2", "start").encode())


def test_a_long_chain_and_many_messages_are_read_in_order() -> None:
    ids = [f"t{number}" for number in range(4_000)]
    messages = "".join(f'<bpmn:message id="m{number}" name="n{number}"/>' for number in range(1_000))
    catches = "".join(f'<bpmn:receiveTask id="r{number}" messageRef="m{number}"/>' for number in range(900))
    body = START + "".join(f'<bpmn:task id="{id}"/>' for id in ids) + catches + END + line("start", *ids, "end")
    (process,) = read(camunda(body, messages=messages), "f")
    assert list(process.flows)[:2] == ["start_t0", "t0_t1"]
    assert process.elements["r899"].event == MessageEvent(Expression("text", "n899", process.elements["r899"].event.name.line))  # type: ignore[union-attr]


def test_flows_keep_the_order_of_the_file() -> None:
    body = START + '<bpmn:task id="a"/><bpmn:task id="b"/>' + flow("start", "b") + flow("start", "a")
    (process,) = read(zeebe(body), "f")
    assert process.elements["start"].outgoing == ("start_b", "start_a")
    assert process.elements["a"].incoming == ("start_a",)


def test_sub_processes_keep_their_parents() -> None:
    inner = f'<bpmn:subProcess id="inner">{begin("s2")}<bpmn:task id="deep"/>{flow("s2", "deep")}</bpmn:subProcess>'
    outer = f'<bpmn:subProcess id="outer">{begin("s1")}{inner}{flow("s1", "inner")}</bpmn:subProcess>'
    (process,) = read(zeebe(START + outer + line("start", "outer")), "f")
    parents = {id: element.parent for id, element in process.elements.items()}
    assert parents == {"start": None, "outer": None, "s1": "outer", "inner": "outer", "s2": "inner", "deep": "inner"}
    assert [element.id for element in process.inside("inner")] == ["s2", "deep"]
    assert set(process.flows) == {"start_outer", "s1_inner", "s2_deep"}


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
        (zeebe(SIMPLE).replace(b'isExecutable="true"', b'isExecutable="maybe"'), "isExecutable is “maybe”; it must be true or false"),
        (zeebe(SIMPLE, messages='<bpmn:choreography id="c"/>'), "<bpmn:choreography> is not run by Ratchet beside a process"),
        (zeebe(SIMPLE, messages='<bpmn:message id="m"/><bpmn:message id="m"/>'), "The id “m” is used twice"),
        (zeebe(SIMPLE).replace(b'isExecutable="true"', b'isExecutable="true" isclosed="true"'), "The attribute isclosed is not run by Ratchet in a process"),
        (zeebe(SIMPLE + '<bpmn:task id="t"/>'), "t: The id “t” is used twice"),
        (zeebe(SIMPLE + "<bpmn:task/>"), "This task has no id"),
        (zeebe("".join(f'<bpmn:task id="t{number}"/>' for number in range(5_001)) + START), "more than 5000 elements"),
    ],
)  # fmt: skip
def test_refused_with_place_and_reason(content: bytes, told: str) -> None:
    assert told in refusal(content)


def test_a_bomb_of_nested_elements_is_refused() -> None:
    assert "nested deeper" in refusal(b"<a>" * 150 + b"</a>" * 150)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    bad = START + '\n<bpmn:complexGateway id="g"/>\n<bpmn:task id="h" isForCompensation="perhaps"/>' + END + line("start", "h", "end")
    with pytest.raises(DeploymentRefused) as refused:
        read(zeebe(bad), "f.bpmn")
    assert {"g", "h"} <= {problem.element for problem in refused.value.problems}
    lines = [problem.line or 0 for problem in refused.value.problems]
    assert lines == sorted(lines)
