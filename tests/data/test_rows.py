from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from engine.data import rows
from engine.data.errors import DataError
from engine.data.schema import Registry, apply_tables

NOWHERE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
FULL = {
    "lastName": "Коваленко",
    "firstName": "Олена",
    "birthday": "1990-02-28",
    "taxNumber": "0012345678",
    "height": Decimal("1.7"),
    "children": 2,
    "active": False,
    "registeredAt": "2022-02-16T13:17:10.952Z",
    "seenAt": "2022-02-16T13:17:10.952Z",
    "wakesAt": "07:00:00",
    "settings": {"theme": ["dark", 1]},
}


@pytest.fixture
def person(registry):
    return registry.resource("person-profile")


def history(tx, table, *names):
    return tx.execute(text(f"SELECT {', '.join(names)} FROM {table}_hst ORDER BY ddm_hst_id")).all()


def refusal(call, *args):
    with pytest.raises(DataError) as refused:
        call(*args)
    return refused.value


def constraint(call, *args):
    error = refusal(call, *args)
    assert (error.code, error.status) == ("CONSTRAINT_ERROR", 409)
    return error.details


def test_what_was_created_is_read_back(tx, person, stamp):
    id = rows.create(tx, person, FULL, stamp)
    assert str(UUID(id)) == id
    assert rows.read(tx, person, id) == {"personProfileId": id, **FULL, "height": Decimal("1.70")}


def test_an_id_in_the_payload_is_ignored(tx, person, stamp):
    assert rows.create(tx, person, {"personProfileId": NOWHERE, "lastName": "K"}, stamp) != NOWHERE
    assert rows.create(tx, person, {"personProfileId": "no uuid at all", "lastName": "K"}, stamp)


def test_a_default_holds_when_nothing_is_given(tx, person, stamp):
    assert rows.read(tx, person, rows.create(tx, person, {"lastName": "K"}, stamp))["active"] is True
    assert rows.read(tx, person, rows.create(tx, person, {"lastName": "K", "active": None}, stamp))["active"] is None


def test_only_what_is_named_is_changed(tx, person, stamp):
    id = rows.create(tx, person, FULL, stamp)
    rows.change(tx, person, id.upper(), {"firstName": None, "children": 3, "personProfileId": NOWHERE}, stamp)
    assert rows.read(tx, person, id) == {"personProfileId": id, **FULL, "height": Decimal("1.70"), "firstName": None, "children": 3}


def test_every_change_is_in_history_as_the_row_became(tx, person, stamp):
    id = rows.create(tx, person, {"lastName": "A", "height": "1.777"}, stamp)
    rows.change(tx, person, id, {"lastName": "B"}, stamp)
    rows.change(tx, person, id, {}, stamp)
    rows.remove(tx, person, id, stamp)
    found = history(tx, "person_profile", "ddm_dml_op", "last_name", "height", "person_profile_id")
    assert [(op, name, Decimal(str(height)), str(key)) for op, name, height, key in found] == [
        ("I", "A", Decimal("1.78"), id), ("U", "B", Decimal("1.78"), id), ("U", "B", Decimal("1.78"), id), ("D", "B", Decimal("1.78"), id),
    ]  # fmt: skip
    assert refusal(rows.read, tx, person, id).code == "NOT_FOUND"


def test_history_says_who_from_where_and_when(tx, person, stamp):
    rows.create(tx, person, {"lastName": "A"}, stamp)
    names = (
        "curr_user", "source_system", "source_application", "source_process", "source_process_definition_id", "source_process_instance_id",
        "business_activity", "source_activity_instance_id", "ddm_created_at",
    )  # fmt: skip
    (*who, at), = history(tx, "person_profile", *names)  # fmt: skip
    assert who == ["3010203040", "Low-code Platform", "ratchet", "add-profile", "add-profile:1", "i-1", "createProfile", "createProfile:7"]
    assert str(at).startswith("2026-03-01 10:30")


def test_a_constraint_is_named_and_leaves_the_transaction_usable(tx, registry, person, stamp):
    id = rows.create(tx, person, FULL, stamp)
    assert constraint(rows.create, tx, person, {"lastName": "x", "taxNumber": "0012345678"}, stamp) == {"constraint": "unique"}
    assert constraint(rows.create, tx, person, {"firstName": "x"}, stamp) == {"constraint": "not null"}
    assert constraint(rows.change, tx, person, id, {"lastName": None}, stamp) == {"constraint": "not null"}
    assert constraint(rows.create, tx, person, {"lastName": "x", "height": 0}, stamp) == {"constraint": "check"}
    edu = registry.resource("person-edu-profile")
    assert constraint(rows.create, tx, edu, {"personProfileId": NOWHERE}, stamp) == {"constraint": "foreign key"}
    rows.create(tx, edu, {"personProfileId": id}, stamp)
    assert constraint(rows.remove, tx, person, id, stamp) == {"constraint": "foreign key"}
    assert rows.read(tx, person, id)["lastName"] == "Коваленко"
    assert [op for (op,) in history(tx, "person_profile", "ddm_dml_op")] == ["I"]


def test_the_columns_that_are_to_blame(tx, registry, person, stamp):
    rows.create(tx, person, FULL, stamp)
    assert refusal(rows.create, tx, person, {"lastName": "x", "taxNumber": "0012345678"}, stamp).facts["columns"] == ["tax_number"]
    assert refusal(rows.create, tx, person, {"lastName": None}, stamp).facts["columns"] == ["last_name"]
    assert refusal(rows.create, tx, person, {"lastName": "x", "height": 0}, stamp).facts["columns"] == []


def test_on_delete_restrict(tx, stamp):
    apply_tables(tx, """CREATE TABLE owner (owner_id uuid PRIMARY KEY);
        CREATE TABLE pet (pet_id uuid PRIMARY KEY, owner_id uuid REFERENCES owner (owner_id) ON DELETE RESTRICT)""")  # fmt: skip
    registry = Registry.reflect(tx)
    owner = rows.create(tx, registry.resource("owner"), {}, stamp)
    rows.create(tx, registry.resource("pet"), {"ownerId": owner}, stamp)
    assert constraint(rows.remove, tx, registry.resource("owner"), owner, stamp) == {"constraint": "foreign key"}


def test_every_bad_field_is_named_at_once(tx, person, stamp):
    error = refusal(rows.create, tx, person, {"lastName": "x" * 41, "birthday": "soon", "children": 1.5, "shoeSize": 43}, stamp)
    assert (error.code, error.status) == ("VALIDATION_ERROR", 422)
    assert [(e["field"], e["value"]) for e in error.details["errors"]] == [
        ("lastName", "x" * 41), ("birthday", "soon"), ("children", "1.5"), ("shoeSize", "43"),
    ]  # fmt: skip
    assert error.fields["lastName"] == ["must be at most 40 characters long"]
    assert error.fields["shoeSize"][0].startswith("unknown field shoeSize of person-profile; known are personProfileId, lastName,")
    assert history(tx, "person_profile", "ddm_dml_op") == []


@pytest.mark.parametrize("name", ["last_name", "lastname", 'lastName"; DROP TABLE orders; --', "", "__proto__"])
def test_a_field_has_only_its_json_name(tx, person, stamp, name):
    assert refusal(rows.create, tx, person, {"lastName": "x", name: "y"}, stamp).code == "VALIDATION_ERROR"


@pytest.mark.parametrize("hostile", ["'; DROP TABLE orders; --", '"', "%s %(x)s :x ?", "\\", "a\r\nb", "😀" * 40])
def test_text_is_only_text(tx, person, stamp, hostile):
    assert rows.read(tx, person, rows.create(tx, person, {"lastName": hostile}, stamp))["lastName"] == hostile


def test_a_missing_row_as_the_contract_has_it(tx, person, stamp):
    assert refusal(rows.read, tx, person, NOWHERE).status == 404
    for error in (refusal(rows.change, tx, person, NOWHERE, {"lastName": "x"}, stamp), refusal(rows.remove, tx, person, NOWHERE, stamp)):
        assert (error.code, error.status) == ("PROCEDURE_ERROR", 500)
    assert history(tx, "person_profile", "ddm_dml_op") == []


@pytest.mark.parametrize("id", ["1", "", "person", NOWHERE + "x", None, NOWHERE.replace("-", "")])
def test_an_id_that_is_no_uuid(tx, person, stamp, id):
    for error in (
        refusal(rows.read, tx, person, id),
        refusal(rows.change, tx, person, id, {}, stamp),
        refusal(rows.remove, tx, person, id, stamp),
    ):
        assert (error.code, error.status) == ("METHOD_ARGUMENT_TYPE_MISMATCH", 400)


def test_a_table_without_history_can_only_be_read(tx, stamp):
    tx.exec_driver_sql("CREATE TABLE pet (pet_id uuid PRIMARY KEY)")
    pet = Registry.reflect(tx).resource("pet")
    assert "has no history table" in refusal(rows.create, tx, pet, {}, stamp).message
    assert tx.exec_driver_sql("SELECT count(*) FROM pet").scalar_one() == 0
