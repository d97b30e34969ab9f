"""The data factory over HTTP: status codes and bodies of the platform's contract."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from engine.core import Engine, SourceFile
from engine.identity import Person
from tests.web.conftest import ALEX, ANN, BOB

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


PLAIN = b"""
CREATE TABLE pet (pet_id UUID PRIMARY KEY, name VARCHAR(20) NOT NULL, sort VARCHAR(10), legs INTEGER CHECK (legs > 0), born DATE);
"""
PETS = b"""
signatures: optional
partial: {pet-name: {table: pet, columns: [name]}}
enums: {pet-sort: {columns: [pet.sort], values: {DOG: Dog, CAT: Cat}}}
search:
  pet-by-name: {table: pet, where: {name: contains, legs: between}, sort: [name], pagination: page}
permissions:
  pet: {delete: [admin], search: [officer]}
  pet-by-name: {search: [analyst, officer]}
"""


@pytest.fixture
def pets(engine: Engine, data: Callable[..., Any]) -> Callable[..., Any]:
    engine.deploy([SourceFile("p/tables.sql", PLAIN), SourceFile("p/registry.yaml", PETS)], ALEX)
    return data


def made(pets: Any, **fields: Any) -> str:
    answer = pets("POST", "/pet", {"name": "Rex", **fields})
    assert answer.status_code == 201
    return f"/pet/{answer.json['id']}"


def test_an_etag_guards_against_a_change_in_between(pets: Any) -> None:
    url = made(pets)
    read = pets("GET", url)
    tag = read.headers["ETag"]
    assert pets("GET", url, headers={"If-None-Match": tag}).status_code == 304
    mine, theirs = {**SOURCE, "If-Match": tag}, {**SOURCE, "If-Match": '"other", ' + tag}
    assert pets("PUT", url, {"name": "Max"}, headers=theirs).status_code == 204
    assert refusal(pets("PUT", url, {"name": "Kim"}, headers=mine)) == (412, "PRECONDITION_FAILED")
    assert refusal(pets("PATCH", f"/partial/pet-name/{url[5:]}", {"name": "Kim"}, headers=mine)) == (412, "PRECONDITION_FAILED")
    assert pets("GET", url).json["name"] == "Max" and pets("GET", url).headers["ETag"] != tag
    assert pets("PATCH", f"/partial/pet-name/{url[5:]}", {"name": "Kim"}, headers={**SOURCE, "If-Match": "*"}).status_code == 204
    assert refusal(pets("PUT", f"/pet/{uuid4()}", {}, headers={**SOURCE, "If-Match": "*"})) == (412, "PRECONDITION_FAILED")


def test_a_deletion_under_an_etag(data: Any) -> None:
    url = f"/city/{data('POST', '/city', {'cityName': 'Kyiv'}).json['id']}"
    assert refusal(data("DELETE", url, headers={**SOURCE, "If-Match": '"x"'})) == (412, "PRECONDITION_FAILED")
    assert data("DELETE", url, headers={**SOURCE, "If-Match": data("GET", url).headers["ETag"]}).status_code == 204


def test_partial_updates_change_only_what_is_declared(pets: Any) -> None:
    url = made(pets, legs=4)
    assert pets("PATCH", f"/partial/pet-name{url[4:]}", {"name": "Max"}).status_code == 204
    wrong = pets("PATCH", f"/partial/pet-name{url[4:]}", {"legs": 3})
    assert refusal(wrong) == (422, "VALIDATION_ERROR") and wrong.json["details"]["errors"][0]["field"] == "legs"
    assert pets("GET", url).json["legs"] == 4


def test_lists_come_in_whole_or_not_at_all(pets: Any) -> None:
    done = pets("POST", "/pet/list", {"entities": [{"name": "a"}, {"name": "b"}]})
    assert done.status_code == 201 and [set(one) for one in done.json] == [{"id"}, {"id"}]
    wrong = pets("POST", "/pet/list", {"entities": [{"name": "c"}, {"name": "x" * 21}, 5]})
    assert [error["field"] for error in wrong.json["details"]["errors"]] == ["entities[1].name", "entities[2]"]
    late = pets("POST", "/pet/list", {"entities": [{"name": "c"}, {"name": "d", "legs": 0}]})
    assert refusal(late) == (409, "CONSTRAINT_ERROR") and late.json["details"] == {"constraint": "check"}
    for count in (0, 51):
        answer = pets("POST", "/pet/list", {"entities": [{"name": "e"}] * count})
        assert refusal(answer) == (422, "LIST_SIZE_VALIDATION_ERROR")
    assert pets("POST", "/pet/list", {"entities": {}}).status_code == 422
    assert pets("GET", "/search/pet-by-name").json["totalElements"] == 2


def stored(pets: Any, text: bytes) -> dict[str, str]:
    answer = pets("POST", "/digital-documents?name=pets.csv", data=text, content_type="text/csv")
    assert answer.status_code == 201
    return {"id": answer.json["id"], "checksum": answer.json["checksum"]}


def test_rows_of_a_stored_csv(pets: Any) -> None:
    named = stored(pets, 'name;legs;born\r\nRex;4;2020-02-29\r\n"Мурка; the cat";;\r\n'.encode())
    assert pets("POST", "/pet/csv/validation", named).json == {"rows": 2}
    assert len(pets("POST", "/pet/csv", named).json) == 2
    found = pets("GET", "/search/pet-by-name").json["content"]
    assert [(row["name"], row["legs"], row["born"]) for row in found] == [("Rex", 4, "2020-02-29"), ("Мурка; the cat", None, None)]
    assert refusal(pets("POST", "/pet/csv", {**named, "checksum": "0" * 64})) == (500, "FILE_WAS_CHANGED")
    assert refusal(pets("POST", "/pet/csv", {"id": "nothing"})) == (400, "FILE_NOT_FOUND")
    assert refusal(pets("POST", "/pet/csv", {"id": 5})) == (400, "CLIENT_ERROR")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("name\nя".encode("cp1251"), (400, "CSV_ENCODING_ERROR")),
        (b"name\x00\nx", (400, "CSV_ENCODING_ERROR")),
        (b"", (400, "CSV_PARSING_ERROR")),
        (b"name,name\na,b", (400, "CSV_PARSING_ERROR")),
        (b"name,legs\na", (400, "CSV_PARSING_ERROR")),
        (b'name\n"a', (400, "CSV_PARSING_ERROR")),
        (b"name,legs\na,many", (422, "CSV_VALIDATION_ERROR")),
        (b'name,"legs); DROP TABLE pet; --"\na,1', (422, "CSV_VALIDATION_ERROR")),
        (b"name,sort\na,COW", (422, "CSV_VALIDATION_ERROR")),
    ],
)
def test_csv_that_cannot_be_taken(pets: Any, text: bytes, refused: tuple[int, str]) -> None:
    assert refusal(pets("POST", "/pet/csv/validation", data=text, content_type="text/csv")) == refused
    assert refusal(pets("POST", "/pet/csv", stored(pets, text))) == refused
    assert pets("GET", "/search/pet-by-name").json["totalElements"] == 0


def test_an_empty_name_is_found_before_it_is_loaded(pets: Any) -> None:
    answer = pets("POST", "/pet/csv/validation", data=b"name,legs\n,4", content_type="text/csv")
    assert refusal(answer) == (422, "CSV_VALIDATION_ERROR") and answer.json["details"]["errors"][0]["field"] == "rows[0].name"


def test_searches_by_query_and_by_body(pets: Any) -> None:
    for name, legs in (("Rex", 4), ("Maxi", 3), ("Alex", 4)):
        made(pets, name=name, legs=legs)
    page = pets("GET", "/pet-by-name?name=EX&legsFrom=4&pageSize=1&pageNo=1").json
    assert [row["name"] for row in page.pop("content")] == ["Rex"]
    assert page == {"totalElements": 2, "totalPages": 2, "pageNo": 1, "pageSize": 1}
    assert pets("POST", "/search/pet-by-name?pageSize=2", {"name": "x", "legsTo": None}).json["totalElements"] == 3
    assert len(pets("POST", "/search/pet", {"legs": 4}).json) == 2
    assert refusal(pets("GET", "/search/pet-by-name?legsFrom=many")) == (400, "CLIENT_ERROR")
    assert refusal(pets("POST", "/search/pet-by-name", {"nothing": 1})) == (422, "VALIDATION_ERROR")
    assert refusal(pets("GET", "/search/nothing")) == (404, "NOT_FOUND")


def test_code_lists(pets: Any) -> None:
    assert pets("GET", "/enum/pet-sort").json == [{"code": "DOG", "label": "Dog"}, {"code": "CAT", "label": "Cat"}]
    assert pets("GET", "/enum/pet-sort/CAT").json == {"code": "CAT", "label": "Cat"}
    assert refusal(pets("GET", "/enum/pet-sort/COW")) == (404, "NOT_FOUND")
    cow = pets("POST", "/pet", {"name": "Berta", "sort": "COW"})
    assert refusal(cow) == (422, "VALIDATION_ERROR") and cow.json["details"]["errors"][0]["message"] == "must be one of DOG, CAT"
    assert pets("GET", made(pets, sort="DOG")).json["sort"] == "DOG"


def test_rights_are_the_engines(pets: Any, app: Flask, engine: Engine) -> None:
    url = made(pets)
    assert refusal(pets("DELETE", url)) == (403, "FORBIDDEN_OPERATION")
    analyst = {"X-Access-Token": engine.tokens.issue(Person("x", "X", frozenset({"analyst"})))}
    assert refusal(app.test_client().get("/data/search/pet", headers=analyst)) == (403, "FORBIDDEN_OPERATION")
    assert app.test_client().get("/data/search/pet-by-name", headers=analyst).status_code == 200


def test_a_rows_history(pets: Any) -> None:
    url = made(pets)
    pets("PUT", url, {"name": "Max"})
    told = pets("GET", f"{url}/history").json
    assert [(one["ddmDmlOp"], one["row"]["name"], one["sourceProcess"]) for one in told] == [("I", "Rex", "p"), ("U", "Max", "p")]
    assert told[0]["currUser"] == ANN.serial_number and told[0]["ddmCreatedAt"]
    assert pets("GET", f"{url}/documents").json == []
    assert refusal(pets("GET", f"{url}/documents/process/i/task/t")) == (404, "NOT_FOUND")
    assert refusal(pets("GET", f"/pet/{uuid4()}/history")) == (404, "NOT_FOUND")


def test_a_stored_file_is_its_owners(pets: Any, app: Flask, engine: Engine) -> None:
    id = stored(pets, b"secret")["id"]
    assert pets("GET", f"/digital-documents/{id}").data == b"secret"
    bob = {"X-Access-Token": engine.tokens.issue(BOB)}
    assert refusal(app.test_client().get(f"/data/digital-documents/{id}", headers=bob)) == (400, "FILE_NOT_FOUND")


def test_the_description_is_made_from_the_tables(pets: Any) -> None:
    told = pets("GET", "/openapi.json").json
    assert {"/data/pet", "/data/pet/list", "/data/nested/address", "/data/partial/pet-name/{id}", "/data/enum/pet-sort"} <= set(told["paths"])
    assert told["components"]["schemas"]["pet"]["properties"]["sort"]["enum"] == ["DOG", "CAT"]
    example = told["components"]["schemas"]["pet"]["examples"][0]
    assert pets("POST", "/pet", example).status_code == 201
    nested = told["components"]["schemas"]["nested.address"]["examples"][0]
    del nested["streetId"], nested["city"]["cityId"]
    assert pets("PUT", "/nested/address", nested).status_code == 200
    asked = told["paths"]["/data/search/pet-by-name"]["post"]["requestBody"]["content"]["application/json"]["schema"]["examples"][0]
    assert pets("POST", "/search/pet-by-name", asked).status_code == 200


@pytest.mark.parametrize("hostile", ["'; DROP TABLE city; --", '"', "\\", "%s", "$1", ":id", "\x00", "<script>"])
def test_nothing_that_is_sent_becomes_sql(data: Any, hostile: str) -> None:
    for method, path in (("GET", f"/city/{hostile}"), ("GET", f"/search/city?cityName={hostile}"), ("GET", f"/{hostile}"), ("DELETE", f"/city/{hostile}")):
        assert data(method, path).status_code in (200, 400, 404)
    assert data("POST", "/city", {hostile: hostile}).status_code == 422
    assert data("POST", "/city", {"cityName": hostile[:20]}).status_code in (201, 422)
    assert data("PUT", "/nested/address", {"streetName": "x", "city": {hostile: 1}}).status_code == 422
    assert data("GET", "/search/city").status_code == 200


def test_tables_change_only_when_that_is_confirmed(app: Flask, pets: Any, engine: Engine) -> None:
    url, client = made(pets), app.test_client()
    token = {"X-Access-Token": engine.tokens.issue(ALEX)}

    def deploy(sql: bytes, **more: str) -> Any:
        return client.post("/api/deployments", data={"files": (BytesIO(sql), "p/tables.sql"), **more}, headers=token)

    wider = PLAIN.replace(b"born DATE", b"born DATE, chip VARCHAR(15)")
    asked = deploy(wider)
    assert asked.status_code == 409 and asked.json["changes"] == ["table pet: the column chip is new (VARCHAR(15))"]
    assert "chip" not in pets("GET", url).json
    assert deploy(wider, confirm="true").json["changes"] == asked.json["changes"]
    assert pets("GET", url).json["chip"] is None
    assert deploy(wider).status_code == 201
    assert deploy(PLAIN, confirm="true").status_code == 422
