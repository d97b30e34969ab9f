"""What activities and message events of Camunda 7 do."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Binding, CallWork, DecisionWork, DelegateWork, FormRef, JobWork, ScriptWork, UserWork
from engine.bpmn.triggers import MessageEvent
from engine.bpmn.values import Expression
from tests.bpmn.reading import extended, process, refused_seven, said, seven
from tests.models import START, camunda

MESSAGE = '<bpmn:message id="m" name="matched"/>'


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask"])
def test_service_like_tasks(kind: str) -> None:
    assert seven(f'<bpmn:{kind} id="x" camunda:delegateExpression="#{{ some }}"/>').work == DelegateWork("some")
    work = seven(f'<bpmn:{kind} id="x" camunda:expression="${{a}}" camunda:resultVariable="r"/>').work
    assert isinstance(work, ScriptWork) and (said(work.expression), work.result) == (("juel", "${a}"), "r")
    element = seven(f'<bpmn:{kind} id="x" camunda:type="external" camunda:topic="t-${{a}}" camunda:taskPriority="5"/>')
    assert isinstance(element.work, JobWork) and (said(element.work.type), element.retries) == (("juel", "t-${a}"), 3)


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_thrown_messages(kind: str) -> None:
    def thrown(attributes: str) -> str:
        return f'<bpmn:{kind} id="x"><bpmn:messageEventDefinition {attributes}/></bpmn:{kind}>'

    element = process(camunda(START + thrown('messageRef="m" camunda:delegateExpression="${some}"'), messages=MESSAGE)).elements["x"]
    assert element.work == DelegateWork("some") and isinstance(element.event, MessageEvent)
    element = process(camunda(START + thrown('camunda:type="external" camunda:topic="t"'))).elements["x"]
    assert isinstance(element.work, JobWork) and element.event is None and element.retries == 3
    element = process(camunda(START + thrown('messageRef="m"'), messages=MESSAGE)).elements["x"]
    assert element.work is None and isinstance(element.event, MessageEvent)
    element = process(camunda(START + thrown(""))).elements["x"]
    assert element.work is None and element.event is None


def test_a_send_task_without_work_sends_its_message() -> None:
    element = seven('<bpmn:sendTask id="x" messageRef="m"/>', MESSAGE)
    assert element.work is None and isinstance(element.event, MessageEvent)


def test_fields_are_inputs() -> None:
    fields = (
        '<camunda:field name="a" stringValue="1"/><camunda:field name="b" expression="${b}"/>'
        "<camunda:field name='c'><camunda:string>text</camunda:string></camunda:field>"
        "<camunda:field name='d'><camunda:expression>${d}</camunda:expression></camunda:field>"
    )
    element = seven(extended("serviceTask", fields, 'camunda:delegateExpression="${some}"'))
    assert [(one.target, said(one.value)[1], one.transient) for one in element.inputs] == [
        ("a", "1", True), ("b", "${b}", True), ("c", "text", True), ("d", "${d}", True),
    ]  # fmt: skip


def test_decisions() -> None:
    attributes = 'camunda:decisionRef="dish" camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry" camunda:decisionRefBinding="%s"'
    work = seven(f'<bpmn:businessRuleTask id="x" {attributes % "deployment"}/>').work
    assert isinstance(work, DecisionWork) and (said(work.key), work.result, work.mapping) == (("text", "dish"), "r", "singleEntry")
    assert work.binding == Binding("deployment")
    work = seven(f'<bpmn:businessRuleTask id="x" {attributes % "version"} camunda:decisionRefVersion="${{v}}"/>').work
    assert isinstance(work, DecisionWork) and work.binding.kind == "version" and said(work.binding.value) == ("juel", "${v}")
    work = seven('<bpmn:businessRuleTask id="x" camunda:decisionRef="${which}"/>').work
    assert isinstance(work, DecisionWork) and (said(work.key), work.mapping, work.result) == (("juel", "${which}"), "resultList", None)


def test_calls() -> None:
    mappings = (
        '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${c}" target="d"/><camunda:in businessKey="#{execution.processBusinessKey}"/>'
        '<camunda:in variables="all"/><camunda:out source="e" target="f"/>'
    )
    work = seven(extended("callActivity", mappings, 'calledElement="other"')).work
    assert isinstance(work, CallWork) and (said(work.key), work.binding.kind) == (("text", "other"), "latest")
    assert said(work.business_key) == ("juel", "#{execution.processBusinessKey}")
    assert [(one.target, said(one.value)) for one in work.inputs] == [("b", ("variable", "a")), ("d", ("juel", "${c}"))]
    assert [(one.target, said(one.value)) for one in work.outputs] == [("f", ("variable", "e"))]
    assert (work.all_inputs, work.all_outputs, work.local_inputs, work.local_outputs) == (True, False, False, False)


def test_calls_with_local_variables_and_bindings() -> None:
    mappings = '<camunda:in variables="all" local="true"/><camunda:out variables="all"/>'
    bound = 'calledElement="${which}" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="v1"'
    work = seven(extended("callActivity", mappings, bound)).work
    assert isinstance(work, CallWork) and said(work.key) == ("juel", "${which}")
    assert (work.all_inputs, work.local_inputs, work.all_outputs, work.local_outputs) == (True, True, True, False)
    assert work.binding.kind == "versionTag" and said(work.binding.value) == ("text", "v1")
    work = seven('<bpmn:callActivity id="x" calledElement="other"/>').work
    assert isinstance(work, CallWork) and not work.all_inputs and not work.all_outputs


@pytest.mark.parametrize(("format", "language"), [("groovy", "groovy"), ("Python", "python"), ("JavaScript", "javascript"), ("juel", "juel")])
def test_scripts(format: str, language: str) -> None:
    body = f'<bpmn:scriptTask id="x" scriptFormat="{format}" camunda:resultVariable="r"><bpmn:script> 1 + 1 </bpmn:script></bpmn:scriptTask>'
    work = seven(body).work
    assert isinstance(work, ScriptWork) and (said(work.expression), work.result) == ((language, " 1 + 1 "), "r")


def test_user_tasks() -> None:
    attributes = (
        'camunda:assignee="${who}" camunda:candidateUsers="a, b" camunda:candidateGroups="g" camunda:dueDate="P1D" camunda:followUpDate="${f}" '
        'camunda:priority="50" camunda:formRef="claim" camunda:formRefBinding="version" camunda:formRefVersion="3"'
    )
    work = seven(f'<bpmn:userTask id="x" {attributes}/>').work
    assert isinstance(work, UserWork) and work.form == FormRef("claim", binding="version", version="3")
    found = [work.assignee, work.candidate_users, work.candidate_groups, work.due, work.follow_up, work.priority]
    assert [said(one)[1] for one in found] == ["${who}", "a, b", "g", "P1D", "${f}", "50"]
    assert seven('<bpmn:userTask id="x" camunda:assignee=" "/>').work == UserWork()


def test_people_in_plain_bpmn() -> None:
    def named(kind: str, text: str) -> str:
        expression = f"<bpmn:resourceAssignmentExpression><bpmn:formalExpression>{text}</bpmn:formalExpression></bpmn:resourceAssignmentExpression>"
        return f"<bpmn:{kind}>{expression}</bpmn:{kind}>"

    people = named("humanPerformer", "ann") + named("potentialOwner", "user(bob), group(office), sales")
    work = seven(f'<bpmn:userTask id="x">{people}</bpmn:userTask>').work
    assert isinstance(work, UserWork) and isinstance(work.assignee, Expression) and work.assignee.source == "ann"
    assert (said(work.candidate_users)[1], said(work.candidate_groups)[1]) == ("bob", "office,sales")
    assert "names nobody" in refused_seven('<bpmn:userTask id="x"><bpmn:potentialOwner/></bpmn:userTask>')


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<bpmn:serviceTask id="x"/>', "x: This task says nothing about what to do"),
        ('<bpmn:sendTask id="x"/>', "x: This task says nothing about what to do"),
        ('<bpmn:serviceTask id="x" camunda:class="a.b.C"/>', "x: The Java class a.b.C cannot run here. Use camunda:delegateExpression"),
        ('<bpmn:serviceTask id="x" camunda:delegateExpression="${a.b()}"/>', "must name one delegate"),
        ('<bpmn:serviceTask id="x" camunda:delegateExpression="${a}" camunda:resultVariable="r"/>', "A delegate has no single result"),
        ('<bpmn:serviceTask id="x" camunda:delegateExpression="${a}" camunda:expression="${b}"/>', "more than once what to do"),
        ('<bpmn:serviceTask id="x" camunda:type="mail"/>', "Mail tasks are not run by Ratchet"),
        ('<bpmn:serviceTask id="x" camunda:type="shell"/>', "Shell tasks are not run by Ratchet"),
        ('<bpmn:serviceTask id="x" camunda:type="camel"/>', "The type “camel” is not run by Ratchet"),
        ('<bpmn:serviceTask id="x" camunda:type="external"/>', "An external task needs a topic"),
        ('<bpmn:serviceTask id="x" camunda:decisionRef="d"/>', "camunda:decisionRef is not run by Ratchet in a serviceTask"),
        ('<bpmn:businessRuleTask id="x" camunda:decisionRef="d" camunda:mapDecisionResult="all"/>', "mapDecisionResult is “all”"),
        ('<bpmn:businessRuleTask id="x" camunda:decisionRef="d" camunda:decisionRefBinding="newest"/>', "decisionRefBinding is “newest”"),
        ('<bpmn:businessRuleTask id="x" camunda:decisionRef="d" camunda:decisionRefBinding="version"/>', "decisionRefVersion is missing"),
        ('<bpmn:callActivity id="x"/>', "The call activity does not say which process it calls"),
        ('<bpmn:callActivity id="x" camunda:caseRef="c" calledElement="p"/>', "Cases (CMMN) are not run"),
        ('<bpmn:callActivity id="x" camunda:variableMappingClass="c" calledElement="p"/>', "Use camunda:in and camunda:out"),
        ('<bpmn:callActivity id="x" camunda:variableMappingDelegateExpression="${c}" calledElement="p"/>', "Use camunda:in and camunda:out"),
        (extended("callActivity", '<camunda:in source="a"/>', 'calledElement="p"'), "A mapping needs a target and either"),
        (extended("callActivity", '<camunda:in source="a" sourceExpression="b" target="c"/>', 'calledElement="p"'), "A mapping needs a target"),
        (extended("callActivity", '<camunda:in variables="some"/>', 'calledElement="p"'), "variables is “some”; it can only be “all”"),
        (extended("callActivity", '<camunda:out businessKey="a"/>', 'calledElement="p"'), "A business key can only be passed into"),
        (extended("callActivity", '<camunda:in businessKey="a" variables="all"/>', 'calledElement="p"'), "A business key stands alone"),
        (extended("callActivity", '<camunda:in source="a" target="b" deep="1"/>', 'calledElement="p"'), "The attribute deep is not run"),
        (
            extended("callActivity", '<camunda:in source="a" target="b" local="true"/><camunda:in source="c" target="d"/>', 'calledElement="p"'),
            "local must be said of all mappings in this direction or of none",
        ),
        (extended("task", '<camunda:executionListener event="end"><camunda:script>1</camunda:script></camunda:executionListener>'), "set scriptFormat"),
        ('<bpmn:scriptTask id="x" scriptFormat="ruby"><bpmn:script>1</bpmn:script></bpmn:scriptTask>', "Scripts in “ruby” are not run"),
        ('<bpmn:scriptTask id="x" scriptFormat="groovy"/>', "The script task has no script"),
        ('<bpmn:scriptTask id="x" scriptFormat="groovy" camunda:resource="a.groovy"/>', "A script in a file of its own (resource)"),
        (extended("serviceTask", '<camunda:field name="a"/>', 'camunda:delegateExpression="${a}"'), "A field needs a name and one value"),
        (extended("serviceTask", '<camunda:field stringValue="a"/>', 'camunda:delegateExpression="${a}"'), "A field needs a name and one value"),
    ],
)
def test_refused(body: str, told: str) -> None:
    assert told in refused_seven(body)


def test_a_java_class_that_throws_a_message_is_refused() -> None:
    body = '<bpmn:intermediateThrowEvent id="x"><bpmn:messageEventDefinition camunda:class="a.B"/></bpmn:intermediateThrowEvent>'
    assert "x: The Java class a.B cannot run here" in refused_seven(body)
