"""The project's own processes through the engine's verbs, with real signatures, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from engine import db
from engine.core import Engine, Unsuccessful
from engine.demo import PASSWORD, PEOPLE
from engine.errors import Forbidden, InvalidData, NotFound, Refused
from engine.signing import SignatureRefused
from tests.conftest import on_both
from tests.signing_client import sign_with_p12

ANN, BOB, ALEX, _ = PEOPLE
TABLES = ("person_profile", "person_edu_profile", "orders", "transaction")
FORM = {"last_name": "Byron", "first_name": "Ada", "birthday": "1995-12-10", "order_type": "Enrolment", "order_date": "2026-01-01"}
pytestmark = on_both


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    with db.read(engine.database) as tx:
        return [dict(row._mapping) for row in tx.execute(text(sql))]


def task_of(engine: Engine, instance: str) -> str:
    return next(task.id for task in engine.instance(instance, ALEX).tasks if task.state == "open")


def at_signing(engine: Engine, number: str) -> tuple[str, str]:
    instance = engine.start("nested_entity_test_process", {}, ANN)
    engine.submit(task_of(engine, instance), {**FORM, "order_number": number}, ANN)
    return instance, task_of(engine, instance)


def sign(engine: Engine, pki: Any, task: str, key: str = "ann.p12") -> None:
    signing = engine.prepare_signature(task, {}, ANN)
    engine.submit(task, {}, ANN, sign_with_p12((pki.people / key).read_bytes(), PASSWORD, signing.document), signing.id)


def untouched(engine: Engine, instance: str, task: str) -> None:
    assert [rows(engine, f'SELECT * FROM "{table}"') + rows(engine, f"SELECT * FROM {table}_hst") for table in TABLES] == [[]] * 4
    assert (task_of(engine, instance), engine.submission(task, ANN)) == (task, None)


def test_nested_entities(demo_engine: Engine, pki: Any) -> None:
    instance, task = at_signing(demo_engine, "N-1")
    sign(demo_engine, pki, task)
    assert demo_engine.instance(instance, ALEX).info.state == "completed"
    for table in TABLES:
        (row,), (kept,) = rows(demo_engine, f'SELECT * FROM "{table}"'), rows(demo_engine, f"SELECT * FROM {table}_hst")
        assert kept[f"{table}_id"] == row[f"{table}_id"]
        assert (kept["source_process"], kept["source_process_instance_id"], kept["curr_user"]) == ("nested_entity_test_process", instance, ANN.serial_number)
        assert kept["business_activity"] == ("createProfile" if table == "person_profile" else "createComplex")
        assert kept["digital_sign"] == f"process/{instance}/task/signPersonProfileActivity"
    (kept,) = rows(demo_engine, "SELECT * FROM transaction_hst")
    (root,) = rows(demo_engine, 'SELECT * FROM "transaction"')
    assert root["orders_id"] == rows(demo_engine, "SELECT orders_id FROM orders")[0]["orders_id"]
    assert kept["digital_sign_derived"] == f"lowcode_{instance}_{instance}_system_signature_ceph_key_1"


def test_what_the_database_refuses_leaves_nothing_and_is_told(demo_engine: Engine, pki: Any) -> None:
    _, first = at_signing(demo_engine, "SAME")
    sign(demo_engine, pki, first)
    before = [rows(demo_engine, f"SELECT * FROM {table}_hst") for table in TABLES]
    _, task = at_signing(demo_engine, "SAME")
    with pytest.raises(InvalidData, match="already a record with the same value"):
        sign(demo_engine, pki, task)
    assert [rows(demo_engine, f"SELECT * FROM {table}_hst") for table in TABLES] == before
    assert demo_engine.task_form(task, ANN).task.state == "open"


def test_signatures_that_do_not_hold(demo_engine: Engine, pki: Any) -> None:
    instance, task = at_signing(demo_engine, "N-2")
    key = (pki.people / "ann.p12").read_bytes()
    signing = demo_engine.prepare_signature(task, {}, ANN)
    good = sign_with_p12(key, PASSWORD, signing.document)
    with pytest.raises(SignatureRefused):
        demo_engine.submit(task, {}, ANN, sign_with_p12(key, PASSWORD, signing.document.replace(b"Byron", b"Bacon")), signing.id)
    with pytest.raises(SignatureRefused):
        sign(demo_engine, pki, task, "bob.p12")
    with pytest.raises(SignatureRefused):
        demo_engine.submit(task, {}, ANN, b"garbage", signing.id)
    for cms, request in ((None, signing.id), (good, None), (good, "no-such-request")):
        with pytest.raises((Refused, NotFound)):
            demo_engine.submit(task, {}, ANN, cms, request)
    with pytest.raises(Forbidden):
        demo_engine.submit(task, {}, BOB, good, signing.id)
    untouched(demo_engine, instance, task)


def test_a_signature_is_good_for_one_task_and_one_use(demo_engine: Engine, pki: Any) -> None:
    _, first = at_signing(demo_engine, "N-3")
    other_instance, other = at_signing(demo_engine, "N-4")
    signing = demo_engine.prepare_signature(first, {}, ANN)
    cms = sign_with_p12((pki.people / "ann.p12").read_bytes(), PASSWORD, signing.document)
    with pytest.raises(Refused, match="another task"):
        demo_engine.submit(other, {}, ANN, cms, signing.id)
    untouched(demo_engine, other_instance, other)
    demo_engine.submit(first, {}, ANN, cms, signing.id)
    with pytest.raises(Refused):
        demo_engine.submit(first, {}, ANN, cms, signing.id)


def test_onboarding_and_trade_share_the_owner(demo_engine: Engine) -> None:
    onboarding = demo_engine.start("customer-onboarding", {}, ANN)
    owner = {"customerId": "C-1", "individual": "Ada Byron", "organization": "", "share": 40}
    demo_engine.submit(task_of(demo_engine, onboarding), owner, ANN)
    demo_engine.submit(task_of(demo_engine, onboarding), {"accepted": True}, BOB)
    assert demo_engine.instance(onboarding, ALEX).info.state == "completed"
    trade = demo_engine.start("trade-execution", {}, BOB)
    demo_engine.correlate("matched", "T-1", {"price": "101.25"}, ALEX)
    placed = {"customerId": "C-1", "instrument": "DE0001234563", "quantity": 300, "orderId": "T-1"}
    demo_engine.submit(task_of(demo_engine, trade), placed, BOB)
    shown = demo_engine.task_form(task_of(demo_engine, trade), BOB)
    assert (shown.data["individual"], shown.data["share"]) == ("Ada Byron", "40")
    demo_engine.submit(task_of(demo_engine, trade), {"custodian": "northern-securities", "sent": True}, BOB)
    demo_engine.correlate("settled", "T-1", {}, ALEX)
    detail = demo_engine.instance(trade, ALEX)
    assert detail.info.state == "completed"
    assert "booking" in {name for _, name, _ in detail.variables}


def test_nothing_may_rest_on_a_lost_table(demo_engine: Engine, pki: Any) -> None:
    instance, task = at_signing(demo_engine, "N-5")
    with db.begin(demo_engine.database) as tx:
        tx.execute(text("ALTER TABLE orders RENAME TO away"))
    with pytest.raises((InvalidData, Unsuccessful, Refused)):
        sign(demo_engine, pki, task)
    with db.begin(demo_engine.database) as tx:
        tx.execute(text("ALTER TABLE away RENAME TO orders"))
    untouched(demo_engine, instance, task)
