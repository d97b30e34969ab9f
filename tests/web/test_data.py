"""The data factory over HTTP: status codes and bodies of the platform's contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from engine.core import Engine, SourceFile
from tests.web.conftest import ALEX, ANN

TABLES = b"""
CREATE TABLE city (city_id UUID PRIMARY KEY, city_name VARCHAR(20) NOT NULL UNIQUE);
CREATE TABLE street (street_id UUID PRIMARY KEY, street_name VARCHAR(20) NOT NULL, city_id UUID NOT NULL REFERENCES city (city_id));
"""
REGISTRY = b"signatures: optional\nnested:\n  address:\n    table: street\n    links:\n      city_id: {table: city}\n"
SOURCE = {"X-Source-System": "Low-code Platform", "X-Source-Application": "test", "X-Source-Business-Process": "p"}


@pytest.fixture
def data(app: Flask, engine: Engine) -> Callable[..., Any]:
    """data(method, path, json) as ann, with the headers that the contract asks for."""
    engine.deploy([SourceFile("d/tables.sql", TABLES), SourceFile("d/registry.yaml", REGISTRY)], ALEX)
    client = app.test_client()

    def call(method: str, path: str, json: Any = None, headers: Any = SOURCE, **options: Any) -> Any:
        token = {"X-Access-Token": engine.tokens.issue(ANN)}
        return client.open(f"/data{path}", method=method, json=json, headers={**token, **headers}, **options)

    return call


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.json["traceId"]
    return answer.status_code, answer.json["code"]


def test_a_record_from_its_creation_to_its_end(data: Any) -> None:
    created = data("POST", "/city", {"cityName": "Київ"})
    assert created.status_code == 201 and set(created.json) == {"id"}
    url = f"/city/{created.json['id']}"
    assert data("GET", url).json == {"cityId": created.json["id"], "cityName": "Київ"}
    changed = data("PUT", url, {"cityName": "Lviv"})
    assert (changed.status_code, changed.data) == (204, b"")
    assert data("GET", url).json["cityName"] == "Lviv"
    gone = data("DELETE", url)
    assert (gone.status_code, gone.data) == (204, b"")
    assert refusal(data("GET", url)) == (404, "NOT_FOUND")


def test_nested_records_are_one_step(data: Any) -> None:
    answer = data("PUT", "/nested/address", {"streetName": "Main", "city": {"cityName": "Odesa"}})
    assert answer.status_code == 200 and set(answer.json) == {"id"}
    street = data("GET", f"/street/{answer.json['id']}").json
    assert data("GET", f"/city/{street['cityId']}").json["cityName"] == "Odesa"
    assert data("PUT", "/nested/address", {"streetName": "x" * 30, "city": {"cityName": "Lviv"}}).status_code == 422
    assert data("POST", "/city", {"cityName": "Lviv"}).status_code == 201


def test_refusals_have_the_contracts_codes(data: Any) -> None:
    data("POST", "/city", {"cityName": "Lviv"})
    twice = data("POST", "/city", {"cityName": "Lviv"})
    assert refusal(twice) == (409, "CONSTRAINT_ERROR") and twice.json["details"] == {"constraint": "unique"}
    long = data("POST", "/city", {"cityName": "x" * 21})
    assert refusal(long) == (422, "VALIDATION_ERROR") and long.json["details"]["errors"][0]["field"] == "cityName"
    assert refusal(data("GET", "/city/5")) == (400, "METHOD_ARGUMENT_TYPE_MISMATCH")
    assert refusal(data("GET", f"/city/{uuid4()}")) == (404, "NOT_FOUND")
    assert refusal(data("POST", "/city", {"cityName": "Rivne"}, headers={})) == (400, "HEADERS_ARE_MISSING")
    assert refusal(data("POST", "/city", data=b"{", content_type="application/json")) == (400, "CLIENT_ERROR")
    assert refusal(data("POST", "/city", data=b"{}", content_type="text/plain")) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert refusal(data("PATCH", "/city/5")) == (404, "NOT_FOUND")
    assert refusal(data("GET", f"/nothing/{uuid4()}"))[0] == 404


@pytest.mark.parametrize("table", ["ratchet-person", "ratchet_person", "sqlite-master", "city-hst", "city;drop"])
def test_tables_that_are_not_the_registrys_are_not_there(data: Any, table: str) -> None:
    assert data("GET", f"/{table}/{uuid4()}").status_code in (400, 404)
    assert data("POST", f"/{table}", {}).status_code in (400, 404)


def test_nobody_and_strangers(app: Flask, data: Any) -> None:
    nobody = app.test_client()
    assert refusal(nobody.get("/data/city/5")) == (401, "AUTHENTICATION_FAILED")
    assert refusal(nobody.post("/data/city", json={}, headers={"X-Access-Token": "x.y.z"})) == (403, "JWT_INVALID")


def test_a_trace_is_carried_on(data: Any) -> None:
    assert data("GET", "/city/5", headers={"X-B3-TraceId": "80f198ee56343ba8"}).json["traceId"] == "80f198ee56343ba8"
