"""Signing a form: what the officer reads, what their key signs, and what the server takes."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html

from engine.core import Engine
from tests.signing_client import sign_with_p12
from tests.web.conftest import ALEX, ANN, open_task, words

Client = Callable[[str], Any]
ENTRY = {
    "last_name": "Shevchenko", "first_name": "Olena", "birthday": "1990-01-02",
    "order_type": "Enrolment", "order_number": "N-17", "order_date": "2020-02-03",
}  # fmt: skip
JSON = {"Accept": "application/json"}


@pytest.fixture
def signing(client: Client, demo_engine: Engine) -> tuple[Any, str]:
    """ann has filled in the form that she must sign; gives her client and the address of the signing page."""
    ann = client("ann")
    key = next(each.key for each in demo_engine.definitions(ANN) if "nested" in each.key)
    instance = demo_engine.start(key, {}, ANN)
    for _ in range(2):
        task = open_task(demo_engine, instance)
        if task.assignee is None:
            ann.post(f"/tasks/{task.id}/claim")
        answer = ann.post(f"/tasks/{task.id}/submit", json={"data": ENTRY}, headers=JSON)
        assert answer.status_code == 200, answer.text
    return ann, answer.json["redirect"]


def document(page: str) -> Any:
    return json.loads(html.document_fromstring(page).findtext(".//script[@id='signing']"))


def signature(pki: Any, island: Any, owner: str = "ann") -> str:
    content = b64decode(island["document_base64"])
    return b64encode(sign_with_p12((pki.people / f"{owner}.p12").read_bytes(), "demo", content)).decode()


def test_the_officer_reads_what_they_sign(signing: tuple[Any, str]) -> None:
    ann, url = signing
    page = ann.get(url).text
    for each in ("You are about to sign", "Last name", "Shevchenko", "N-17", "stay on this computer"):
        assert each in words(page)
    assert json.loads(b64decode(document(page)["document_base64"]))["data"]["order_number"] == "N-17"


def test_a_good_signature_is_kept_with_the_data(signing: tuple[Any, str], demo_engine: Engine, pki: Any) -> None:
    ann, url = signing
    island = document(ann.get(url).text)
    body = {"request_id": island["request_id"], "signature": signature(pki, island)}
    assert ann.post(url, json=body, headers=JSON).json == {"redirect": "/"}
    task = url.split("/")[2]
    shown = words(ann.get(f"/tasks/{task}").text)
    assert "Signed by Ann Archer" in shown and "TINXX-1000000001" in shown
    assert ann.post(url, json=body, headers=JSON).status_code == 409
    assert ann.get(url).headers["Location"] == f"/tasks/{task}"


def test_signatures_that_are_refused(signing: tuple[Any, str], demo_engine: Engine, pki: Any) -> None:
    ann, url = signing
    island = document(ann.get(url).text)
    changed = {**island, "document_base64": b64encode(b"something else").decode()}
    for sent in (signature(pki, island, "bob"), signature(pki, changed), "%%%", "", "AAAA", 5, None, [], "ä"):
        answer = ann.post(url, json={"request_id": island["request_id"], "signature": sent}, headers=JSON)
        assert answer.status_code == 422 and len(answer.json["message"]) > 10, (sent, answer.text)
    assert open_task(demo_engine, demo_engine.instances(ALEX)[0].id).id == url.split("/")[2]


def test_a_signing_request_is_its_persons_own(signing: tuple[Any, str], client: Client) -> None:
    _, url = signing
    assert client("bob").get(url).status_code in (403, 404)


def test_an_unknown_request(signing: tuple[Any, str]) -> None:
    ann, url = signing
    assert ann.get(url.rsplit("/", 1)[0] + "/nothing").status_code == 404


def test_the_form_comes_back_with_what_was_entered(signing: tuple[Any, str]) -> None:
    ann, url = signing
    page = ann.get(f"/tasks/{url.split('/')[2]}").text
    assert "Continue to sign" in page and "Shevchenko" in page
