"""Generated forms of Camunda 7: `camunda:formData` becomes a form-js form that stands in the model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.bpmn.draft import TRUTHS, Draft, Report, whole
from engine.bpmn.model import FormRef
from engine.bpmn.values import Assign
from engine.bpmn.values7 import attribute, expression
from engine.bpmn.xml import CAMUNDA, line_of, local

TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "long": {"type": "number", "decimalDigits": 0},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date", "dateLabel": "Date"},
    "enum": {"type": "select"},
}
DEFAULTS: dict[str, Callable[[str], Any]] = {"long": whole, "boolean": lambda text: TRUTHS.get(text.lower())}
LIMITS = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
LOCATION = re.compile(r"(?:embedded|camunda-forms):(?:app|deployment|engine):(?:.*/)?(.*?)(?:\.form|\.html?)?")


def read_key(text: str, line: int | None = None) -> FormRef:
    """The form that a key means: one that names a file means the form of that name, camunda-forms:deployment:claim.form the form claim."""
    chosen = expression(text, line)
    if chosen.language == "juel":
        return FormRef(text.strip(), chosen=chosen)
    located = LOCATION.fullmatch(text.strip())
    return FormRef(located[1] if located else text.strip())


def read_reference(node: etree._Element, report: Report) -> FormRef:
    """A form by its id, `camunda:formRef`, with what binds it to a version."""
    kind, version = attribute(node, "formRefBinding") or "latest", attribute(node, "formRefVersion")
    if kind not in {"latest", "deployment", "version"}:
        report.refuse(node, f"formRefBinding is “{kind}”; it must be latest, deployment or version.")
    elif kind == "version" and whole(version) is None:
        report.refuse(node, "formRefBinding is “version”, so formRefVersion must be a whole number.")
    return FormRef(attribute(node, "formRef"), binding=kind, version=version if kind == "version" else None)


def read_fields(draft: Draft, node: etree._Element, report: Report) -> None:
    """`camunda:formData` as a form that stands in the model."""
    if node.get("businessKey"):
        report.refuse(node, "A form field as business key is not run by Ratchet; give the business key when starting.")
    fields = node.findall(f"{CAMUNDA}formField")
    components = [_field(child, report) for child in fields]
    _keep_schema(draft, components, [default for child in fields for default in _default_expression(child)], report)


def read_property(draft: Draft, node: etree._Element, report: Report) -> None:
    """`camunda:formProperty`, an older way to write a field: all of an element's stand in one form."""
    component = _field(node, report)
    component["key"] = node.get("variable") or component["key"]
    component["label"] = node.get("name") or component["label"]
    if not report.flag(node, "writable", True):
        component["readonly"] = True
    if report.flag(node, "required"):
        component["validate"] = {"required": True}
    user = draft.facts.setdefault("user", {})
    components, defaults = draft.facts.setdefault("form properties", ([], []))
    if components:
        del user["form"]
    components.append(component)
    defaults += _default_expression(node)
    _keep_schema(draft, components, defaults, report)


def _keep_schema(draft: Draft, components: list[dict[str, Any]], defaults: list[Assign], report: Report) -> None:
    schema = {"type": "default", "id": f"{draft.id}-form", "components": components}
    keep(draft, FormRef(draft.id, json.dumps(schema, ensure_ascii=False), defaults=tuple(defaults), takes_more=True), report)


def _default_expression(node: etree._Element) -> list[Assign]:
    """The default of a field where only the task itself knows it."""
    text = node.get("defaultValue") or node.get("default") or node.get("expression") or ""
    found = expression(text, line_of(node))
    return [Assign(node.get("variable") or node.get("id") or "", found)] if found.language == "juel" else []


def keep(draft: Draft, form: FormRef, report: Report) -> None:
    """Remember the form of a user task or start event, which has one at most. Generated fields go before the key of a form of elsewhere."""
    user = draft.facts.setdefault("user", {})
    there = user.get("form")
    if there is not None and (there.embedded is None) != (form.embedded is None):
        form = there if form.embedded is None else form
    elif there is not None:
        report.refuse(draft.node, "It has more than one form: keep one of formKey, formRef and formData.")
    user["form"] = form


def _field(node: etree._Element, report: Report) -> dict[str, Any]:
    kind = node.get("type", "") if local(node) == "formField" else node.get("type", "string")
    if kind not in TYPES:
        report.refuse(node, f"The form field “{node.get('id')}” is of type “{kind}”; Ratchet knows {', '.join(TYPES)}.")
    component = {**TYPES.get(kind, {}), "key": node.get("id", ""), "label": node.get("label") or node.get("id", "")}
    if kind == "enum":
        component["values"] = [_choice(item) for item in node.iterfind(f"{CAMUNDA}value")]
    if node.get("defaultValue") or node.get("default"):
        default = _default(node, kind, report)
        component |= {"defaultValue": default} if default is not None else {}
    for constraint in node.iterfind(f"{CAMUNDA}validation/{CAMUNDA}constraint"):
        _constrain(component, constraint, report)
    return component


def _choice(node: etree._Element) -> dict[str, Any]:
    return {"value": node.get("id"), "label": node.get("name") or node.get("id")}


def _default(node: etree._Element, kind: str, report: Report) -> Any:
    text = (node.get("defaultValue") or node.get("default") or "").strip()
    if _default_expression(node):
        return None
    value = DEFAULTS.get(kind, str)(text)
    if value is None:
        report.refuse(node, f"The default “{text}” is not a value of type {kind}.")
    return value


def _constrain(component: dict[str, Any], constraint: etree._Element, report: Report) -> None:
    name, config = constraint.get("name", ""), constraint.get("config", "")
    if name == "readonly":
        component["readonly"] = config != "false"
    elif name == "required":
        component.setdefault("validate", {})["required"] = config != "false"
    elif name in LIMITS and whole(config) is not None:
        component.setdefault("validate", {})[LIMITS[name]] = whole(config)
    else:
        known = ", ".join(["required", "readonly", *LIMITS])
        report.refuse(constraint, f"The constraint “{name}” with “{config}” is not run by Ratchet; it knows {known} (with a number).")
