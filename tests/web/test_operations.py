"""The REST API of operations: instances suspended, changed, moved, migrated and rerun by a program, one by one and many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from engine.core import Engine, SourceFile
from engine.identity import Person
from tests.models import END, START, job, line, user, zeebe
from tests.web.conftest import ALEX, ANN

Api = Callable[..., Any]
A = START + user("a") + user("b") + END + line("start", "a", "b", "end")
WORK = START + job("work", "paint") + END + line("start", "work", "end")


@pytest.fixture
def api(app: Flask, engine: Engine) -> Api:
    """api(method, path, json) by an access token of alex, or of whoever is named."""
    client = app.test_client()

    def call(method: str, path: str, json: Any = None, who: Person = ALEX) -> Any:
        headers = {"Authorization": f"Bearer {engine.tokens.issue(who)}"}
        return client.open(f"/api{path}", method=method, json=json, headers=headers)

    return call


def deploy(engine: Engine, body: str, key: str = "p") -> None:
    engine.deploy([SourceFile(f"{key}.bpmn", zeebe(body, key=key))], ALEX)


@pytest.fixture
def started(engine: Engine) -> str:
    deploy(engine, A)
    return engine.start("p", {"n": 1}, ANN)


def test_suspend_and_resume(api: Api, started: str) -> None:
    assert api("PUT", f"/instances/{started}/suspension").status_code == 204
    refused = api("PUT", f"/instances/{started}/suspension")
    assert refused.status_code == 400 and "resume" in refused.json["message"]
    assert [one["id"] for one in api("GET", "/instances?state=suspended&element=a").json] == [started]
    assert api("DELETE", f"/instances/{started}/suspension").status_code == 204


def test_variables_and_modification(api: Api, started: str, engine: Engine) -> None:
    assert api("PATCH", f"/instances/{started}/variables", {"variables": {"m": 2}, "removed": ["n"]}).status_code == 204
    steps = {"instructions": [{"kind": "before", "element": "b"}, {"kind": "cancel", "element": "a"}], "variables": {"k": 3}}
    assert api("POST", f"/instances/{started}/modification", steps).status_code == 204
    detail = api("GET", f"/instances/{started}").json
    assert detail["tokens"] == {"b": 1} and detail["variables"] == [["", "k", 3], ["", "m", 2]]
    refused = api("POST", f"/instances/{started}/modification", {"instructions": [{"kind": "before", "element": "x"}]})
    assert refused.status_code == 400 and "no element “x”" in refused.json["message"]
    wrong = api("POST", f"/instances/{started}/modification", {"instructions": [{"kind": "jump"}]})
    assert wrong.status_code == 422 and list(wrong.json["errors"]) == ["instructions.0.kind"]


def test_plan_and_migrate(api: Api, started: str, engine: Engine) -> None:
    deploy(engine, START + user("other") + END + line("start", "other", "end"))
    plan = api("POST", "/migration-plans", {"key": "p", "from_version": 1}).json
    assert (plan["to_version"], plan["gone"], plan["new"], plan["instances"]) == (2, ["a", "b"], ["other"], 1)
    assert [one["element"] for one in plan["obstacles"]] == ["a"]
    refused = api("POST", f"/instances/{started}/migration", {})
    assert refused.status_code == 400 and "Map it" in refused.json["message"]
    assert api("POST", f"/instances/{started}/migration", {"mapping": {"a": "other"}}).status_code == 204
    assert api("GET", f"/instances/{started}").json["tokens"] == {"other": 1}


def test_rerun(api: Api, started: str) -> None:
    made = api("POST", f"/instances/{started}/rerun", {"before": ["b"], "variables": {"n": 2}})
    assert made.status_code == 201
    detail = api("GET", f"/instances/{made.json['id']}").json
    assert (detail["tokens"], detail["variables"], detail["info"]["rerun_of"]) == ({"b": 1}, [["", "n", 2]], started)


def test_start_at_an_element(api: Api, started: str) -> None:
    made = api("POST", "/instances", {"key": "p", "after": ["a"]})
    assert api("GET", f"/instances/{made.json['id']}").json["tokens"] == {"b": 1}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("suspend", {}),
        ("cancel", {}),
        ("retry", {}),
        ("change-variables", {"variables": {"x": 1}}),
        ("modify", {"instructions": [{"kind": "before", "element": "b"}]}),
        ("rerun", {"before": ["b"]}),
    ],
)
def test_batches(api: Api, engine: Engine, started: str, operation: str, arguments: Any) -> None:
    other = engine.start("p", {}, ANN, business_key="B")
    chosen = {"operation": operation, "selection": {"key": "p", "element": "a"}, "arguments": arguments}
    outcomes = api("POST", "/batches", chosen).json
    assert {one["instance_id"] for one in outcomes} == {started, other} and all(one["done"] for one in outcomes), outcomes
    assert all(bool(one["made"]) is (operation == "rerun") for one in outcomes)


def test_batches_that_are_refused(api: Api, engine: Engine, started: str) -> None:
    everything = {"operation": "cancel", "selection": {}}
    assert api("POST", "/batches", everything).status_code == 400
    assert api("POST", "/batches", {"operation": "explode", "selection": {"key": "p"}}).status_code == 422
    wrong = api("POST", "/batches", {"operation": "migrate", "selection": {"key": "p"}, "arguments": {"version": 0}})
    assert wrong.status_code == 422 and list(wrong.json["errors"]) == ["arguments.version"]
    engine.suspend(started, ALEX)
    (outcome,) = api("POST", "/batches", {"operation": "suspend", "selection": {"ids": [started]}}).json
    assert outcome["done"] is False and "suspended" in outcome["message"]


def test_filters_that_cannot_be_read(api: Api, started: str) -> None:
    assert api("GET", "/instances?version=x").status_code == 422
    assert list(api("GET", "/incidents?started_after=yesterday").json["errors"]) == ["started_after"]
    assert api("GET", "/instances?version=1&started_after=2020-01-01T00:00:00Z").json[0]["id"] == started


def test_workers(api: Api, engine: Engine) -> None:
    deploy(engine, WORK, "w")
    id = engine.start("w", {}, ANN)
    take = {"type": "paint", "worker": "one", "lock_seconds": 60}
    (mine,) = api("POST", "/jobs/activate", take).json
    assert api("PUT", f"/jobs/{mine['id']}/lock", {"worker": "one", "lock_seconds": 120}).status_code == 204
    assert api("PUT", f"/jobs/{mine['id']}/lock", {"worker": "two"}).status_code == 409
    assert api("POST", f"/jobs/{mine['id']}/complete", {"worker": "two"}).status_code == 409
    assert api("POST", f"/jobs/{mine['id']}/fail", {"worker": "one", "message": "dry", "retries": 0}).status_code == 204
    (incident,) = api("GET", "/incidents?key=w&incident=DRY").json
    assert (incident["instance_id"], incident["element_id"]) == (id, "work")
    assert api("POST", f"/incidents/{incident['id']}/retry").status_code == 204
    assert api("POST", f"/jobs/{mine['id']}/error", {"code": "E", "message": "no way"}).status_code == 204
    assert "no way" in api("GET", "/incidents").json[0]["message"]


def test_signals_and_clearing(api: Api, engine: Engine, started: str) -> None:
    assert api("POST", "/signals", {"name": "nobody"}).json == {"reached": []}
    assert api("DELETE", "/definitions/p:1").status_code == 400
    engine.cancel(started, ALEX)
    assert api("DELETE", "/definitions/p:1?with_instances=true").status_code == 204
    assert api("DELETE", "/definitions/p:1").status_code == 404
    assert api("POST", "/clean-up").json == {"instances": 0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/instances/{id}/suspension", None),
        ("DELETE", "/instances/{id}/suspension", None),
        ("PATCH", "/instances/{id}/variables", {"variables": {"x": 1}}),
        ("POST", "/instances/{id}/modification", {"instructions": [{"kind": "before", "element": "b"}]}),
        ("POST", "/instances/{id}/migration", {}),
        ("POST", "/instances/{id}/rerun", {}),
        ("POST", "/migration-plans", {"key": "p", "from_version": 1}),
        ("POST", "/batches", {"operation": "cancel", "selection": {"key": "p"}}),
        ("GET", "/instances?element=a", None),
        ("GET", "/incidents", None),
        ("POST", "/incidents/x/retry", None),
        ("POST", "/signals", {"name": "s"}),
        ("POST", "/jobs/x/error", {"code": "E"}),
        ("PUT", "/jobs/x/lock", {"worker": "w"}),
        ("DELETE", "/definitions/p:1", None),
        ("POST", "/clean-up", None),
    ],
)
def test_only_for_analysts(api: Api, started: str, method: str, path: str, body: Any) -> None:
    assert api(method, path.format(id=started), body, ANN).status_code == 403
