"""How values become JSON and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.spin import JsonNode
from web.answers import badge, plain, shown, when

MOMENT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Inner:
    tags: frozenset[str]


@dataclass(frozen=True)
class Outer:
    at: datetime
    inner: tuple[Inner, ...]
    content: bytes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1.50"), 1.5),
        (Decimal("10"), 10),
        (date(2026, 1, 2), "2026-01-02"),
        (MOMENT, "2026-01-02T03:04:00+00:00"),
        (JsonNode.of({"a": [1]}), {"a": [1]}),
        ({1: (True, None)}, {"1": [True, None]}),
        (
            Outer(MOMENT, (Inner(frozenset("ba")),), b"\x00"),
            {"at": "2026-01-02T03:04:00+00:00", "inner": [{"tags": ["a", "b"]}], "content": "AA=="},
        ),
    ],
)
def test_as_json(value: Any, expected: Any) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "Yes"), (False, "No"), (None, "–"), ("", "–"), ("text", "text"), (0, "0"), (1, "1"), (["ї"], '["ї"]')],
)
def test_in_words(value: Any, expected: str) -> None:
    assert shown(value) == expected


def test_moments_are_told_in_utc_until_a_script_knows_better() -> None:
    assert when(None) == "–"
    kyiv = datetime(2026, 1, 2, 5, 4, tzinfo=timezone(timedelta(hours=2)))
    assert when(kyiv) == '<time datetime="2026-01-02T03:04:00+00:00">02 Jan 2026, 03:04 UTC</time>'


def test_states_are_told_in_plain_words() -> None:
    assert badge("incident") == '<span class="badge err">Needs attention</span>'
    assert badge("<b>") == '<span class="badge ">&lt;b&gt;</span>'
