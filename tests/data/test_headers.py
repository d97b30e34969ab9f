from __future__ import annotations

from dataclasses import replace

import pytest

from engine.data import headers
from engine.data.errors import DataError
from engine.data.origin import Signed

FULL = {
    "X-Digital-Signature": "own",
    "X-Digital-Signature-Derived": "derived",
    "X-Source-System": "Low-code Platform",
    "X-Source-Application": "portal",
    "X-Source-Business-Process": "add-profile",
    "X-Source-Business-Process-Definition-Id": "add-profile:1",
    "X-Source-Business-Process-Instance-Id": "i-1",
    "X-Source-Business-Activity": "createProfile",
    "X-Source-Business-Activity-Instance-Id": "createProfile:7",
}


@pytest.fixture
def person(stamp):
    return stamp.origin.person


def test_all_of_them(stamp, person):
    origin, signed = headers.read({name.lower(): value for name, value in FULL.items()}, person)
    assert origin == replace(stamp.origin, source_application="portal")
    assert signed == Signed("own", "derived")


@pytest.mark.parametrize("name", list(FULL)[:5])
@pytest.mark.parametrize("value", [None, " "])
def test_the_mandatory_ones(person, name, value):
    given = {**FULL, name: value} if value else {other: v for other, v in FULL.items() if other != name}
    with pytest.raises(DataError, match=name) as refused:
        headers.read(given, person)
    assert (refused.value.code, refused.value.status) == ("HEADERS_ARE_MISSING", 400)


def test_without_signatures_where_none_are_needed(person):
    _, signed = headers.read(dict(list(FULL.items())[2:]), person, signed=False)
    assert signed == Signed(None, None)


@pytest.mark.parametrize("change", [{"serial_number": None}, {"serial_number": ""}, {"name": ""}])
def test_a_token_without_drfo_or_full_name(person, change):
    with pytest.raises(DataError) as refused:
        headers.read(FULL, replace(person, **change))
    assert refused.value.code == "INVALID_HEADER_VALUE"
