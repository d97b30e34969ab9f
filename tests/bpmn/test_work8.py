"""What elements of Camunda 8 do."""

from __future__ import annotations

import pytest

from engine.bpmn.model import AdHocWork, CallWork, DecisionWork, FormRef, JobWork, ScriptWork, UserWork
from tests.bpmn.reading import eight, extended, process, refusal, refused_eight, said
from tests.models import END, START, job, line, zeebe


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_jobs(kind: str) -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    element = eight(job("x", "=kind", headers, retries=7).replace("serviceTask", kind))
    assert isinstance(element.work, JobWork) and (said(element.work.type), element.work.headers) == (("feel", "kind"), {"k": "v"})
    assert (element.retries, element.keeps_results) == (7, True)
    assert eight(extended(kind, '<zeebe:taskDefinition type="t"/>')).retries == 3


def test_elements_that_are_no_jobs_are_not_tried_again() -> None:
    assert eight('<bpmn:task id="x"/>').retries == 0


def test_scripts_and_decisions() -> None:
    work = eight(extended("scriptTask", '<zeebe:script expression="= 1 + 1" resultVariable="r"/>')).work
    assert isinstance(work, ScriptWork) and (said(work.expression)[1].strip(), work.result) == ("1 + 1", "r")
    decision = '<zeebe:calledDecision decisionId="=which" resultVariable="r" bindingType="versionTag" versionTag="v1"/>'
    work8 = eight(extended("businessRuleTask", decision)).work
    assert isinstance(work8, DecisionWork) and (said(work8.key), work8.result, work8.mapping) == (("feel", "which"), "r", "value")
    assert work8.binding.kind == "versionTag" and said(work8.binding.value) == ("text", "v1")


def test_calls() -> None:
    work = eight(extended("callActivity", '<zeebe:calledElement processId="other"/>')).work
    assert isinstance(work, CallWork) and said(work.key) == ("text", "other") and work.binding.kind == "latest"
    assert (work.all_inputs, work.all_outputs, work.inputs) == (True, True, ())


def test_calls_that_pass_on_mapped_variables_only() -> None:
    called = '<zeebe:calledElement processId="=which" propagateAllParentVariables="false" propagateAllChildVariables="false" bindingType="deployment"/>'
    mapping = '<zeebe:ioMapping><zeebe:input source="=1" target="a.b"/><zeebe:input source="=2" target="a.c"/><zeebe:input source="=3" target="d"/></zeebe:ioMapping>'
    work = eight(extended("callActivity", called + mapping)).work
    assert isinstance(work, CallWork) and (work.all_inputs, work.all_outputs, work.binding.kind) == (True, False, "deployment")
    assert work.local_inputs and not work.inputs
    outputs = '<zeebe:ioMapping><zeebe:output source="=x" target="y"/></zeebe:ioMapping>'
    work = eight(extended("callActivity", called + outputs)).work
    assert isinstance(work, CallWork) and work.all_outputs


def test_user_tasks() -> None:
    inside = (
        '<zeebe:userTask/><zeebe:assignmentDefinition assignee="= who" candidateUsers="=users" candidateGroups="a, b"/>'
        '<zeebe:taskSchedule dueDate="=due" followUpDate="2026-01-31T10:00:00Z"/><zeebe:priorityDefinition priority="60"/>'
        '<zeebe:formDefinition formId="claim" bindingType="versionTag" versionTag="v3"/>'
        '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    )
    element = eight(extended("userTask", inside))
    work = element.work
    assert isinstance(work, UserWork) and work.form == FormRef("claim", binding="versionTag", version="v3")
    found = [work.assignee, work.candidate_users, work.candidate_groups, work.due, work.follow_up, work.priority]
    assert [said(one)[1] for one in found] == ["who", "users", "a, b", "due", "2026-01-31T10:00:00Z", "60"]
    assert element.properties == {"k": "v"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("creating", "create"), ("create", "create"), ("completing", "complete"), ("complete", "complete")],
)
def test_task_listeners(theirs: str, ours: str) -> None:
    inside = f'<zeebe:taskListeners><zeebe:taskListener eventType="{theirs}" type="= kind" retries="5"/></zeebe:taskListeners>'
    (listener,) = eight(extended("userTask", inside)).listeners
    assert isinstance(listener.work, JobWork)
    assert (listener.event, said(listener.work.type), listener.retries) == (ours, ("feel", "kind"), 5)


def test_execution_listeners() -> None:
    inside = (
        '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="a"/>'
        '<zeebe:executionListener eventType="end" type="b" retries="1"/></zeebe:executionListeners>'
    )
    assert [(one.event, one.retries) for one in eight(extended("parallelGateway", inside)).listeners] == [("start", 3), ("end", 1)]


def test_ad_hoc_sub_processes() -> None:
    notes = '<zeebe:adHoc activeElementsCollection="= ids" outputCollection="all" outputElement="= one"/>'
    element = eight(extended("adHocSubProcess", notes, more='<bpmn:task id="t"/><bpmn:completionCondition>= done</bpmn:completionCondition>'))
    work = element.work
    assert isinstance(work, AdHocWork) and work.cancels_rest and work.output == "all"
    assert [said(one) for one in (work.active, work.condition, work.output_item)] == [("feel", "ids"), ("feel", "done"), ("feel", "one")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (extended("serviceTask", "<zeebe:taskDefinition/>"), "The task definition has no type"),
        (extended("serviceTask", '<zeebe:taskDefinition type="t" retries="n"/>'), "The number of retries is “n”; it must be a whole number"),
        (extended("serviceTask", '<zeebe:taskDefinition type="t" retries="-1"/>'), "The number of retries is “-1”"),
        (extended("serviceTask", '<zeebe:taskDefinition type="t" retries="²"/>'), "The number of retries is “²”"),
        (extended("serviceTask", f'<zeebe:taskDefinition type="t" retries="{"9" * 5000}"/>'), "it must be a whole number"),
        (extended("serviceTask", '<zeebe:taskDefinition type="t"/>' * 2), "This says more than once what to do"),
        (extended("scriptTask", '<zeebe:script expression="=1"/>'), "The script needs an expression and a result variable"),
        (extended("scriptTask", '<zeebe:script expression="=1" resultVariable="r"/><zeebe:taskDefinition type="t"/>'), "more than once what to do"),
        (extended("businessRuleTask", '<zeebe:calledDecision decisionId="d"/>'), "The called decision needs a decision id and a result variable"),
        (extended("callActivity", ""), "The call activity does not say which process it calls; give it a zeebe:calledElement"),
        (extended("callActivity", "<zeebe:calledElement/>"), "The call activity does not say which process it calls; give it a process id"),
        (extended("callActivity", '<zeebe:calledElement processId="p" businessId="=b"/>'), "A business id for the called process is not run"),
        (extended("callActivity", '<zeebe:calledElement processId="p" bindingType="newest"/>'), "bindingType is “newest”"),
        (extended("callActivity", '<zeebe:calledElement processId="p" bindingType="versionTag"/>'), "the version tag is missing"),
        (extended("callActivity", '<zeebe:calledElement processId="p" propagateAllChildVariables="some"/>'), "must be true or false"),
        (extended("userTask", "<zeebe:formDefinition/>"), "The form has neither a form id nor a form key"),
        (extended("userTask", '<zeebe:formDefinition formKey="camunda-forms:bpmn:F9"/>'), "The embedded form “F9” does not stand in this process"),
        (
            extended("userTask", '<zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="t"/></zeebe:taskListeners>'),
            "A listener for “canceling” is not run here; it can be for creating, create, assigning, assignment, completing, complete",
        ),
        (
            extended("userTask", '<zeebe:taskListeners><zeebe:taskListener eventType="sleeping" type="t"/></zeebe:taskListeners>'),
            "A listener for “sleeping” is not run here; it can be for creating",
        ),
        (extended("task", '<zeebe:executionListeners><zeebe:executionListener eventType="start"/></zeebe:executionListeners>'), "has no job type"),
        (
            extended("task", '<zeebe:executionListeners><zeebe:executionListener eventType="cancel" type="t"/></zeebe:executionListeners>'),
            "A listener for “cancel” is not run here; it can be for start, end",
        ),
        (extended("adHocSubProcess", '<zeebe:adHoc outputCollection="a"/>', more='<bpmn:task id="t"/>'), "An output needs both"),
    ],
)
def test_refused(body: str, told: str) -> None:
    assert told in refused_eight(body)


def test_start_forms() -> None:
    form = '<bpmn:extensionElements><zeebe:formDefinition formId="begin"/></bpmn:extensionElements>'
    assert process(zeebe(f'<bpmn:startEvent id="s">{form}</bpmn:startEvent>')).start_form == FormRef("begin")
    inner = f'{START}<bpmn:subProcess id="sub"><bpmn:startEvent id="s">{form}</bpmn:startEvent></bpmn:subProcess>'
    assert "s: Only a start event of the process itself" in refusal(zeebe(inner))


def test_headers_on_a_process_are_refused() -> None:
    assert "<zeebe:taskHeaders> is not run by Ratchet in a process" in refusal(
        zeebe("<bpmn:extensionElements><zeebe:taskHeaders/></bpmn:extensionElements>" + START + END + line("start", "end"))
    )
    assert process(zeebe(START + END + line("start", "end"))).key == "p"
