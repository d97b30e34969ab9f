"""The application as a whole: nothing is open that should not be, and every page is fit for people and keyboards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import html

from engine.core import Engine
from tests.web.conftest import log_in, open_task
from web.application import CONTENT_POLICY, MAX_UPLOAD_BYTES, create_app
from web.login import PUBLIC

Client = Callable[[str], Any]
PAGES = {
    "ann": ["/", "/?show=claimable", "/?show=done", "/tasks/{task}", "/processes", "/instances", "/instances/{instance}"],
    "alex": [
        "/processes", "/processes/p/start", "/instances", "/instances/{instance}", "/definitions", "/definitions/p",
        "/modeler", "/modeler/p/1", "/tasks/{task}",
    ],
}  # fmt: skip


def test_everything_but_the_public_pages_needs_a_login(app: Flask) -> None:
    nobody = app.test_client()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", "x", path)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = nobody.open(path, method=method)
            if rule.endpoint not in PUBLIC:
                refused = 401 if path.startswith(("/api", "/data")) else 302
                assert answer.status_code == refused, (method, path, answer.status)


@pytest.mark.parametrize(("user", "path"), [(user, path) for user, paths in PAGES.items() for path in paths])
def test_every_page_is_fit_for_people(client: Client, engine: Engine, entered: str, user: str, path: str) -> None:
    answer = client(user).get(path.format(task=open_task(engine, entered).id, instance=entered))
    assert answer.status_code == 200
    page = html.document_fromstring(answer.text)
    assert page.get("lang") == "en" and page.findtext(".//title").endswith(" · Ratchet")
    assert len(page.findall(".//h1")) == 1
    assert page.find(".//header") is not None and page.find(".//main[@id='content']") is not None
    assert page.find(".//a[@class='skip-link']").get("href") == "#content"
    assert not page.xpath("//@style | //style | //script[not(@src) and @type != 'application/json']")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert_labelled(page)
    assert len(page.xpath("//@id")) == len(set(page.xpath("//@id")))


def assert_labelled(page: Any) -> None:
    for field in page.xpath("//input[@type!='hidden' or not(@type)] | //textarea | //select"):
        assert page.xpath(f"//label[@for='{field.get('id')}']"), html.tostring(field)
    for link in page.xpath("//a | //button"):
        assert (link.text_content() or link.get("aria-label") or "").strip()
    for form in page.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@name='csrf_token']")


def test_headers_of_every_answer(client: Client) -> None:
    for path in ("/", "/nothing", "/api/tasks", "/health/live"):
        headers = client("ann").get(path).headers
        assert headers["Content-Security-Policy"] == CONTENT_POLICY
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
    assert "script" not in CONTENT_POLICY and "unsafe-eval" not in CONTENT_POLICY


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    cookie = log_in(app.test_client()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_over_https_browsers_stay_there(engine: Engine) -> None:
    client = create_app(engine, https=True).test_client()
    answer = client.get("/login", base_url="https://ratchet.example")
    assert "Secure" in answer.headers["Set-Cookie"] and "max-age" in answer.headers["Strict-Transport-Security"]


def test_behind_a_proxy_the_real_address_counts(engine: Engine) -> None:
    client = create_app(engine, proxies=1).test_client()
    failed = {"username": "ann", "password": "no"}
    client.application.config["WTF_CSRF_ENABLED"] = False
    for number in range(15):
        assert client.post("/login", data=failed, headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code == 401


def test_what_is_too_large_is_refused_in_plain_words(client: Client) -> None:
    answer = client("ann").post("/api/messages", data=b"x" * (MAX_UPLOAD_BYTES + 1), content_type="application/json")
    assert answer.status_code == 413 and "5 MB" in answer.json["message"]


def test_officers_do_not_see_what_they_may_not_do(client: Client, entered: str) -> None:
    officer, analyst = (client(user).get(f"/instances/{entered}").text for user in ("ann", "alex"))
    for secret in ("Variables", "Cancel this case", "/modeler", "/definitions"):
        assert secret in analyst and secret not in officer
