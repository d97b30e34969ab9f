"""Each delegate of the data factory has an element template for the modeler, and each template leads to something that is there."""

from __future__ import annotations

import json

import pytest

from engine.delegates import DELEGATES, JOB_TYPES, data_factory, documents, outcome, own, paths
from engine.demo import HERE

TEMPLATES = {path.name: json.loads(path.read_text()) for path in sorted((HERE / "processes/element-templates").glob("*.json"))}


def target(template):
    """What a template calls: the bean, or the job type."""
    for found in template["properties"]:
        binding = found["binding"]
        if binding.get("name") == "camunda:delegateExpression":
            return found["value"].strip("${} ")
        if binding["type"] in ("zeebe:taskDefinition:type", "zeebe:taskDefinition"):
            return found["value"]
    return None


TARGETS = {name: target(template) for name, template in TEMPLATES.items()}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_leads_somewhere(name):
    assert TARGETS[name] is None or TARGETS[name] in DELEGATES or TARGETS[name] in JOB_TYPES
    assert all(one.get("label") or one["type"] == "Hidden" for one in TEMPLATES[name]["properties"])


def test_ids_are_there_once():
    ids = [template["id"] for template in TEMPLATES.values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "delegate",
    [*data_factory.DELEGATES, *paths.DELEGATES, *documents.DELEGATES, *outcome.DELEGATES, *own.DELEGATES, *own.JOB_TYPES],
)
def test_a_delegate_has_a_template(delegate):
    assert delegate in TARGETS.values()


@pytest.mark.parametrize("delegate", [*data_factory.DELEGATES, *paths.DELEGATES])
def test_the_result_variable_is_the_response(delegate):
    (template,) = (template for name, template in TEMPLATES.items() if TARGETS[name] == delegate)
    outputs = [one["binding"] for one in template["properties"] if one["binding"]["type"] == "camunda:outputParameter"]
    assert outputs == [{"type": "camunda:outputParameter", "source": "${ response }"}]
