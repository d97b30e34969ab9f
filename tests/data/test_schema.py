from __future__ import annotations

import pytest

from engine.data import declarations, fitting
from engine.data.errors import DataError
from engine.data.schema import Registry, SchemaRefused, apply_tables, camel


@pytest.mark.parametrize(
    ("snake", "property"),
    [
        ("person_edu_profile", "personEduProfile"),
        ("orders", "orders"),
        ("a_1_b", "a1B"),
        ("BeneficialOwner", "BeneficialOwner"),
        ("_x", "x"),
    ],
)
def test_camel(snake, property):
    assert camel(snake) == property


def test_tables_and_columns_have_their_names_in_json(registry):
    found = registry.resource("person-edu-profile")
    assert list(found.columns) == ["personEduProfileId", "personProfileId"]
    assert found.key.name == "person_edu_profile_id" and found.history.name == "person_edu_profile_hst"


def test_declared_types_are_respected(registry):
    kinds = {name: (column.kind.name, column.size) for name, column in registry.resource("person-profile").columns.items()}
    assert kinds == {
        "personProfileId": ("uuid", ()),
        "lastName": ("text", (40,)),
        "firstName": ("text", ()),
        "birthday": ("date", ()),
        "taxNumber": ("text", (12,)),
        "height": ("number", (5, 2)),
        "children": ("integer", ()),
        "active": ("boolean", ()),
        "registeredAt": ("timestamp", ()),
        "seenAt": ("timestamp", ()),
        "wakesAt": ("time", ()),
        "settings": ("json", ()),
    }


@pytest.mark.parametrize("name", ["ratchet-document", "person-profile-hst", "BeneficialOwner", "nothing", "person_profile", "__class__"])
def test_what_is_no_resource(registry, name):
    with pytest.raises(DataError, match="Known are: orders, person-edu-profile") as refused:
        registry.resource(name)
    assert (refused.value.code, refused.value.status) == ("NOT_FOUND", 404)


def test_a_table_whose_name_only_looks_like_history(tx):
    apply_tables(tx, "CREATE TABLE a (a_id uuid PRIMARY KEY);")
    tx.exec_driver_sql("CREATE TABLE burst_hst (burst_hst_id uuid PRIMARY KEY)")
    assert set(Registry.reflect(tx).resources) == {"a", "burst-hst"}


def test_signatures_per_table(tx):
    apply_tables(tx, "CREATE TABLE pet (pet_id uuid PRIMARY KEY); CREATE TABLE deed (deed_id uuid PRIMARY KEY)")
    registry = Registry.reflect(tx, declarations.read("signatures: optional", "CREATE TABLE pet (pet_id uuid)"))
    assert (registry.resource("pet").signed, registry.resource("deed").signed) == (False, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nested: {x: {table: nowhere}}", "missing required tables nowhere"),
        ("nested: {x: {table: transaction, links: {orders_id: {table: nowhere}}}}", "missing required tables nowhere"),
        ("nested: {x: {table: transaction, links: {order_id: {table: orders}}}}", "has no column order_id; it has transaction_id"),
        ("nested: {x: {table: beneficialowner}}", "missing required tables"),
        ("nested: {x: {table: ratchet_document}}", "missing required tables"),
    ],
)
def test_declarations_that_do_not_fit(tx, registry, text, told):
    with pytest.raises(SchemaRefused, match=told):
        fitting.reflect(tx, declarations.read(text))


def test_two_columns_that_would_be_one_field(tx):
    apply_tables(tx, "CREATE TABLE a (a_id uuid PRIMARY KEY, b_c text, b__c text)")
    with pytest.raises(SchemaRefused, match="two columns"):
        Registry.reflect(tx)
