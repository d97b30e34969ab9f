"""Starting processes, and bringing in new versions of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from engine.core import Engine, SourceFile
from tests.models import END, START, camunda, line, user, zeebe
from tests.web.conftest import ALEX, FORM, TWO_TASKS, open_task, words

Client = Callable[[str], Any]
JSON = {"Accept": "application/json"}


def files(*named: tuple[str, bytes]) -> dict[str, Any]:
    return {"data": {"files": [(BytesIO(content), name) for name, content in named]}, "content_type": "multipart/form-data"}


def test_without_processes_the_page_says_who_can_help(client: Client) -> None:
    assert "Ask an analyst" in client("ann").get("/processes").text
    assert "Deploy one" in client("alex").get("/processes").text


def test_starting_leads_to_the_first_task(client: Client, engine: Engine, entered: str) -> None:
    ann = client("ann")
    answer = ann.post("/processes/p/start")
    started = engine.instances(ALEX)
    new = next(each.id for each in started if each.id != entered)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/tasks/{open_task(engine, new).id}"
    assert "Started: p" in ann.get(answer.headers["Location"]).text


def test_an_analyst_starts_with_key_and_variables(client: Client, engine: Engine, entered: str) -> None:
    client("alex").post("/processes/p/start", data={"business_key": " B-2 ", "variables": '{"share": 9, "list": [1, null]}'})
    new = next(each for each in engine.instances(ALEX) if each.business_key == "B-2")
    assert {name: value for _, name, value in engine.instance(new.id, ALEX).variables} == {"share": 9, "list": [1, None]}


def test_a_start_form_comes_first_and_is_checked(client: Client, engine: Engine) -> None:
    begin = START.replace('id="start"', 'id="start" camunda:formKey="enter"')
    model = camunda(begin + user("u", attributes='camunda:assignee="ann"') + END + line("start", "u", "end"))
    engine.deploy([SourceFile("p.bpmn", model), SourceFile("enter.form", json.dumps(FORM).encode())], ALEX)
    ann = client("ann")
    assert ann.post("/processes/p/start").headers["Location"] == "/processes/p/start"
    page = ann.get("/processes/p/start").text
    assert 'data-submit="/processes/p/start"' in page and "Full name" in page
    refused = ann.post("/processes/p/start", json={"data": {"share": 1}}, headers=JSON)
    assert refused.status_code == 422 and refused.json["errors"].keys() == {"name"} and engine.instances(ALEX) == []
    started = ann.post("/processes/p/start", json={"data": {"name": "Olena"}}, headers=JSON).json["redirect"]
    assert started == f"/tasks/{open_task(engine, engine.instances(ALEX)[0].id).id}"
    client("alex").post("/processes/p/start", data={"variables": '{"name": "Ivan"}'})
    assert len(engine.instances(ALEX)) == 2


@pytest.mark.parametrize("text", ["{", "[1]", "5", '"x"', "{'a': 1}"])
def test_variables_that_are_none(client: Client, engine: Engine, entered: str, text: str) -> None:
    answer = client("alex").post("/processes/p/start", data={"variables": text}, headers=JSON)
    assert answer.status_code == 422 and "variables" in answer.json["errors"]
    assert len(engine.instances(ALEX)) == 1


def test_there_is_no_such_process(client: Client) -> None:
    for path in ("/processes/nothing/start", "/definitions/nothing", "/definitions/nothing:1/xml"):
        assert client("alex").get(path).status_code == 404
    assert client("ann").post("/processes/nothing/start").status_code == 404


def test_uploaded_files_are_deployed_and_told(client: Client, engine: Engine) -> None:
    alex = client("alex")
    page = words(alex.post("/definitions", **files(("a.bpmn", zeebe(TWO_TASKS)))).text)
    assert "Deployed. p: version 1" in page
    assert "p: version 1, unchanged" in words(alex.post("/definitions", **files(("a.bpmn", zeebe(TWO_TASKS)))).text)
    assert "version 2" in words(alex.post("/definitions", **files(("a.bpmn", zeebe(TWO_TASKS + "<!-- -->")))).text)
    assert [each["version"] for each in alex.get("/definitions/p?format=json").json["versions"]] == [2, 1]
    assert alex.get("/definitions/p:1/xml").data == zeebe(TWO_TASKS)


def test_problems_are_listed_with_their_place(client: Client, engine: Engine) -> None:
    broken = zeebe(START + user("u") + END + line("start", "nowhere", "end"))
    good = zeebe(TWO_TASKS, key="q")
    answer = client("alex").post("/definitions", **files(("a.bpmn", broken), ("b.bpmn", good), ("c.exe", b"MZ")))
    assert answer.status_code == 422
    assert "Nothing was deployed" in answer.text and "a.bpmn" in answer.text and "c.exe" in answer.text
    assert engine.definitions(ALEX) == []
    told = client("alex").post("/definitions", headers=JSON, **files(("c.exe", b"MZ"))).json
    assert told["problems"][0]["file"] == "c.exe"


def test_an_upload_without_files(client: Client) -> None:
    assert "Choose one or more" in client("alex").post("/definitions", data={}).text
    assert client("alex").post("/definitions", **files(("", b""))).status_code == 400


def test_officers_do_not_deploy(client: Client, engine: Engine) -> None:
    assert client("ann").post("/definitions", **files(("a.bpmn", zeebe(TWO_TASKS)))).status_code == 403
    assert engine.definitions(ALEX) == []
    assert 'type="file"' not in client("ann").get("/definitions").text
