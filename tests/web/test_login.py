"""Logging in: with a password in the browser, with a token for programs; and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from engine.clock import TestClock
from engine.core import Engine
from tests.web.conftest import ALEX, ANN, BOB, forgery_token, log_in
from web.login import local


def test_a_password_opens_the_task_list(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/").headers["Location"] == "/login?next=/"
    assert log_in(client).headers["Location"] == "/"
    assert "Ann Archer" in client.get("/").text
    assert client.get("/login").headers["Location"] == "/"


@pytest.mark.parametrize(("user", "password"), [("ann", "wrong"), ("nobody", "demo"), ("", ""), ("system", ""), ("ann' --", "demo")])
def test_a_wrong_name_or_password_is_told_alike(app: Flask, user: str, password: str) -> None:
    client = app.test_client()
    answer = client.post("/login", data={"username": user, "password": password, "csrf_token": forgery_token(client)})
    assert answer.status_code == 401
    assert "do not go together" in answer.text and 'role="alert"' in answer.text
    assert client.get("/").status_code == 302


def test_a_login_without_its_forgery_token_is_refused(app: Flask) -> None:
    assert app.test_client().post("/login", data={"username": "ann", "password": "demo"}).status_code == 400


def test_a_login_makes_a_new_session(app: Flask) -> None:
    client = app.test_client()
    before = forgery_token(client)
    with client.session_transaction() as session:
        session["planted"] = True
    log_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session and session.permanent
    assert forgery_token(client, "/") != before


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        None,
        "/\n",
    ],
)
def test_nobody_is_sent_to_another_site(app: Flask, url: str | None) -> None:
    with app.test_request_context():
        assert local(url) == "/"


@pytest.mark.parametrize("url", ["/tasks/1", "/?show=done", "/instances?key=a&state=b"])
def test_after_the_login_one_is_where_one_wanted_to_be(app: Flask, url: str) -> None:
    client = app.test_client()
    form = client.get(client.get(url).headers["Location"])
    assert 'name="next"' in form.text
    assert log_in(client, next=url).headers["Location"] == url


def test_guessing_is_slowed_down_and_success_does_not_count(app: Flask) -> None:
    client = app.test_client()
    for _ in range(12):
        assert log_in(app.test_client()).status_code == 303
    tries = [log_in(client, password="no").status_code for _ in range(12)]
    assert tries == [401] * 10 + [429] * 2
    assert "Wait a minute" in log_in(client, password="no").text


def test_logging_out_ends_it(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout", data={"csrf_token": forgery_token(client, "/")}).status_code == 303
    assert client.get("/").status_code == 302


def test_changes_by_a_session_need_the_forgery_token(app: Flask, entered: str) -> None:
    client = app.test_client()
    log_in(client, "alex")
    token = forgery_token(client, "/")
    refused = client.post("/api/messages", json={"name": "m"})
    assert refused.status_code == 400 and "X-CSRFToken" in refused.json["message"]
    assert client.post("/api/messages", json={"name": "m"}, headers={"X-CSRFToken": token}).status_code == 200
    assert client.post("/processes/p/start").status_code == 400


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer {}"}, {"X-Access-Token": "{}"}])
def test_a_token_speaks_for_its_person_and_needs_no_forgery_token(app: Flask, engine: Engine, headers: dict[str, str]) -> None:
    given = {name: value.format(engine.tokens.issue(ALEX)) for name, value in headers.items()}
    assert app.test_client().get("/api/tasks", headers=given).json == []
    assert app.test_client().post("/api/messages", json={"name": "m"}, headers=given).status_code == 200


def test_a_token_goes_before_the_session(app: Flask, engine: Engine) -> None:
    client = app.test_client()
    log_in(client, "alex")
    assert "Bob Barker" in client.get("/", headers={"X-Access-Token": engine.tokens.issue(BOB)}).text
    refused = client.post("/api/messages", json={"name": "m"}, headers={"Authorization": "Bearer x"})
    assert (refused.status_code, refused.json["code"]) == (401, "JWT_INVALID")


def test_an_old_token_is_refused(app: Flask, engine: Engine, clock: TestClock) -> None:
    token = engine.tokens.issue(ANN, seconds=60)
    clock.advance(timedelta(minutes=2))
    refused = app.test_client().get("/api/tasks", headers={"X-Access-Token": token})
    assert (refused.status_code, refused.json["code"]) == (401, "JWT_EXPIRED")


def test_a_list_that_refreshes_itself_is_told_that_the_session_ended(app: Flask) -> None:
    assert app.test_client().get("/", headers={"HX-Request": "true"}).status_code == 401


def test_a_forged_session_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("ratchet", "eyJfdXNlcl9pZCI6ImFubiJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/").status_code == 302
