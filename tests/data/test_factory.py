from __future__ import annotations

import json

import pytest

from engine.clock import TestClock
from engine.data import declarations, documents, factory
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.data.origin import UNSIGNED, Signed
from engine.data.schema import Registry, apply_tables
from engine.data.signatures import Change
from engine.seal import SystemSigner
from tests.data.conftest import OFFICER

PET = "CREATE TABLE pet (pet_id uuid PRIMARY KEY, name text, weight numeric(8, 3));"
NESTED = "nested: {pets: {table: pet}}"


@pytest.fixture(scope="module")
def seal(tmp_path_factory):
    return SystemSigner.load(tmp_path_factory.mktemp("seal"), TestClock())


@pytest.fixture
def pets(tx):
    apply_tables(tx, PET)
    return Registry.reflect(tx, declarations.read(NESTED))


@pytest.fixture
def change(tx, seal, stamp):
    """A change whose signatures cover `body`."""

    def signed(body):
        keys = Signed(documents.free_id(tx, "own"), documents.free_id(tx, "derived"))
        for id, kind in ((keys.key, "submission"), (keys.derived_key, "system")):
            documents.put(tx, Document(id, kind, body.decode(), seal.sign(body), "olena", stamp.at))
        return Change(stamp.origin, stamp.at, keys, seal)

    return signed


@pytest.fixture
def unsigned(stamp):
    return Change(stamp.origin, stamp.at, UNSIGNED, None)


def refusal(call, *args):
    with pytest.raises(DataError) as refused:
        call(*args)
    return refused.value.code


def test_the_life_of_a_row_under_signatures(tx, pets, change):
    made, moved = b'{ "name": "Rex" }', b'{"name":"Max","weight":12.5}'
    id = factory.create(tx, pets, "pet", made, change(made))
    factory.update(tx, pets, "pet", id, moved, change(moved))
    assert factory.read(tx, pets, "pet", id, OFFICER)["name"] == "Max"
    factory.delete(tx, pets, "pet", id, change(json.dumps({"id": id}, separators=(",", ":")).encode()))
    signed = tx.exec_driver_sql("SELECT ddm_dml_op, digital_sign, digital_sign_derived FROM pet_hst ORDER BY ddm_hst_id").all()
    assert [tuple(row) for row in signed] == [("I", "own", "derived"), ("U", "own_1", "derived_1"), ("D", "own_2", "derived_2")]
    sums = tx.exec_driver_sql("SELECT ddm_digital_sign_checksum, ddm_digital_sign_derived_checksum FROM pet_hst").all()
    assert all(len(value) == 64 for row in sums for value in row)


def test_nested_rows_under_signatures(tx, pets, change, unsigned):
    body = b'{"name":"Rex"}'
    assert factory.upsert(tx, pets, "pets", body, change(body))
    assert refusal(factory.upsert, tx, pets, "pets", body, unsigned) == "HEADERS_ARE_MISSING"


def test_a_signature_is_for_one_payload_only(tx, pets, change, unsigned):
    body = b'{"name":"Rex"}'
    assert refusal(factory.create, tx, pets, "pet", b'{"name":"Max"}', change(body)) == "SIGNATURE_VIOLATION"
    assert refusal(factory.create, tx, pets, "pet", body, unsigned) == "HEADERS_ARE_MISSING"
    id = factory.create(tx, pets, "pet", body, change(body))
    assert refusal(factory.delete, tx, pets, "pet", id, change(body)) == "SIGNATURE_VIOLATION"
    assert factory.read(tx, pets, "pet", id, OFFICER)


def test_an_application_may_do_without_signatures(tx, unsigned):
    apply_tables(tx, PET)
    pets = Registry.reflect(tx, declarations.read("signatures: optional\n" + NESTED, PET))
    id = factory.create(tx, pets, "pet", b'{"name":"Rex"}', unsigned)
    factory.delete(tx, pets, "pet", id, unsigned)
    assert factory.upsert(tx, pets, "pets", b"{}", unsigned)


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"null", b"{", b"\xff", b'{"name":NaN}', b'{"name":Infinity}', b"[" * 100_000])
def test_a_body_that_is_no_object(tx, pets, change, body):
    apply_tables(tx, "CREATE TABLE free (free_id uuid PRIMARY KEY)")
    pets = Registry.reflect(tx, declarations.read("signatures: optional", PET))
    assert refusal(factory.create, tx, pets, "pet", body, Change(change(b"").origin, change(b"").at)) == "CLIENT_ERROR"


def test_numbers_keep_their_digits(tx, pets, change):
    body = b'{"weight":12345.678}'
    assert str(factory.read(tx, pets, "pet", factory.create(tx, pets, "pet", body, change(body)), OFFICER)["weight"]) == "12345.678"


def test_an_unknown_resource(tx, pets, unsigned):
    assert refusal(factory.read, tx, pets, "cat", "x", OFFICER) == "NOT_FOUND"
    assert refusal(factory.upsert, tx, pets, "pet", b"{}", unsigned) == "NOT_FOUND"
