"""Listeners of Camunda 7: on elements and on user tasks."""

from __future__ import annotations

import pytest

from engine.bpmn.model import DelegateWork, ScriptWork
from tests.bpmn.reading import extended, refused_seven, said, seven


def test_execution_listeners_in_the_order_of_the_file() -> None:
    inside = (
        '<camunda:executionListener event="start" delegateExpression="${some}"/><camunda:executionListener event="end" expression="${a.b}"/>'
        '<camunda:executionListener event="end"><camunda:script scriptFormat="groovy">x = 1</camunda:script></camunda:executionListener>'
    )
    first, second, third = seven(extended("exclusiveGateway", inside)).listeners
    assert (first.event, first.work, first.retries) == ("start", DelegateWork("some"), None)
    assert isinstance(second.work, ScriptWork) and said(second.work.expression) == ("juel", "${a.b}")
    assert isinstance(third.work, ScriptWork) and said(third.work.expression) == ("groovy", "x = 1")


@pytest.mark.parametrize("event", ["create", "assignment", "update", "complete", "delete"])
def test_task_listeners(event: str) -> None:
    (listener,) = seven(extended("userTask", f'<camunda:taskListener event="{event}" id="l" expression="${{task.name}}"/>')).listeners
    assert listener.event == event


@pytest.mark.parametrize(
    ("kind", "inside", "told"),
    [
        ("task", '<camunda:executionListener expression="${a}"/>', "The listener is for “”; here it can be for end, start"),
        ("task", '<camunda:executionListener event="take" expression="${a}"/>', "The listener is for “take”"),
        ("task", '<camunda:executionListener event="start"/>', "A listener needs exactly one of expression, delegateExpression and a script"),
        ("task", '<camunda:executionListener event="start" expression="${a}" delegateExpression="${b}"/>', "needs exactly one"),
        ("task", '<camunda:executionListener event="start" class="a.B"/>', "The Java class a.B cannot run here"),
        ("task", '<camunda:executionListener event="start" delegateExpression="${a.b}"/>', "must name one delegate"),
        ("task", '<camunda:executionListener event="start" expression="${a}" order="1"/>', "The attribute order is not run by Ratchet in <camunda:executionListener>"),
        (
            "task",
            '<camunda:executionListener event="start" delegateExpression="${a}"><camunda:field name="f" stringValue="v"/></camunda:executionListener>',
            "Fields of a listener are not run",
        ),
        ("task", '<camunda:executionListener event="start" expression="${a}"><camunda:other/></camunda:executionListener>', "<camunda:other> is not run"),
        ("userTask", '<camunda:taskListener event="timeout" expression="${a}"/>', "A task listener for timeouts is not run by Ratchet; draw a timer"),
        ("userTask", '<camunda:taskListener event="all" expression="${a}"/>', "The listener is for “all”"),
        ("task", '<camunda:taskListener event="create" expression="${a}"/>', "<camunda:taskListener> is not run by Ratchet in a task"),
    ],
)
def test_refused(kind: str, inside: str, told: str) -> None:
    assert told in refused_seven(extended(kind, inside))
