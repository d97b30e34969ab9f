"""The REST API: a process from deployment to its end by a program with a token, and bodies that do not fit."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from engine.core import Engine, SourceFile
from engine.identity import Person
from tests.models import END, START, job, line, zeebe
from tests.signing_client import sign_with_p12
from tests.web.conftest import ALEX, ANN, TWO_TASKS
from tests.web.test_signing import ENTRY

Client = Callable[[str], Any]


@pytest.fixture
def api(app: Flask, engine: Engine) -> Callable[..., Any]:
    """api(who, method, path, json) by an access token."""
    client = app.test_client()

    def call(who: Person, method: str, path: str, json: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {engine.tokens.issue(who)}"}
        return client.open(f"/api{path}", method=method, json=json, headers=headers, **options)

    return call


def test_from_deployment_to_the_end(api: Any) -> None:
    upload = {"files": [(BytesIO(zeebe(TWO_TASKS.replace('formId="enter"', 'formId="none"'))), "p.bpmn")]}
    deployed = api(ALEX, "POST", "/deployments", data=upload)
    assert deployed.status_code == 201 and deployed.json["definitions"][0]["key"] == "p"
    assert [each["version"] for each in api(ANN, "GET", "/definitions/p").json] == [1]
    started = api(ANN, "POST", "/instances", {"key": "p", "variables": {"n": 1.5}, "business_key": "B"})
    assert started.status_code == 201
    id = started.json["id"]
    for name in ("Task enter", "Task check"):
        task = api(ANN, "GET", "/tasks?filter=claimable").json[0]
        assert task["name"] == name and task["business_key"] == "B"
        assert api(ANN, "POST", f"/tasks/{task['id']}/claim").status_code == 204
        assert api(ANN, "GET", f"/tasks/{task['id']}").json["task"]["assignee"] == "ann"
        assert api(ANN, "POST", f"/tasks/{task['id']}/complete", {"data": {"done": name}}).json["instance_id"] == id
    detail = api(ALEX, "GET", f"/instances/{id}").json
    assert detail["info"]["state"] == "completed" and ["", "n", 1.5] in detail["variables"]
    assert [each["id"] for each in api(ALEX, "GET", "/instances?key=p&state=completed").json] == [id]


def test_a_signature_by_a_program(api: Any, demo_engine: Engine, pki: Any) -> None:
    key = next(each.key for each in demo_engine.definitions(ANN) if "nested" in each.key)
    demo_engine.start(key, {}, ANN)
    first, *_ = [*demo_engine.tasks(ANN, "mine"), *demo_engine.tasks(ANN, "claimable")]
    second = api(ANN, "POST", f"/tasks/{first.id}/complete", {"data": ENTRY}).json["next_task_id"]
    assert api(ANN, "POST", f"/tasks/{second}/complete", {"data": ENTRY}).status_code == 400
    request = api(ANN, "POST", f"/tasks/{second}/signing-requests", {"data": ENTRY})
    assert request.status_code == 201
    cms = sign_with_p12((pki.people / "ann.p12").read_bytes(), "demo", b64decode(request.json["document"]))
    body = {"request_id": request.json["id"], "signature": "not base64!"}
    assert api(ANN, "POST", f"/tasks/{second}/complete", body).status_code == 422
    done = api(ANN, "POST", f"/tasks/{second}/complete", {**body, "signature": b64encode(cms).decode()})
    assert done.status_code == 200 and done.json["next_task_id"] is None


def test_external_workers(api: Any, engine: Engine) -> None:
    engine.deploy([SourceFile("j.bpmn", zeebe(START + job("work", "paint") + END + line("start", "work", "end"), key="j"))], ALEX)
    id = engine.start("j", {}, ANN)
    take = {"type": "paint", "worker": "w1"}
    found = api(ALEX, "POST", "/jobs/activate", take).json
    assert [each["element_id"] for each in found] == ["work"] and api(ALEX, "POST", "/jobs/activate", take).json == []
    assert api(ALEX, "POST", f"/jobs/{found[0]['id']}/fail", {"message": "dry", "retries": 1}).status_code == 204
    again = api(ALEX, "POST", "/jobs/activate", take).json
    assert api(ALEX, "POST", f"/jobs/{again[0]['id']}/complete", {"variables": {"coats": 2}}).status_code == 204
    assert engine.instance(id, ALEX).info.state == "completed"
    assert api(ANN, "POST", "/jobs/activate", take).status_code == 403
    assert api(ALEX, "POST", f"/jobs/{again[0]['id']}/complete", {}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/instances", {}, "key"),
        ("/instances", {"key": ""}, "key"),
        ("/instances", {"key": 5}, "key"),
        ("/instances", {"key": "p", "variables": []}, "variables"),
        ("/instances", {"key": "p", "version": 0}, "version"),
        ("/instances", {"key": "p", "buisness_key": "B"}, "buisness_key"),
        ("/messages", {"name": "m", "ttl_seconds": -1}, "ttl_seconds"),
        ("/messages", {"name": "m", "variables": {"a": 1}, "key": ["x"]}, "key"),
        ("/jobs/activate", {"type": "t", "limit": 101}, "limit"),
        ("/jobs/x/fail", {}, "message"),
        ("/tasks/x/complete", {"data": "text"}, "data"),
    ],
)
def test_bodies_that_do_not_fit_name_the_field(api: Any, path: str, body: Any, field: str) -> None:
    refused = api(ALEX, "POST", path, body)
    assert refused.status_code == 422 and list(refused.json["errors"]) == [field]


@pytest.mark.parametrize(("body", "status"), [(b"[1]", 400), (b"{", 400), (b"\xff", 400), (b"", 400)])
def test_bodies_that_are_no_object(api: Any, body: bytes, status: int) -> None:
    refused = api(ALEX, "POST", "/instances", data=body, content_type="application/json")
    assert refused.status_code == status and refused.json["message"]


def test_what_is_not_there(api: Any) -> None:
    for method, path in (
        ("GET", "/tasks/x"),
        ("GET", "/instances/x"),
        ("POST", "/instances/x/retry"),
        ("GET", "/definitions/x"),
        ("GET", "/x"),
    ):
        refused = api(ALEX, method, path)
        assert refused.status_code == 404 and refused.json["message"], path
    assert api(ALEX, "PUT", "/tasks").status_code == 405
    assert api(ALEX, "POST", "/instances", data=b"x", content_type="text/plain").status_code == 415


def test_an_unknown_filter_is_refused(api: Any) -> None:
    assert api(ALEX, "GET", "/tasks?filter=everything").status_code == 422
    assert api(ANN, "GET", "/tasks?filter=all").status_code == 403
