"""The three processes from login to end, as officer and analyst, in a real browser with a real signature."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine import db, demo_pki
from engine.clock import SystemClock
from engine.core import Engine
from engine.demo import PASSWORD
from engine.demo_pki import Holder
from tests.browser.person import Person

Login = Callable[..., Person]
TABLES = ("person_profile", "person_edu_profile", "orders", "transaction")


@pytest.fixture
def clock() -> SystemClock:
    """A server in another process goes by the real time."""
    return SystemClock()


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    with db.read(engine.database) as tx:
        return [dict(row._mapping) for row in tx.execute(text(sql))]


def start(who: Person, process: str) -> None:
    who.go("/processes")
    who.look("processes")
    card = who.with_text(".card, li, article, tr", process)
    card.find_element("css selector", "button, a.btn").click()


def take(who: Person, task: str) -> None:
    """Take the task that is open on the page."""
    who.says(task)
    who.press("Take this task", "button")
    who.says("Your entries")


def enter_profile(who: Person, number: str) -> None:
    who.enter("Last name", "Byron")
    who.enter("First name", "Ada")
    who.enter("Date of birth", "12/10/1995")
    who.enter("Type of order", "Enrolment")
    who.enter("Order number", number)
    who.enter("Date of the order", "01/01/2026")


@pytest.mark.parametrize("width", [1280, 400])
def test_onboarding(person: Login, demo_engine: Engine, width: int) -> None:
    ann = person("ann", width)
    start(ann, "onboarding")
    take(ann, "Enter beneficial owner")
    ann.look("owner-form")
    ann.enter("Customer", "C-1")
    ann.find("#submit").click()
    ann.says("required")
    ann.look("owner-form-errors")
    ann.enter("Name of the beneficial", "Ada Byron")
    ann.enter("Share", "40")
    ann.find("#submit").click()
    take(ann, "Check customer")
    ann.look("check-form")
    ann.choose("Yes, accept")
    ann.find("#submit").click()
    ann.says("Done")
    ann.look("tasks-done")
    (row,) = rows(demo_engine, "SELECT * FROM BeneficialOwner")
    assert (row["customerId"], row["individual"], row["share"]) == ("C-1", "Ada Byron", "40")


@pytest.mark.parametrize("width", [1280, 400])
def test_the_nested_entities_signed(person: Login, demo_engine: Engine, width: int) -> None:
    bob = person("bob", width)
    start(bob, "nested")
    bob.says("Enter educational profile data")
    enter_profile(bob, "N-1")
    bob.look("profile-form")
    bob.find("#submit").click()
    bob.says("Sign educational profile data")
    bob.look("sign-form")
    bob.find("#submit").click()
    bob.says("You are about to sign")
    bob.says("Byron")
    bob.look("sign-page")
    bob.sign(password="wrong")
    bob.wait(lambda: "password" in bob.find("[role=alert]").text.lower(), "the wrong password is not told")
    bob.look("sign-wrong-password")
    bob.sign()
    bob.says("Done")
    for table in TABLES:
        assert len(rows(demo_engine, f'SELECT * FROM "{table}"')) == 1
        (kept,) = rows(demo_engine, f"SELECT * FROM {table}_hst")
        assert kept["curr_user"] == "TINXX-1000000002"
        assert kept["source_process"] == "nested_entity_test_process"
        assert kept["digital_sign"].startswith("process/") and kept["digital_sign_derived"].startswith("lowcode_")
        assert len(kept["ddm_digital_sign_checksum"]) == len(kept["ddm_digital_sign_derived_checksum"]) == 64


def test_a_signature_that_does_not_hold(person: Login, demo_engine: Engine, pki: Any, tmp_path: Path) -> None:
    ann = person("ann")
    start(ann, "nested")
    enter_profile(ann, "N-2")
    ann.find("#submit").click()
    ann.says("Sign educational profile data")
    ann.find("#submit").click()
    ann.says("You are about to sign")
    page = ann.driver.current_url
    now, mine = SystemClock().now(), ("Ann Archer", "TINXX-1000000001")
    wrong = {
        "belongs to bob barker": pki.people / "bob.p12",
        "expired": demo_pki.issue_expired(pki, Holder(*mine, "expired.p12"), PASSWORD, now),
        "not trusted": demo_pki.issue_rogue(pki, Holder(*mine, "rogue.p12"), PASSWORD, now),
    }
    for told, file in wrong.items():
        ann.driver.get(page)
        ann.sign(file)
        ann.wait(lambda told=told: told in ann.find("[role=alert]").text.lower(), f"it does not say {told}")
    ann.look("sign-refused")
    (tmp_path / "broken.p12").write_bytes(b"this is no key file")
    ann.driver.get(page)
    ann.sign(tmp_path / "broken.p12")
    ann.wait(lambda: ann.find("[role=alert]").text.strip(), "a broken file is not told")
    for table in TABLES:
        assert rows(demo_engine, f'SELECT * FROM "{table}"') == []
    ann.go("/")
    ann.says("Sign educational profile data")


def test_a_refused_write_is_told_on_the_form_and_leaves_nothing(person: Login, demo_engine: Engine) -> None:
    ann = person("ann")
    for _ in range(2):
        start(ann, "nested")
        enter_profile(ann, "SAME")
        ann.find("#submit").click()
        ann.says("Sign educational profile data")
        ann.find("#submit").click()
        ann.says("You are about to sign")
        ann.sign()
        ann.wait(lambda: "Done" in ann.text() or ann.find("[role=alert]").text.strip(), "nothing happened")
    ann.says("already a record with the same value")
    ann.look("constraint-told")
    for table in TABLES:
        assert len(rows(demo_engine, f'SELECT * FROM "{table}"')) == len(rows(demo_engine, f"SELECT * FROM {table}_hst")) == 1
    ann.go("/")
    ann.says("Sign educational profile data")


@pytest.mark.parametrize("width", [1280, 400])
def test_a_trade_with_the_analyst_sending_messages(person: Login, demo_engine: Engine, width: int) -> None:
    bob = person("bob", width)
    start(bob, "trade")
    take(bob, "Trade on the exchange")
    bob.look("trade-form")
    for label, value in (("Customer", "C-1"), ("Order number", "T-1"), ("Instrument", "US0009876540"), ("Quantity", "10")):
        bob.enter(label, value)
    bob.find("#submit").click()
    bob.says("Done")
    alex = person("alex", width)
    send_message(alex, "matched", "T-1")
    bob = person("bob", width)
    bob.go("/")
    bob.press("To claim", "a")
    bob.press("Send to custodian", "a")
    take(bob, "Send to custodian")
    bob.pick("Custodian bank", "Northern")
    bob.choose("The custodian has received")
    bob.look("custodian-form")
    bob.find("#submit").click()
    bob.says("Done")
    alex = person("alex", width)
    send_message(alex, "settled", "T-1")
    alex.says("Ended")
    alex.look("instance-completed")


def send_message(alex: Person, name: str, key: str) -> None:
    alex.go("/instances")
    alex.look("instances")
    alex.find("table a").click()
    alex.find("#instance svg .djs-element")
    alex.look(f"instance-before-{name}")
    alex.press("Send", "button")
    alex.says(f"Message sent: {name}")
