from __future__ import annotations

import pytest

from engine.data import documents, past, rows
from engine.data.documents import Document
from engine.data.errors import DataError
from engine.data.origin import Signed, Stamp


@pytest.fixture
def signed(tx, registry, stamp):
    """A person that was created under two documents, deleted without, and one of the documents was tampered with in the database."""
    made = [Document(id, "system", '{"lastName":"K"}', b"cms", "olena", stamp.at) for id in ("process/i/task/t", "derived")]
    for one in made:
        documents.put(tx, one)
    under = Stamp(stamp.origin, stamp.at, Signed(*(one.id for one in made)), *(one.checksum for one in made))
    person = registry.resource("person-profile")
    id = rows.create(tx, person, {"lastName": "K", "height": "1.7"}, under)
    rows.remove(tx, person, id, stamp)
    tx.exec_driver_sql("UPDATE ratchet_document SET data = '{}' WHERE id = 'derived'")
    return person, id


def test_what_became_of_a_row_that_is_gone(tx, signed):
    found = past.history(tx, *signed)
    assert [(one["ddmDmlOp"], one["row"]["lastName"], str(one["row"]["height"]), one["digitalSign"]) for one in found] == [
        ("I", "K", "1.70", "process/i/task/t"), ("D", "K", "1.70", None),
    ]  # fmt: skip
    assert found[0]["currUser"] == "3010203040" and found[0]["row"]["personProfileId"] == signed[1]


def test_a_document_that_was_changed_is_noticed(tx, signed):
    assert [(one["id"], one["unchanged"]) for one in past.signed(tx, *signed)] == [("process/i/task/t", True), ("derived", False)]


def test_only_documents_of_this_row_are_shown(tx, signed, stamp):
    documents.put(tx, Document("other", "submission", "secret", None, "bob", stamp.at))
    shown = past.document(tx, *signed, "process/i/task/t")
    assert (shown["data"], shown["signature"]) == ('{"lastName":"K"}', "Y21z")
    for key in ("other", "nothing", "' OR 1=1 --"):
        with pytest.raises(DataError, match="No change of this"):
            past.document(tx, *signed, key)
