"""Who gets JSON, and what a request may hold."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.errors import InvalidData, Refused
from web.asked import entered, variables, wants_json

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/", BROWSER, False),
        ("/", "*/*", False),
        ("/", "application/json", True),
        ("/", "application/json, text/html;q=0.5", True),
        ("/?format=json", BROWSER, True),
        ("/?format=xml", BROWSER, False),
        ("/api/tasks", BROWSER, True),
        ("/data/city", BROWSER, True),
        ("/apiary", BROWSER, False),
    ],
)
def test_who_gets_json(app: Flask, path: str, accept: str, expected: bool) -> None:
    with app.test_request_context(path, headers={"Accept": accept}):
        assert wants_json() is expected


def test_a_page_without_a_form_has_entered_nothing(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"a": "b"}):
        assert entered() == {} and variables() == {}
    with app.test_request_context("/", method="POST", json={}):
        assert entered() == {}


def test_what_is_no_form(app: Flask) -> None:
    with app.test_request_context("/", method="POST", json={"data": [1]}), pytest.raises(Refused):
        entered()
    with app.test_request_context("/", method="POST", data={"variables": "NaN"}), pytest.raises(InvalidData):
        variables()
