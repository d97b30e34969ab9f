"""What the tests of the web pages share: applications with everything switched on, and processes small enough to read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.core import Engine, SourceFile
from engine.demo import PASSWORD, PEOPLE
from tests.models import END, START, line, user, zeebe
from web.application import create_app

ANN, BOB, ALEX, ROOT = PEOPLE
FORM = {
    "type": "default",
    "id": "enter",
    "components": [
        {"type": "textfield", "key": "name", "label": "Full name", "validate": {"required": True, "maxLength": 20}},
        {"type": "number", "key": "share", "label": "Share"},
    ],
}
OFFICERS = '<zeebe:assignmentDefinition candidateGroups="officers"/>'
WITH_FORM = f'<zeebe:formDefinition formId="enter"/>{OFFICERS}'
TWO_TASKS = START + user("enter", WITH_FORM) + user("check", OFFICERS) + END + line("start", "enter", "check", "end")


@pytest.fixture
def app(engine: Engine) -> Flask:
    """The application as it is served, with forgery tokens and limits."""
    return create_app(engine)


@pytest.fixture
def entered(engine: Engine) -> str:
    """The process `p`: enter (form `enter`), then check (no form), both for the officers. Gives the id of an instance started by ann."""
    engine.deploy([SourceFile("p.bpmn", zeebe(TWO_TASKS)), SourceFile("enter.form", json.dumps(FORM).encode())], ALEX)
    return engine.start("p", {"share": 5}, ANN, business_key="B-1")


def open_task(engine: Engine, instance_id: str) -> Any:
    return next(task for task in engine.instance(instance_id, ALEX).tasks if task.state == "open")


def forgery_token(client: FlaskClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def log_in(client: FlaskClient, user: str = "ann", **more: str) -> Any:
    form = {"username": user, "password": PASSWORD, "csrf_token": forgery_token(client), **more}
    return client.post("/login", data=form)


def words(html: str) -> str:
    """What a person reads on a page."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", text).strip()
