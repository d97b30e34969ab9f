"""The officer's way through the task list and a form."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from flask import Flask
from lxml import html

from engine.core import Engine, SourceFile
from engine.identity import Person
from tests.models import END, START, line, user, zeebe
from tests.web.conftest import ALEX, ANN, BOB, OFFICERS, open_task, words

Client = Callable[[str], Any]


def island(page: str) -> Any:
    return json.loads(html.document_fromstring(page).findtext(".//script[@id='form-data']"))


def test_an_empty_list_says_what_to_do_next(client: Client) -> None:
    assert "Start a process" in words(client("ann").get("/").text)
    assert "have not finished a task" in words(client("ann").get("/?show=done").text)


def test_the_list_leads_to_what_can_be_claimed(client: Client, entered: str) -> None:
    ann = client("ann")
    assert "1 task waits for somebody" in words(ann.get("/").text)
    page = ann.get("/?show=claimable").text
    assert "Task enter" in page and "B-1" in page and "Take it" in page


def test_the_same_list_as_json(client: Client, entered: str) -> None:
    for options in (
        {"query_string": {"format": "json", "show": "claimable"}},
        {"query_string": {"show": "claimable"}, "headers": {"Accept": "application/json"}},
    ):
        found = client("ann").get("/", **options).json
        assert found["counts"] == {"mine": 0, "claimable": 1}
        assert [(task["element_id"], task["candidate_groups"]) for task in found["tasks"]] == [("enter", ["officers"])]


def test_an_unknown_tab_is_ones_own_tasks(client: Client) -> None:
    assert client("ann").get("/?show=../etc&format=json").json["show"] == "mine"


def test_a_task_is_looked_at_claimed_and_given_back(client: Client, engine: Engine, entered: str) -> None:
    ann, url = client("ann"), f"/tasks/{open_task(engine, entered).id}"
    before = ann.get(url).text
    assert island(before)["readonly"] and "Take this task" in before and "data-submit" not in before
    assert ann.post(f"{url}/claim").headers["Location"] == url
    after = ann.get(url).text
    assert not island(after)["readonly"] and f'data-submit="{url}/submit"' in after and "Take this task" not in after
    assert ann.post(f"{url}/unclaim").headers["Location"] == "/"
    assert open_task(engine, entered).assignee is None


def test_who_comes_second_reads_so(client: Client, engine: Engine, entered: str) -> None:
    url = f"/tasks/{open_task(engine, entered).id}"
    client("ann").post(f"{url}/claim")
    answer = client("bob").post(f"{url}/claim")
    assert answer.status_code in (403, 409) and "Go to my tasks" in answer.text
    assert client("bob").get(url).status_code == 403


def test_two_officers_submit_the_same_task_at_once(app: Flask, engine: Engine, entered: str) -> None:
    """Both have the page of an unclaimed task: one gets through, the other reads that somebody was faster; the step happened once."""
    task, gate, answers = open_task(engine, entered).id, Barrier(2), list[tuple[int, str]]()

    def submit(who: Person) -> None:
        headers = {"Authorization": f"Bearer {engine.tokens.issue(who)}"}
        gate.wait()
        answer = app.test_client().post(f"/tasks/{task}/submit", json={"data": {"name": "Ada"}}, headers=headers)
        answers.append((answer.status_code, answer.get_data(as_text=True)))

    threads = [Thread(target=submit, args=(who,)) for who in (ANN, BOB)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (_, _), (refused, told) = sorted(answers, key=lambda one: one[0])
    assert refused == 409 and "Somebody was faster" in told
    assert engine.instance(entered, ALEX).counts["enter"] == 1


def test_a_form_starts_with_what_is_known_and_keeps_its_draft(client: Client, engine: Engine, entered: str) -> None:
    ann, url = client("ann"), f"/tasks/{open_task(engine, entered).id}"
    ann.post(f"{url}/claim")
    assert island(ann.get(url).text)["data"]["share"] == 5
    assert ann.post(f"{url}/draft", json={"data": {"name": "half a na"}}).status_code == 204
    assert island(ann.get(url).text)["data"]["name"] == "half a na"


def test_the_island_cannot_be_left(client: Client, engine: Engine, entered: str) -> None:
    ann, url, nasty = client("ann"), f"/tasks/{open_task(engine, entered).id}", "</script><script>alert(1)</script><!--"
    ann.post(f"{url}/claim")
    ann.post(f"{url}/draft", json={"data": {"name": nasty}})
    page = ann.get(url).text
    assert nasty not in page and island(page)["data"]["name"] == nasty


def test_a_submitted_form_leads_to_the_next_task_and_then_to_the_list(client: Client, engine: Engine, entered: str) -> None:
    ann, first = client("ann"), open_task(engine, entered).id
    ann.post(f"/tasks/{first}/claim")
    answer = ann.post(
        f"/tasks/{first}/submit", json={"data": {"name": "Olena", "share": 7, "unknown": 1}}, headers={"Accept": "application/json"}
    )
    second = open_task(engine, entered).id
    assert answer.json == {"redirect": f"/tasks/{second}"}
    page = ann.get(f"/tasks/{second}")
    assert "Done: Task enter" in page.text and "has no form" in page.text
    ann.post(f"/tasks/{second}/claim")
    last = ann.post(f"/tasks/{second}/submit")
    assert (last.status_code, last.headers["Location"]) == (303, "/")
    assert engine.instance(entered, ALEX).info.state == "completed"


def test_fields_to_correct_are_named_and_the_task_stays_open(client: Client, engine: Engine, entered: str) -> None:
    ann, task = client("ann"), open_task(engine, entered).id
    ann.post(f"/tasks/{task}/claim")
    answer = ann.post(f"/tasks/{task}/submit", json={"data": {"name": "x" * 21}}, headers={"Accept": "application/json"})
    assert answer.status_code == 422 and answer.json["errors"].keys() == {"name"} and answer.json["message"]
    assert open_task(engine, entered).id == task


def test_bodies_that_are_no_form(client: Client, engine: Engine, entered: str) -> None:
    ann, task = client("ann"), open_task(engine, entered).id
    ann.post(f"/tasks/{task}/claim")
    for body in ("[]", '{"data": []}', "{", "null", '{"data": "x"}', ""):
        answer = ann.post(f"/tasks/{task}/submit", data=body, content_type="application/json", headers={"Accept": "application/json"})
        assert answer.status_code == 400 and answer.json["message"], body


def test_what_was_submitted_can_be_read_later(client: Client, engine: Engine, entered: str) -> None:
    ann, task = client("ann"), open_task(engine, entered).id
    engine.submit(task, {"name": "Olena <b>", "share": 7}, ANN)
    assert "Task enter" in ann.get("/?show=done").text
    page = ann.get(f"/tasks/{task}").text
    assert "Submitted by you" in words(page) and "Full name" in page and "Olena &lt;b&gt;" in page
    assert ann.post(f"/tasks/{task}/submit", json={"data": {"name": "again"}}).status_code == 409
    assert client("bob").get(f"/tasks/{task}").status_code == 403


def test_a_task_that_is_no_longer_needed_says_so(client: Client, engine: Engine, entered: str) -> None:
    task = open_task(engine, entered).id
    engine.claim(task, ANN)
    engine.cancel(entered, ALEX)
    assert "no longer needed" in client("ann").get(f"/tasks/{task}").text


def test_there_is_no_such_task(client: Client) -> None:
    answer = client("ann").get("/tasks/nothing")
    assert answer.status_code == 404 and "There is no such task" in answer.text


def test_names_from_models_are_text(client: Client, engine: Engine) -> None:
    model = START + user("u", OFFICERS).replace("Task u", "&lt;img src=x onerror=alert(1)&gt;") + END + line("start", "u", "end")
    engine.deploy([SourceFile("x.bpmn", zeebe(model))], ALEX)
    engine.start("p", {}, ANN)
    page = client("ann").get("/?show=claimable").text
    assert "<img" not in page and "&lt;img src=x" in page
