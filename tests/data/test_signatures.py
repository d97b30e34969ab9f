from __future__ import annotations

from dataclasses import replace

import pytest

from engine.clock import TestClock
from engine.data import documents, signatures
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.data.origin import Signed
from engine.data.signatures import Change
from engine.seal import SystemSigner

BODY = b'{"lastName":"K"}'
BOTH = Signed("process/i-1/task/sign", "lowcode_i-1_i-1_system_signature_ceph_key")


@pytest.fixture(scope="module")
def seal(tmp_path_factory):
    return SystemSigner.load(tmp_path_factory.mktemp("seal"), TestClock())


@pytest.fixture
def store(tx, seal, stamp):
    def put(id, kind, data=BODY, signature=None):
        documents.put(tx, Document(id, kind, data.decode(), signature or seal.sign(data), "olena", stamp.at))

    return put


@pytest.fixture
def check(tx, seal, stamp):
    return lambda signed=BOTH, body=BODY, required=True, by=seal: signatures.stamp(
        tx, body, Change(stamp.origin, stamp.at, signed, by), required
    )


@pytest.fixture
def signed(store):
    store(BOTH.key, "submission", b'{"formData":1}')
    store(BOTH.derived_key, "system")


def refusal(check, *args, **named):
    with pytest.raises(DataError) as refused:
        check(*args, **named)
    return refused.value.code, refused.value.status


def test_both_hold(tx, signed, check, stamp):
    found = check()
    checksums = [documents.get(tx, key).checksum for key in (BOTH.key, BOTH.derived_key)]
    assert found == replace(stamp, signed=BOTH, checksum=checksums[0], derived_checksum=checksums[1])


@pytest.mark.parametrize(
    "given", [Signed(None, None), Signed(BOTH.key, None), Signed(None, BOTH.derived_key), Signed("", BOTH.derived_key)]
)
def test_both_have_to_be_named(signed, check, given):
    assert refusal(check, given) == ("HEADERS_ARE_MISSING", 400)
    assert check(given, required=False).signed == given


@pytest.mark.parametrize("given", [replace(BOTH, derived_key="nothing"), replace(BOTH, key="nothing")])
def test_a_document_that_does_not_exist(signed, check, given):
    assert refusal(check, given) == ("INVALID_HEADER_VALUE", 400)
    assert refusal(check, given, required=False) == ("INVALID_HEADER_VALUE", 400)


@pytest.mark.parametrize("body", [b'{"lastName":"L"}', b'{"lastName": "K"}', BODY + b"\n", b""])
def test_other_bytes_than_those_that_the_server_signed(signed, check, body):
    assert refusal(check, body=body) == ("SIGNATURE_VIOLATION", 412)


def test_a_stored_text_that_was_changed_with_the_body(store, seal, check):
    store(BOTH.key, "submission")
    store(BOTH.derived_key, "system", b'{"lastName":"L"}', seal.sign(BODY))
    assert refusal(check, body=b'{"lastName":"L"}') == ("SIGNATURE_VIOLATION", 412)


def test_the_seal_of_another_server(store, check, tmp_path):
    store(BOTH.key, "submission")
    store(BOTH.derived_key, "system", BODY, SystemSigner.load(tmp_path, TestClock()).sign(BODY))
    assert refusal(check) == ("SIGNATURE_VIOLATION", 412)


def test_rubbish_in_place_of_a_seal(store, check):
    store(BOTH.key, "submission")
    store(BOTH.derived_key, "system", BODY, b"rubbish")
    assert refusal(check) == ("SIGNATURE_VIOLATION", 412)


def test_the_two_are_not_exchangeable(signed, check):
    assert refusal(check, Signed(BOTH.key, BOTH.key)) == ("SIGNATURE_VIOLATION", 412)
    assert refusal(check, Signed(BOTH.derived_key, BOTH.derived_key)) == ("SIGNATURE_VIOLATION", 412)


def test_a_submission_that_nobody_signed(tx, store, check, stamp):
    documents.put(tx, Document(BOTH.key, "submission", "{}", None, "olena", stamp.at))
    store(BOTH.derived_key, "system")
    assert refusal(check) == ("SIGNATURE_VIOLATION", 412)


def test_a_server_without_a_key(signed, check):
    assert refusal(check, by=None) == ("THIRD_PARTY_SERVICE_UNAVAILABLE", 500)
