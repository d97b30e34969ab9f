"""Watching instances and putting them right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import Engine, SourceFile
from tests.models import END, START, job, line, user, zeebe
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


def test_a_case_is_suspended_and_resumed(client: Client, engine: Engine, entered: str) -> None:
    alex, page = client("alex"), f"/instances/{entered}"
    assert "Suspend this case" in alex.get(page).text
    assert alex.post(f"{page}/suspension", headers=JSON).json == {"redirect": page}
    shown = words(alex.get(page).text)
    assert "This case is suspended" in shown and "Suspended: nothing happens" in shown
    assert client("ann").post(f"{page}/resumption", headers=JSON).status_code == 403
    assert alex.post(f"{page}/resumption", headers=JSON).json == {"redirect": page}
    assert engine.instance(entered, ALEX).info.state == "active"


def test_a_signal_that_a_case_waits_for_is_sent_from_its_page(client: Client, engine: Engine) -> None:
    catch = '<bpmn:intermediateCatchEvent id="wait"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateCatchEvent>'
    engine.deploy([SourceFile("s.bpmn", zeebe(START + catch + END + line("start", "wait", "end"), "s", '<bpmn:signal id="g" name="go"/>'))], ALEX)
    id = engine.start("s", {}, ANN)
    shown = words(client("alex").get(f"/instances/{id}").text)
    assert "Signals that it waits for" in shown and "Messages that it waits for" not in shown
    assert client("alex").post(f"/instances/{id}/signals", data={}).status_code == 422
    assert client("ann").post(f"/instances/{id}/signals", data={"name": "go"}).status_code == 403
    assert client("alex").post(f"/instances/{id}/signals", data={"name": "go", "variables": '{"a": 1}'}).status_code == 303
    assert engine.instance(id, ALEX).info.state == "completed"


def test_callers_and_called_cases_lead_to_each_other_and_loops_keep_their_items_to_themselves(client: Client, engine: Engine) -> None:
    call = '<bpmn:callActivity id="c">{}<bpmn:extensionElements><zeebe:calledElement processId="below"/></bpmn:extensionElements></bpmn:callActivity>'
    each = '<zeebe:loopCharacteristics inputCollection="=[1,2]" inputElement="n"/>'
    loop = f"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>{each}</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    body = START + call.format("") + END + line("start", "c", "end")
    body = body.replace("</bpmn:callActivity>", f"{loop}</bpmn:callActivity>")
    below = zeebe(START + user("u", "") + END + line("start", "u", "end"), "below")
    engine.deploy([SourceFile("a.bpmn", zeebe(body, "above")), SourceFile("b.bpmn", below)], ALEX)
    above = engine.start("above", {}, ANN)
    called = [one.id for one in engine.instances(ALEX, "below")]
    page = client("alex").get(f"/instances/{above}").text
    assert len(called) == 2 and all(f"/instances/{id}" in page for id in called) and "(items)" not in page
    lower = client("alex").get(f"/instances/{called[0]}").text
    assert f"/instances/{above}" in lower and "Suspend this case" not in lower
