"""The description of the REST API says what the routes are and take."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from web.api import VERBS

Client = Callable[[str], Any]


@pytest.fixture
def description(client: Client) -> Any:
    return client("ann").get("/api/openapi.json").json


def test_every_route_is_described(app: Flask, description: Any) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                operation = description["paths"][path][method.lower()]
                assert operation["summary"] and {each["name"] for each in operation["parameters"] if each["in"] == "path"} == rule.arguments


def test_bodies_are_those_that_are_checked(description: Any) -> None:
    operations = {each["operationId"]: each for path in description["paths"].values() for each in path.values()}
    assert set(VERBS) == set(operations)
    assert {name for name, verb in VERBS.items() if verb.takes} == {name for name in operations if "requestBody" in operations[name]} - {
        "deploy"
    }
    assert operations["start"]["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Start"}
    start = description["components"]["schemas"]["Start"]
    assert start["required"] == ["key"] and start["additionalProperties"] is False
    assert "multipart/form-data" in operations["deploy"]["requestBody"]["content"]
    assert {name for name, each in operations.items() if "201" in each["responses"]} == {"deploy", "start", "prepare_signature", "rerun"}


def test_answers_have_the_shape_of_the_engines_own_data(description: Any) -> None:
    tasks = description["paths"]["/api/tasks"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert tasks == {"type": "array", "items": {"$ref": "#/components/schemas/TaskInfo"}}
    assert "candidate_groups" in description["components"]["schemas"]["TaskInfo"]["properties"]
    assert "204" in description["paths"]["/api/tasks/{task_id}/claim"]["post"]["responses"]


def test_references_lead_somewhere_in_the_document(description: Any) -> None:
    for reference in set(re.findall(r"'\$ref': '([^']+)'", str(description))):
        node = description
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]
