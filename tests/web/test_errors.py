"""Errors: each class has its status, and nobody reads what is none of their business."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from engine import errors
from engine.data.errors import DataError
from engine.errors import RatchetError
from tests.web.conftest import log_in
from web.errors import status_of

Client = Callable[[str], Any]


def family(kind: type[RatchetError]) -> Iterator[type[RatchetError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from family(each)


def test_every_error_of_the_engine_has_a_status(app: Flask) -> None:
    for kind in set(family(RatchetError)) - {DataError}:
        status = status_of(kind.__new__(kind))
        assert 400 <= status < 600 and (status < 500) == issubclass(kind, errors.Refused), kind


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound(), 404),
        (errors.Forbidden(), 403),
        (errors.SomebodyWasFaster(), 409),
        (errors.InvalidData({"a": ["b"]}), 422),
        (errors.Refused("no"), 400),
        (errors.BpmnError("X"), 500),
        (DataError("CONSTRAINT_ERROR", "m"), 409),
        (DataError("SIGNATURE_VIOLATION", "m"), 412),
    ],
)
def test_the_status_of_the_common_ones(error: RatchetError, status: int) -> None:
    assert status_of(error) == status


@pytest.fixture
def broken(app: Flask) -> Any:
    """A client of an application one of whose pages has a mistake in it."""
    app.add_url_rule("/broken", "broken", lambda: {}["password=hunter2"])
    client = app.test_client()
    log_in(client)
    return client


def test_a_mistake_of_ours_is_told_without_its_secrets(broken: Any, caplog: pytest.LogCaptureFixture) -> None:
    page, data = broken.get("/broken"), broken.get("/broken?format=json")
    assert page.status_code == data.status_code == 500
    assert "hunter2" not in page.text + data.text and "Reference" in page.text
    assert data.json["reference"] in caplog.text and "hunter2" in caplog.text


def test_pages_that_are_not_there(client: Client) -> None:
    page = client("ann").get("/nothing")
    assert page.status_code == 404 and "There is no such page" in page.text and "Go to my tasks" in page.text
    assert client("ann").get("/nothing?format=json").json["message"]
    assert client("ann").post("/processes").status_code == 405


def test_a_refusal_names_its_fields_in_both_forms(client: Client, entered: str) -> None:
    body = {"variables": "{"}
    page = client("alex").post("/processes/p/start", data=body)
    assert page.status_code == 422 and "not JSON" in page.text
    assert client("alex").post("/processes/p/start?format=json", data=body).json["errors"]["variables"]
