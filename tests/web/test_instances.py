"""Watching instances and putting them right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import Engine, SourceFile
from tests.models import END, START, job, line, zeebe
from tests.web.conftest import ALEX, ANN, BOB, words

Client = Callable[[str], Any]
JSON = {"Accept": "application/json"}
WAITING = (
    START
    + '<bpmn:intermediateCatchEvent id="wait" name="Matched"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    + END
    + line("start", "wait", "end")
)
MESSAGE = '<bpmn:message id="m" name="matched"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>'


def failed(engine: Engine) -> str:
    """An instance whose only job was given up by its worker."""
    engine.deploy([SourceFile("j.bpmn", zeebe(START + job("work", "paint") + END + line("start", "work", "end"), key="j"))], ALEX)
    id = engine.start("j", {}, ANN)
    found = engine.activate_jobs("paint", "w", ALEX)[0]
    engine.fail_job(found.id, "no <b>paint</b> left", ALEX)
    return id


def test_lists_are_narrowed_down(client: Client, engine: Engine, entered: str) -> None:
    broken, alex = failed(engine), client("alex")
    assert {each["id"] for each in alex.get("/instances?format=json").json["instances"]} == {entered, broken}
    for query, expected in (
        ("key=p", [entered]),
        ("state=incident", [broken]),
        ("key=p&state=incident", []),
        ("key=&state=", [broken, entered]),
    ):
        assert sorted(each["id"] for each in alex.get(f"/instances?format=json&{query}").json["instances"]) == sorted(expected)
    assert "No case fits" in alex.get("/instances?key=p&state=canceled").text


def test_officers_see_the_cases_that_they_have_a_part_in(client: Client, engine: Engine, entered: str) -> None:
    assert client("ann").get(f"/instances/{entered}").status_code == 200
    assert client("bob").get(f"/instances/{entered}").status_code == 403
    for part in ("state", "diagram"):
        assert client("bob").get(f"/instances/{entered}/{part}").status_code == 403
    assert client("bob").get("/instances?format=json").json["instances"] == []


def test_the_diagram_gets_its_model_and_state(client: Client, engine: Engine, entered: str) -> None:
    alex = client("alex")
    page = alex.get(f"/instances/{entered}").text
    assert f'data-xml="/instances/{entered}/diagram"' in page and 'data-element="enter"' in page
    assert alex.get(f"/instances/{entered}/diagram").data.startswith(b"<?xml")
    assert alex.get(f"/instances/{entered}/state").json == {
        "tokens": {"enter": 1}, "counts": {"start": 1, "enter": 1}, "taken": ["start_enter"], "incidents": []
    }  # fmt: skip


def test_an_incident_is_told_and_tried_again(client: Client, engine: Engine) -> None:
    id, alex = failed(engine), client("alex")
    page = alex.get(f"/instances/{id}").text
    assert "no &lt;b&gt;paint" in page and "Try again" in page and "Needs attention" in page
    assert alex.get(f"/instances/{id}/state").json["incidents"][0]["element_id"] == "work"
    officer = client("ann").get(f"/instances/{id}").text
    assert "An analyst has to look at it" in officer and "paint" not in words(officer).replace("paint left", "")
    assert alex.post(f"/instances/{id}/retry").headers["Location"] == f"/instances/{id}"
    assert [each.type for each in engine.activate_jobs("paint", "w", ALEX)] == ["paint"]


def test_only_analysts_put_things_right(client: Client, engine: Engine, entered: str) -> None:
    for act in ("retry", "cancel"):
        assert client("ann").post(f"/instances/{entered}/{act}").status_code == 403
    assert client("alex").post(f"/instances/{entered}/cancel").status_code == 303
    assert engine.instance(entered, ALEX).info.state == "canceled"
    assert client("alex").post(f"/instances/{entered}/cancel", headers=JSON).status_code == 400
    assert "Cancel this case" not in client("alex").get(f"/instances/{entered}").text


def test_a_message_is_sent_from_the_page(client: Client, engine: Engine) -> None:
    engine.deploy([SourceFile("w.bpmn", zeebe(WAITING, messages=MESSAGE))], ALEX)
    id, alex = engine.start("p", {"key": "K-1"}, BOB), client("alex")
    page = alex.get(f"/instances/{id}").text
    assert 'name="name" value="matched"' in page and 'name="key" value="K-1"' in page
    body = {"name": "matched", "key": "K-1", "variables": '{"price": 3}'}
    assert alex.post(f"/instances/{id}/messages", data={**body, "variables": "{"}).status_code == 422
    assert alex.post(f"/instances/{id}/messages", data={"key": "K-1"}).status_code == 422
    assert alex.post(f"/instances/{id}/messages", data=body).status_code == 303
    detail = engine.instance(id, ALEX)
    assert detail.info.state == "completed" and ("", "price", 3) in detail.variables


def test_a_failed_attempt_is_there_for_the_analyst(client: Client, engine: Engine) -> None:
    id = failed(engine)
    assert client("alex").get(f"/instances/{id}?format=json").json["detail"]["incidents"][0]["message"] == "no <b>paint</b> left"


def test_there_is_no_such_case(client: Client) -> None:
    for path in ("", "/state", "/diagram"):
        assert client("alex").get(f"/instances/nothing{path}").status_code == 404
