from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from engine.data.errors import STATUS, DataError, FieldError, from_database, invalid
from engine.db import savepoint


@pytest.mark.parametrize("code", STATUS)
def test_every_code_has_its_status(code):
    assert DataError(code, "…").status == STATUS[code]


def test_fields_as_a_form_shows_them():
    error = invalid([FieldError("a", 1, "one"), FieldError("a", None, "two"), FieldError("b.c", "x", "three")])
    assert error.fields == {"a": ["one", "two"], "b.c": ["three"]}
    assert error.details["errors"][0] == {"value": "1", "field": "a", "message": "one"}
    assert [e["value"] for e in invalid([FieldError("a", value, "…") for value in (None, True, [{"b": 1}])]).details["errors"]] == [
        None,
        "true",
        '[{"b":1}]',
    ]
    assert DataError("NOT_FOUND", "…").fields == {}


@pytest.mark.parametrize("sql", ["SELECT nothing FROM nowhere", "SELEC"])
def test_what_is_not_about_the_data_stays_what_it_is(tx, sql):
    with pytest.raises(DBAPIError) as failure, savepoint(tx):
        tx.exec_driver_sql(sql)
    assert from_database(failure.value, "pet") is None
