from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from engine import db
from engine.clock import TestClock
from engine.data import declarations, documents
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.data.origin import Origin
from engine.data.schema import Registry, apply_tables
from engine.delegates import DELEGATES, Call, World
from engine.expressions import juel
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed
from engine.identity import SYSTEM, Person, Tokens
from engine.seal import SystemSigner
from engine.secrets import Secrets

OFFICER = Person("olena", "Olena Kovalenko", frozenset({"officer"}), frozenset(), "3010203040")
TABLES = """
CREATE TABLE person_profile (person_profile_id uuid PRIMARY KEY, last_name varchar(40) NOT NULL, birthday timestamp);
CREATE TABLE person_edu_profile (person_edu_profile_id uuid PRIMARY KEY,
                                 person_profile_id uuid REFERENCES person_profile (person_profile_id));
CREATE TABLE orders (orders_id uuid PRIMARY KEY, orders_type text, orders_number text, orders_date timestamp,
                     person_profile_id uuid REFERENCES person_profile (person_profile_id));
CREATE TABLE transaction (transaction_id uuid PRIMARY KEY, orders_id uuid REFERENCES orders (orders_id),
                          person_edu_profile_id uuid REFERENCES person_edu_profile (person_edu_profile_id));
"""
LINKS = "{person_edu_profile_id: {table: person_edu_profile}, orders_id: {table: orders}}"
DECLARED = f"nested: {{nested-transaction-entity: {{table: transaction, links: {LINKS}}}}}"
OWN = "process/i-1/task/signPersonProfileActivity"


@pytest.fixture(scope="module")
def seal(tmp_path_factory):
    return SystemSigner.load(tmp_path_factory.mktemp("seal"), TestClock())


@pytest.fixture
def tx() -> Iterator[Connection]:
    with db.read(db.open_database("sqlite://")) as tx:
        db.metadata.create_all(tx)
        apply_tables(tx, TABLES)
        yield tx


@pytest.fixture
def clock():
    return TestClock()


@pytest.fixture
def world(tx, seal, clock):
    registry = Registry.reflect(tx, declarations.read(DECLARED))
    return World(lambda _: registry, Secrets(), {}, seal, Tokens(b"k" * 32, clock), clock, db.open_database)


@pytest.fixture
def token(world):
    return world.tokens.issue(OFFICER)


@pytest.fixture
def run(tx, world, token, clock):
    documents.put(tx, Document(OWN, "submission", '{"formData":{}}', b"verified at submit", "olena", clock.now()))

    def call(delegate, world=world, **inputs):
        origin = Origin(SYSTEM, process="add-profile", process_instance_id="i-1", activity="createComplex")
        return DELEGATES[delegate](Call(tx, {"x_access_token": token, **inputs}, origin, "root-1", world, "i-1/createComplex/1"))

    return call


@pytest.fixture
def signed(run):
    """The inputs for a payload that both have signed."""

    def inputs(payload):
        key = run("digitalSystemSignatureDelegate", payload=payload)["system_signature_storage_key"]
        return {"payload": payload, "x_digital_signature_ceph_key": OWN, "x_digital_signature_derived_ceph_key": key}

    return inputs


def refusal(run, *args, **inputs):
    with pytest.raises(DataError) as refused:
        run(*args, **inputs)
    return refused.value.code, refused.value.status


def id_of(given):
    """As a model reads it."""
    return juel.evaluate("${response.value.responseBody.prop('id').value()}", {"response": Typed(given["response"])})


def test_the_way_of_the_nested_entities(run, signed):
    person = run(
        "dataFactoryConnectorCreateDelegate",
        resource="person-profile",
        **signed(JsonNode.of({"lastName": "K", "birthday": "2022-02-16T13:17:10.952Z"})),
    )
    assert person["response"].statusCode == 201
    payload = JsonNode.of(
        {
            "personEduProfile": {"personProfileId": id_of(person)},
            "orders": {"ordersType": "a", "ordersNumber": "7", "ordersDate": "2022-02-16T13:33:30.660Z", "personProfileId": id_of(person)},
        }
    )
    saved = run("dataFactoryConnectorNestedCreateDelegate", resource="nested-transaction-entity", **signed(payload))
    assert saved["response"].statusCode == 200
    transaction = run("dataFactoryConnectorReadDelegate", resource="transaction", id=id_of(saved))["response"]
    order = run("dataFactoryConnectorReadDelegate", resource="orders", id=transaction.responseBody.prop("ordersId"))["response"]
    assert (order.statusCode, order.responseBody.prop("ordersDate").value()) == (200, "2022-02-16T13:33:30.660Z")


def test_update_partial_update_and_delete(tx, run, signed):
    id = id_of(run("dataFactoryConnectorCreateDelegate", resource="orders", **signed({"ordersType": "a", "ordersNumber": "1"})))
    for delegate, payload in (("Update", '{"ordersType": "b"}'), ("PartialUpdate", {"ordersNumber": "2"})):
        given = run(f"dataFactoryConnector{delegate}Delegate", resource="orders", id=id, **signed(payload))["response"]
        assert (given.statusCode, given.responseBody) == (204, None)
    row = run("dataFactoryConnectorBatchReadDelegate", resource="orders", resourceIds=[id])["response"].responseBody.elements()[0]
    assert (row.prop("ordersType").value(), row.prop("ordersNumber").value()) == ("b", "2")
    signatures = {name: key for name, key in signed({"id": id}).items() if name != "payload"}
    assert run("dataFactoryConnectorDeleteDelegate", resource="orders", id=id, **signatures)["response"].statusCode == 204
    assert refusal(run, "dataFactoryConnectorReadDelegate", resource="orders", id=id) == ("NOT_FOUND", 404)
    assert tx.exec_driver_sql("SELECT ddm_dml_op FROM orders_hst ORDER BY ddm_hst_id").scalars().all() == ["I", "U", "U", "D"]


def test_history_names_the_person_of_the_token(tx, run, signed):
    run("dataFactoryConnectorCreateDelegate", resource="orders", **signed({}))
    row = tx.exec_driver_sql(
        "SELECT curr_user, source_process, business_activity, digital_sign, digital_sign_derived FROM orders_hst"
    ).one()
    assert tuple(row) == ("3010203040", "add-profile", "createComplex", OWN, "lowcode_root-1_i-1_system_signature_ceph_key")


@pytest.mark.parametrize("wrap", [lambda p: p, json.dumps, JsonNode.of, Typed, lambda p: Typed(JsonNode.of(p))])
def test_forms_of_a_payload(run, signed, wrap):
    payload = {"ordersType": "ї", "ordersNumber": "7"}
    inputs = signed(wrap(payload)) | {"payload": payload}
    assert run("dataFactoryConnectorCreateDelegate", resource="orders", **inputs)["response"].statusCode == 201


def test_numbers_are_signed_as_they_are_written(run, signed):
    inputs = signed('{"ordersNumber": 1.10}') | {"payload": {"ordersNumber": Decimal("1.10")}}
    assert run("dataFactoryConnectorCreateDelegate", resource="orders", **inputs)["response"].statusCode == 201


def test_another_payload_than_the_signed_one(tx, run, signed):
    inputs = signed({"ordersType": "a"}) | {"payload": {"ordersType": "b"}}
    assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="orders", **inputs) == ("SIGNATURE_VIOLATION", 412)
    assert tx.exec_driver_sql("SELECT count(*) FROM orders").scalar_one() == 0


def test_signatures_that_are_missing(run, signed):
    inputs = signed({})
    for name in ("x_digital_signature_ceph_key", "x_digital_signature_derived_ceph_key"):
        assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="orders", **inputs | {name: " "}) == ("HEADERS_ARE_MISSING", 400)
    inputs["x_digital_signature_ceph_key"] = "process/i-1/task/other"
    assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="orders", **inputs) == ("INVALID_HEADER_VALUE", 400)


@pytest.mark.parametrize("delegate", [name for name in DELEGATES if name.startswith("dataFactory")])
def test_a_token_is_always_needed(run, signed, clock, token, delegate):
    inputs = {"resource": "orders", "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "resourceIds": [], **signed({})}
    assert refusal(run, delegate, **inputs | {"x_access_token": None}) == ("AUTHENTICATION_FAILED", 401)
    assert refusal(run, delegate, **inputs | {"x_access_token": token + "x"}) == ("JWT_INVALID", 403)
    clock.advance(timedelta(hours=1))
    assert refusal(run, delegate, **inputs) == ("JWT_EXPIRED", 403)


@pytest.mark.parametrize(
    "inputs",
    [
        {"resource": ""},
        {"resource": None},
        {"payload": None},
        {"payload": "  "},
        {"payload": "{"},
        {"payload": object()},
    ],
)
def test_inputs_that_the_model_forgot(run, signed, inputs):
    assert refusal(run, "dataFactoryConnectorCreateDelegate", **{"resource": "orders", **signed({}), **inputs}) == ("CLIENT_ERROR", 400)


def test_fields_that_need_correcting(run, signed):
    with pytest.raises(DataError) as refused:
        run("dataFactoryConnectorCreateDelegate", resource="orders", **signed({"ordersDate": "soon"}))
    assert list(refused.value.fields) == ["ordersDate"]


def test_what_a_model_cannot_reach(run, signed):
    given = Typed(run("dataFactoryConnectorCreateDelegate", resource="orders", **signed({}))["response"])
    assert juel.evaluate("${response.value.statusCode}", {"response": given}) == 201
    with pytest.raises(Exception, match=r"no property|not available"):
        juel.evaluate("${response.value.__class__}", {"response": given})


def test_a_second_seal_overwrites_nothing(tx, run):
    keys = [run("digitalSystemSignatureDelegate", payload={"n": n})["system_signature_storage_key"] for n in range(3)]
    first = "lowcode_root-1_i-1_system_signature_ceph_key"
    assert keys == [first, f"{first}_1", f"{first}_2"]
    assert [documents.get(tx, key).data for key in keys] == ['{"n":0}', '{"n":1}', '{"n":2}']


def test_nothing_to_seal(run):
    assert run("digitalSystemSignatureDelegate", payload=None) == {"system_signature_storage_key": ""}


def test_a_server_without_a_key(run, world):
    assert refusal(run, "digitalSystemSignatureDelegate", world=replace(world, seal=None), payload={}) == (
        "THIRD_PARTY_SERVICE_UNAVAILABLE",
        500,
    )


def test_the_older_way_to_a_server_signature(run):
    payload = '{"ordersType":"a"}'
    given = run("digitalSignatureConnectorDelegate", payload=JsonNode.of({"data": payload}))["response"]
    content = json.dumps({"data": json.loads(payload), "signature": given.prop("signature").value()})
    run("putContentToCephDelegate", key="derived", content=content)
    inputs = {"payload": payload, "x_digital_signature_ceph_key": OWN, "x_digital_signature_derived_ceph_key": "derived"}
    assert run("dataFactoryConnectorCreateDelegate", resource="orders", **inputs)["response"].statusCode == 201
    assert json.loads(run("getContentFromCephDelegate", key="derived")["content"])["data"] == payload
    assert refusal(run, "putContentToCephDelegate", key="derived", content="{}") == ("CLIENT_ERROR", 400)


def test_content_that_nobody_signed(run):
    for content in ("a note", '{"data": {}}', '{"data": {}, "signature": "not base64"}', "5"):
        run("putContentToCephDelegate", key="note", content=content)
        assert run("getContentFromCephDelegate", key="note") == {"content": content}
    assert refusal(run, "getContentFromCephDelegate", key="nothing") == ("NOT_FOUND", 404)


def test_forged_content_does_not_pass_for_a_signature(run):
    run("putContentToCephDelegate", key="forged", content='{"data": {}, "signature": "Zm9yZ2Vk"}')
    inputs = {"payload": {}, "x_digital_signature_ceph_key": OWN, "x_digital_signature_derived_ceph_key": "forged"}
    assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="orders", **inputs) == ("SIGNATURE_VIOLATION", 412)
    inputs["x_digital_signature_ceph_key"] = "forged"
    assert refusal(run, "dataFactoryConnectorCreateDelegate", resource="orders", **inputs) == ("SIGNATURE_VIOLATION", 412)
