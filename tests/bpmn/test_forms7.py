"""Forms of Camunda 7: keys, references, generated ones; the latter must pass the rules of our own forms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import forms
from engine.bpmn.model import FormRef, UserWork
from tests.bpmn.reading import extended, process, refused_seven, seven
from tests.models import END, camunda, line


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("claim", "claim"),
        (" claim ", "claim"),
        ("embedded:app:forms/claim.html", "claim"),
        ("embedded:deployment:claim.html", "claim"),
        ("camunda-forms:deployment:claim.form", "claim"),
        ("camunda-forms:deployment:all/claim.v2.form", "claim.v2"),
        ("app:claim.html", "app:claim.html"),
    ],
)
def test_form_keys(key: str, form: str) -> None:
    work = seven(f'<bpmn:userTask id="x" camunda:formKey="{key}"/>').work
    assert isinstance(work, UserWork) and work.form == FormRef(form)


FIELDS = """<camunda:formData>
<camunda:formField id="name" label="Name" type="string" defaultValue="Ann"><camunda:properties><camunda:property id="p" value="v"/></camunda:properties>
  <camunda:validation><camunda:constraint name="required"/><camunda:constraint name="maxlength" config="10"/><camunda:constraint name="minlength" config="2"/></camunda:validation></camunda:formField>
<camunda:formField id="age" type="long" defaultValue="7"><camunda:validation><camunda:constraint name="min" config="-1"/><camunda:constraint name="max" config="99"/></camunda:validation></camunda:formField>
<camunda:formField id="ok" label="OK" type="boolean" defaultValue="true"><camunda:validation><camunda:constraint name="readonly"/></camunda:validation></camunda:formField>
<camunda:formField id="on" label="On" type="date" datePattern="dd.MM.yyyy"/>
<camunda:formField id="pick" label="Pick" type="enum" defaultValue="b"><camunda:value id="a" name="A"/><camunda:value id="b"/></camunda:formField>
</camunda:formData>"""


def fields(ref: FormRef | None) -> dict[str, Any]:
    assert ref is not None and ref.embedded is not None
    schema = json.loads(ref.embedded)
    assert forms.check(schema) == []
    return {component["key"]: component for component in schema["components"]}


def test_generated_forms() -> None:
    work = seven(extended("userTask", FIELDS)).work
    assert isinstance(work, UserWork)
    found = fields(work.form)
    assert found["name"]["validate"] == {"required": True, "maxLength": 10, "minLength": 2} and found["name"]["defaultValue"] == "Ann"
    assert (found["age"]["type"], found["age"]["defaultValue"], found["age"]["validate"]) == ("number", 7, {"min": -1, "max": 99})
    assert (found["ok"]["type"], found["ok"]["defaultValue"], found["ok"]["readonly"]) == ("checkbox", True, True)
    assert (found["on"]["type"], found["on"]["subtype"], found["age"]["label"]) == ("datetime", "date", "age")
    assert found["pick"]["values"] == [{"value": "a", "label": "A"}, {"value": "b", "label": "b"}]


def test_a_generated_form_is_enforced() -> None:
    work = seven(extended("userTask", FIELDS)).work
    assert isinstance(work, UserWork) and work.form is not None and work.form.embedded is not None
    _, errors = forms.accept(json.loads(work.form.embedded), {"name": "", "age": 100, "pick": "c", "on": "2026-01-31"}, {"ok": True})
    assert set(errors) == {"name", "age", "pick"}


def test_a_generated_start_form() -> None:
    found = process(camunda(f'<bpmn:startEvent id="s"><bpmn:extensionElements>{FIELDS}</bpmn:extensionElements></bpmn:startEvent>{END}' + line("s", "end")))
    assert set(fields(found.start_form)) == {"name", "age", "ok", "on", "pick"}


def field(attributes: str, inside: str = "") -> str:
    return f'<camunda:formData><camunda:formField id="f" {attributes}>{inside}</camunda:formField></camunda:formData>'


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (field('type="money"'), "The form field “f” is of type “money”; Ratchet knows string, long"),
        (field('type="long" defaultValue="many"'), "The default “many” is not a value of type long"),
        (field('type="boolean" defaultValue="perhaps"'), "The default “perhaps” is not a value of type boolean"),
        (field('type="long"', '<camunda:validation><camunda:constraint name="max" config="--1"/></camunda:validation>'), "“max” with “--1” is not run"),
        (field('type="string" width="3"'), "The attribute width is not run by Ratchet in <camunda:formField>"),
        (field('type="string"', "<camunda:other/>"), "<camunda:other> is not run by Ratchet in <camunda:formField>"),
        (field('type="string"', '<camunda:validation><camunda:constraint name="validator" config="a.B"/></camunda:validation>'), "The constraint “validator”"),
        (field('type="long"', '<camunda:validation><camunda:constraint name="max" config="all"/></camunda:validation>'), "“max” with “all” is not run"),
        ("<camunda:formData><camunda:other/></camunda:formData>", "<camunda:other> is not run by Ratchet in <camunda:formData>"),
        ('<camunda:formData businessKey="f"/>', "A form field as business key is not run"),
    ],
)  # fmt: skip
def test_refused(inside: str, told: str) -> None:
    assert told in refused_seven(extended("userTask", inside))


def test_one_form_only() -> None:
    assert "It has more than one form" in refused_seven('<bpmn:userTask id="x" camunda:formKey="k" camunda:formRef="l"/>')
    assert "formRefBinding is “newest”" in refused_seven('<bpmn:userTask id="x" camunda:formRef="k" camunda:formRefBinding="newest"/>')
    assert "formRefVersion must be a whole number" in refused_seven('<bpmn:userTask id="x" camunda:formRef="k" camunda:formRefBinding="version"/>')
