from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from engine.data import documents
from engine.data.documents import Document
from engine.db import savepoint

SUBMITTED = Document(
    "process/i-1/task/sign", "submission", '{"name":"Їжак"}', b"\x30\x00\xff", "olena", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
)


def test_a_document_is_given_back_as_it_was(tx):
    documents.put(tx, SUBMITTED)
    assert documents.get(tx, SUBMITTED.id) == SUBMITTED
    assert documents.get(tx, "process/i-1/task/other") is None


def test_a_document_is_never_overwritten(tx):
    documents.put(tx, SUBMITTED)
    with pytest.raises(IntegrityError), savepoint(tx):
        documents.put(tx, replace(SUBMITTED, data="{}"))
    assert documents.free_id(tx, SUBMITTED.id) == "process/i-1/task/sign_1"
    documents.put(tx, replace(SUBMITTED, id="process/i-1/task/sign_1"))
    assert documents.free_id(tx, SUBMITTED.id) == "process/i-1/task/sign_2"


def test_only_what_nobody_signed_can_be_forgotten(tx):
    documents.put(tx, SUBMITTED)
    documents.put(tx, replace(SUBMITTED, id="note", kind="content", signature=None))
    for id in (SUBMITTED.id, "note"):
        documents.forget(tx, id)
    assert documents.get(tx, SUBMITTED.id) and documents.get(tx, "note") is None


def test_the_checksum_covers_data_and_signature():
    stored = '{"data":"{\\"name\\":\\"Їжак\\"}","signature":"MAD/"}'
    assert SUBMITTED.checksum == hashlib.sha256(stored.encode()).hexdigest()
    assert SUBMITTED.checksum not in {replace(SUBMITTED, signature=None).checksum, replace(SUBMITTED, data="{}").checksum}
