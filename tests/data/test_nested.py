from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.data import declarations, nested, rows
from engine.data.errors import DataError
from engine.data.schema import Registry, apply_tables

NOWHERE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


@pytest.fixture
def person(tx, registry, stamp):
    return rows.create(tx, registry.resource("person-profile"), {"lastName": "K"}, stamp)


@pytest.fixture
def upsert(tx, registry, stamp):
    return lambda payload: nested.upsert(tx, registry, registry.composite("nested-transaction-entity"), payload, stamp)


def count(tx, table):
    return tx.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()


def operations(tx, table):
    return "".join(op for (op,) in tx.execute(text(f"SELECT ddm_dml_op FROM {table}_hst ORDER BY ddm_hst_id")))


def payload(person, **orders):
    return {
        "personEduProfile": {"personProfileId": person},
        "orders": {
            "ordersType": "string",
            "ordersNumber": "7",
            "ordersDate": "2022-02-16T13:33:30.660Z",
            "personProfileId": person,
            **orders,
        },
    }


def test_three_rows_and_the_root_id(tx, registry, upsert, person):
    root = rows.read(tx, registry.resource("transaction"), upsert(payload(person)))
    assert rows.read(tx, registry.resource("orders"), root["ordersId"]) == {
        "ordersId": root["ordersId"],
        **payload(person)["orders"],
    }
    assert rows.read(tx, registry.resource("person-edu-profile"), root["personEduProfileId"])["personProfileId"] == person
    assert [operations(tx, table) for table in ("transaction", "orders", "person_edu_profile")] == ["I", "I", "I"]


def test_a_primary_key_means_update(tx, registry, upsert, person):
    first = upsert(payload(person))
    root = rows.read(tx, registry.resource("transaction"), first)
    again = upsert({"transactionId": first, "note": "again", "orders": {"ordersId": root["ordersId"], "ordersType": "changed"}})
    assert again == first
    assert rows.read(tx, registry.resource("transaction"), first) == {**root, "note": "again"}
    order = rows.read(tx, registry.resource("orders"), root["ordersId"])
    assert (order["ordersType"], order["ordersNumber"]) == ("changed", "7")
    assert [operations(tx, table) for table in ("transaction", "orders", "person_edu_profile")] == ["IU", "IU", "I"]


def test_a_new_child_of_an_existing_root(tx, registry, upsert, person):
    first = upsert({"note": "alone"})
    upsert({"transactionId": first, **payload(person)})
    assert rows.read(tx, registry.resource("transaction"), first)["ordersId"] is not None


@pytest.mark.parametrize("empty", [{}, {"orders": None, "personEduProfile": None}])
def test_links_may_be_absent(tx, registry, upsert, empty):
    assert rows.read(tx, registry.resource("transaction"), upsert(empty))["ordersId"] is None


def test_an_existing_row_by_its_foreign_key(tx, registry, upsert, person, stamp):
    order = rows.create(tx, registry.resource("orders"), {"ordersType": "x"}, stamp)
    assert rows.read(tx, registry.resource("transaction"), upsert({"ordersId": order}))["ordersId"] == order


def test_a_violation_anywhere_leaves_nothing(tx, upsert, person):
    with pytest.raises(DataError) as refused:
        upsert({**payload(person), "orders": {"ordersType": "x", "personProfileId": NOWHERE}})
    assert refused.value.details == {"constraint": "foreign key"}
    assert [count(tx, t) for t in ("transaction", "orders", "person_edu_profile", "person_edu_profile_hst")] == [0, 0, 0, 0]
    assert upsert(payload(person))


def test_bad_fields_of_all_levels_by_their_path(tx, upsert, person):
    with pytest.raises(DataError) as refused:
        upsert(
            {
                "personEduProfile": {"personProfileId": "x", "extra": 1},
                "orders": payload(person, ordersDate="soon", ordersType="x" * 21)["orders"],
                "nope": 1,
            }
        )
    assert set(refused.value.fields) == {
        "nope",
        "personEduProfile.personProfileId",
        "personEduProfile.extra",
        "orders.ordersDate",
        "orders.ordersType",
    }
    assert refused.value.fields["nope"][0].endswith("known are transactionId, note, personEduProfileId, ordersId, personEduProfile, orders")
    assert count(tx, "person_edu_profile") == 0


@pytest.mark.parametrize("child", [[], [{"ordersType": "x"}], "x", 5, False])
def test_a_child_is_one_object(upsert, child):
    with pytest.raises(DataError) as refused:
        upsert({"orders": child})
    assert refused.value.fields["orders"] == ["must be one object with the fields of orders"]


def test_a_key_that_names_no_row(tx, upsert, person):
    with pytest.raises(DataError) as refused:
        upsert(payload(person, ordersId=NOWHERE))
    assert refused.value.code == "PROCEDURE_ERROR"
    assert count(tx, "person_edu_profile") == 0


def test_a_key_that_is_no_uuid(upsert, person):
    with pytest.raises(DataError) as refused:
        upsert(payload(person, ordersId=5))
    assert list(refused.value.fields) == ["orders.ordersId"]


def test_links_of_links(tx, stamp):
    apply_tables(tx, """
        CREATE TABLE application (application_id uuid PRIMARY KEY, title text);
        CREATE TABLE orders (orders_id uuid PRIMARY KEY, application_id uuid REFERENCES application (application_id));
        CREATE TABLE transaction (transaction_id uuid PRIMARY KEY, orders_id uuid NOT NULL REFERENCES orders (orders_id));
    """)  # fmt: skip
    links = "{orders_id: {table: orders, links: {application_id: {table: application}}}}"
    registry = Registry.reflect(tx, declarations.read(f"nested: {{deep: {{table: transaction, links: {links}}}}}"))
    root = nested.upsert(tx, registry, registry.composite("deep"), {"orders": {"application": {"title": "deep"}}}, stamp)
    order = rows.read(tx, registry.resource("orders"), rows.read(tx, registry.resource("transaction"), root)["ordersId"])
    assert rows.read(tx, registry.resource("application"), order["applicationId"])["title"] == "deep"
