from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest

from engine.data.values import kind_of

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
MAX_INT = 2**31 - 1


def take(declared, value):
    kind, size = kind_of(declared)
    return kind.take(value, size)


def show(declared, stored):
    kind, size = kind_of(declared)
    return kind.show(stored, size)


@pytest.mark.parametrize(
    ("declared", "name", "size"),
    [
        ("uuid", "uuid", ()),
        ("UUID", "uuid", ()),
        ("CHAR(36)", "uuid", ()),
        ("character(36)", "uuid", ()),
        ("char(8)", "text", (8,)),
        ("char", "text", (1,)),
        ("VARCHAR", "text", ()),
        ("varchar(20)", "text", (20,)),
        ("character  varying( 20 )", "text", (20,)),
        ("numeric(5, 2)", "number", (5, 2)),
        ("DECIMAL(9)", "number", (9,)),
        ("INTEGER", "integer", ()),
        ("timestamp(3) without time zone", "timestamp", ()),
        ("TIMESTAMP WITH TIME ZONE", "timestamp", ()),
        ("double precision", "float", ()),
        ("jsonb", "json", ()),
        ("text[]", "other", ()),
        ("", "other", ()),
    ],
)
def test_kinds_of_declared_types(declared, name, size):
    kind, found = kind_of(declared)
    assert (kind.name, found) == (name, size)


@pytest.mark.parametrize(
    ("declared", "value", "bound"),
    [
        ("uuid", ID.upper(), ID),
        ("varchar(3)", "їжа", "їжа"),
        ("varchar(3)", 12, "12"),
        ("text", True, "true"),
        ("numeric(5,2)", Decimal("1.005"), "1.01"),
        ("numeric(5,2)", "999.99", "999.99"),
        ("numeric", "1e3", "1000"),
        ("numeric", Decimal("12345678901234567890.123"), "12345678901234567890.123"),
        ("numeric(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
        ("integer", "25", 25),
        ("integer", Decimal("3.0"), 3),
        ("integer", -(2**31), -(2**31)),
        ("real", 1.5, 1.5),
        ("boolean", "true", True),
        ("boolean", False, False),
        ("date", "2024-02-29", "2024-02-29"),
        ("time", "07:00", "07:00:00"),
        ("timestamp", "2022-02-16T13:17:10.952Z", "2022-02-16 13:17:10.952"),
        ("timestamp", "2022-02-16T13:17:10.952+02:00", "2022-02-16 11:17:10.952"),
        ("timestamp", "2022-02-16T13:17Z", "2022-02-16 13:17:00.000"),
        ("timestamp", "2022-02-16", "2022-02-16 00:00:00.000"),
        ("timestamptz", "2022-02-16", "2022-02-16 00:00:00.000+00:00"),
        ("json", {"a": Decimal("1.5")}, '{"a":1.5}'),
        ("json", "x", '"x"'),
    ],
)
def test_what_is_bound(declared, value, bound):
    assert take(declared, value) == bound


@pytest.mark.parametrize(
    ("declared", "value", "told"),
    [
        ("uuid", "3fa85f64", "identifier"),
        ("uuid", 5, "identifier"),
        ("uuid", ID.replace("-", ""), "identifier"),
        ("uuid", ID + "\n", "identifier"),
        ("varchar(3)", "їжак", "at most 3 characters"),
        ("varchar(3)", {"a": 1}, "text"),
        ("text", "a\x00b", "characters that cannot be stored"),
        ("text", "\ud800", "characters that cannot be stored"),
        ("numeric(5,2)", "1000", "3 digits before"),
        ("numeric(5,2)", "999.999", "3 digits before"),
        ("numeric", "12,5", "a number"),
        ("numeric", "NaN", "a number"),
        ("numeric", float("inf"), "a number"),
        ("numeric", True, "a number"),
        ("numeric", "1e999999999", "a number"),
        ("numeric", "1e999", "too large"),
        ("numeric", "", "a number"),
        ("integer", "2.5", "whole number"),
        ("integer", MAX_INT + 1, f"{MAX_INT}"),
        ("integer", True, "whole number"),
        ("integer", "１２", "whole number"),
        ("smallint", 40000, "32767"),
        ("bigint", 2**63, "between"),
        ("boolean", 1, "true or false"),
        ("boolean", "yes", "true or false"),
        ("boolean", [], "true or false"),
        ("date", "2023-02-29", "calendar"),
        ("date", "16.02.2022", "a date"),
        ("date", "20220216", "a date"),
        ("date", "2022-02-16T00:00:00Z", "a date"),
        ("time", "25:00", "calendar"),
        ("timestamp", "yesterday", "date and time"),
        ("timestamp", "2022-02-30T00:00:00Z", "calendar"),
        ("timestamp", "0001-01-01T00:00:00+14:00", "calendar"),
        ("timestamp", 1645017430, "date and time"),
        ("json", "\ud800", "characters"),
    ],
)
def test_what_cannot_be_taken(declared, value, told):
    with pytest.raises(ValueError, match=told):
        take(declared, value)


@pytest.mark.parametrize(
    ("declared", "stored", "shown"),
    [
        ("uuid", UUID(ID), ID),
        ("char(5)", "ab   ", "ab"),
        ("numeric(5,2)", 12.5, Decimal("12.50")),
        ("numeric(5,2)", Decimal("12.50"), Decimal("12.50")),
        ("numeric", 12, Decimal(12)),
        ("boolean", 1, True),
        ("date", date(2022, 2, 16), "2022-02-16"),
        ("time", time(7), "07:00:00"),
        ("timestamp", datetime(2022, 2, 16, 13, 17, 10, 952000), "2022-02-16T13:17:10.952Z"),
        ("timestamptz", datetime(2022, 2, 16, 13, 17, tzinfo=UTC), "2022-02-16T13:17:00.000Z"),
        ("timestamp", "2022-02-16 13:17:10", "2022-02-16T13:17:10.000Z"),
        ("timestamp", "soon", "soon"),
        ("json", '{"a":1}', {"a": 1}),
        ("jsonb", {"a": 1}, {"a": 1}),
    ],
)
def test_what_is_shown(declared, stored, shown):
    assert show(declared, stored) == shown
    assert str(show(declared, stored)) == str(shown)
