"""What timers say, one line a case: text or value → moments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from engine.durations import Length, NotADuration, duration, parse
from engine.expressions import feel
from engine.jobs.timing import ENDLESS_TRIES, Due, NotARetryCycle, NotASchedule, after, first, from_note, retry_cycle

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)  # a Thursday
KYIV = ZoneInfo("Europe/Kyiv")  # +2, in summer +3: 2026-03-29 03:00 → 04:00, 2026-10-25 04:00 → 03:00
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour of summer time


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moments(due: Due | None) -> Iterator[str]:
    """All moments of a timer, each read back from its note, as 01-31 09:00 where the year is 2026."""
    while due is not None:
        due = from_note(json.loads(json.dumps(due.note())))
        yield due.at.isoformat(" ").removesuffix("+00:00").removesuffix(":00").removeprefix("2026-")
        due = after(due)


def some(value: Any, count: int, now: datetime = NOW, zone: Any = UTC, kind: str = "cycle", quartz: bool = False) -> list[str]:
    return list(islice(moments(first(kind, value, now, zone, quartz)), count))


@pytest.mark.parametrize(
    ("value", "zone", "moment"),
    [
        ("2026-03-01T09:00:00Z", UTC, "2026-03-01T09:00"),
        (" 2026-03-01T09:00:00Z\n", UTC, "2026-03-01T09:00"),
        ("2026-03-01T09:00Z", UTC, "2026-03-01T09:00"),
        ("2026-03-01T09:00:00.25Z", UTC, "2026-03-01T09:00:00.250"),
        ("2026-03-01T09:00:00.123456789Z", UTC, "2026-03-01T09:00:00.123456"),
        ("2026-03-01T09:00:00+02:00", UTC, "2026-03-01T07:00"),
        ("2026-03-01T09:00:00-05:30", UTC, "2026-03-01T14:30"),
        ("2026-03-01T09:00:00+02:00[Europe/Kyiv]", UTC, "2026-03-01T07:00"),
        ("2026-03-01T09:00:00[Europe/Kyiv]", UTC, "2026-03-01T07:00"),
        ("2026-07-01T09:00[Europe/Kyiv]", UTC, "2026-07-01T06:00"),
        ("2026-07-01T09:00:00@Europe/Kyiv", UTC, "2026-07-01T06:00"),
        ("2026-03-01T09:00:00", UTC, "2026-03-01T09:00"),
        ("2026-03-01T09:00:00", KYIV, "2026-03-01T07:00"),
        ("2026-03-01T24:00:00Z", UTC, "2026-03-02T00:00"),
        ("2024-02-29", UTC, "2024-02-29T00:00"),
        ("2026-03-01", KYIV, "2026-02-28T22:00"),
        ("20260301T090000Z", UTC, "2026-03-01T09:00"),
        ("2026-03-29T03:30:00", KYIV, "2026-03-29T01:30"),  # left out: 04:30 in summer
        ("2026-10-25T03:30:00", KYIV, "2026-10-25T00:30"),  # twice: the first
        ("1999-12-31T00:00:00Z", UTC, "1999-12-31T00:00"),
        (date(2026, 3, 1), KYIV, "2026-02-28T22:00"),
        (datetime(2026, 3, 1, 9), KYIV, "2026-03-01T07:00"),
        (datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=1))), KYIV, "2026-03-01T08:00"),
        (feel.evaluate('date and time("2026-03-01T09:00:00@Europe/Kyiv")', {}), UTC, "2026-03-01T07:00"),
        (feel.evaluate('date and time("2026-03-01T09:00:00.000000001Z")', {}), UTC, "2026-03-01T09:00"),
        (feel.evaluate('date("2026-03-01")', {}), UTC, "2026-03-01T00:00"),
        ("PT5M", UTC, "2026-01-01T09:05"),  # Camunda 7 takes it for a date
    ],
)
def test_dates(value: Any, zone: Any, moment: str) -> None:
    assert first("date", value, NOW, zone) == Due(at(moment))


@pytest.mark.parametrize(
    ("value", "now", "zone", "moment"),
    [
        ("PT0S", "2026-01-01T09:00", UTC, "2026-01-01T09:00"),
        ("PT10M", "2026-01-01T09:00", UTC, "2026-01-01T09:10"),
        ("P1DT12H", "2026-01-01T09:00", UTC, "2026-01-02T21:00"),
        ("P1Y2M3W4DT5H6M7S", "2026-01-01T09:00", UTC, "2027-03-26T14:06:07"),
        ("P2W", "2026-01-01T09:00", UTC, "2026-01-15T09:00"),
        ("PT0.5S", "2026-01-01T09:00", UTC, "2026-01-01T09:00:00.500"),
        ("PT0,25H", "2026-01-01T09:00", UTC, "2026-01-01T09:15"),
        ("P0.5D", "2026-01-01T09:00", UTC, "2026-01-01T21:00"),
        ("P0.5Y", "2026-01-01T09:00", UTC, "2026-07-01T09:00"),
        ("PT36H", "2026-01-01T09:00", UTC, "2026-01-02T21:00"),
        ("PT2147483647S", "2026-01-01T09:00", UTC, "2094-01-19T12:14:07"),
        ("P1M", "2026-01-31T09:00", UTC, "2026-02-28T09:00"),
        ("P1M", "2024-01-31T09:00", UTC, "2024-02-29T09:00"),
        ("P1Y", "2024-02-29T09:00", UTC, "2025-02-28T09:00"),
        ("P13M", "2026-01-31T09:00", UTC, "2027-02-28T09:00"),
        ("-PT10M", "2026-01-01T09:00", UTC, "2026-01-01T09:00"),
        ("PT-10M", "2026-01-01T09:00", UTC, "2026-01-01T09:00"),
        ("P-1Y", "2026-01-01T09:00", UTC, "2026-01-01T09:00"),
        ("PT1H-30M", "2026-01-01T09:00", UTC, "2026-01-01T09:30"),
        ("P1D", "2026-03-28T10:00", KYIV, "2026-03-29T09:00"),  # noon stays noon where clocks change
        ("PT24H", "2026-03-28T10:00", KYIV, "2026-03-29T10:00"),
        ("PT1H", "2026-10-25T01:30", KYIV, "2026-10-25T02:30"),  # begins in the second 03:30
        ("P1D", "2026-03-28T01:30", KYIV, "2026-03-29T01:30"),  # 03:30 does not come: 04:30
        (timedelta(minutes=5), "2026-01-01T09:00", UTC, "2026-01-01T09:05"),
        (timedelta(minutes=-5), "2026-01-01T09:00", UTC, "2026-01-01T09:00"),
        (feel.evaluate('duration("PT1H")', {}), "2026-01-01T09:00", UTC, "2026-01-01T10:00"),
        (feel.evaluate('duration("P1M")', {}), "2026-01-31T09:00", UTC, "2026-02-28T09:00"),
        (feel.evaluate('duration("P1D") * 0.5', {}), "2026-01-01T09:00", UTC, "2026-01-01T21:00"),
    ],
)
def test_durations(value: Any, now: str, zone: Any, moment: str) -> None:
    assert first("duration", value, at(now), zone) == Due(at(moment))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("R/PT10M", ["01-01 09:10", "01-01 09:20", "01-01 09:30", "01-01 09:40"]),
        ("R-1/PT10M", ["01-01 09:10", "01-01 09:20", "01-01 09:30", "01-01 09:40"]),
        ("R3/PT10M", ["01-01 09:10", "01-01 09:20", "01-01 09:30"]),
        ("R1/PT10M", ["01-01 09:10"]),
        ("R0/PT10M", ["01-01 09:10"]),
        ("R999999999/PT1S", ["01-01 09:00:01", "01-01 09:00:02", "01-01 09:00:03", "01-01 09:00:04"]),
        ("R3/P1D", ["01-02 09:00", "01-03 09:00", "01-04 09:00"]),
        ("R3/PT0.5S", ["01-01 09:00:00.500000", "01-01 09:00:01", "01-01 09:00:01.500000"]),
        ("R3/2026-01-05T00:00:00Z/PT10M", ["01-05 00:00", "01-05 00:10", "01-05 00:20"]),
        ("R3/2026-01-01T09:00:00Z/PT10M", ["01-01 09:00", "01-01 09:10", "01-01 09:20"]),
        ("R3/2026-01-01T08:45:00Z/PT10M", ["01-01 09:05"]),  # two of the three are over
        ("R/2020-01-01T00:07:00Z/PT1H", ["01-01 09:07", "01-01 10:07", "01-01 11:07", "01-01 12:07"]),
        ("R3/2020-01-01T00:00:00Z/PT10M", []),
        ("R/2026-01-31T09:00:00Z/P1M", ["01-31 09:00", "02-28 09:00", "03-31 09:00", "04-30 09:00"]),
        ("R/2024-02-29T09:00:00Z/P1Y", ["02-28 09:00", "2027-02-28 09:00", "2028-02-29 09:00", "2029-02-28 09:00"]),
        ("R/PT10M/2026-01-01T09:25:00Z", ["01-01 09:05", "01-01 09:15", "01-01 09:25"]),
        ("R/PT10M/2026-01-01T09:20:00Z", ["01-01 09:00", "01-01 09:10", "01-01 09:20"]),
        ("R2/PT10M/2026-12-31T00:00:00Z", ["12-30 23:50", "12-31 00:00"]),
        ("R/PT10M/2025-12-31T00:00:00Z", []),
        ("R3/2026-01-01T10:00:00Z/2026-01-01T10:30:00Z", ["01-01 10:00", "01-01 10:30", "01-01 11:00"]),
        ("R/9999-12-31T00:00:00Z/P1D", ["9999-12-31 00:00"]),
        ("R/PT10M/9999-12-31T00:00:00Z", ["01-01 09:00", "01-01 09:10", "01-01 09:20", "01-01 09:30"]),
        ("R/PT0.000001S/9999-12-31T00:00:00Z", ["01-01 09:00", "01-01 09:00:00.000001", "01-01 09:00:00.000002", "01-01 09:00:00.000003"]),
    ],
)
def test_cycles(value: str, found: list[str]) -> None:
    assert some(value, 4) == found


def test_a_cycle_of_months_begun_on_a_last_day() -> None:
    assert some("R/P1M", 4, at("2026-01-31T09:00")) == ["02-28 09:00", "03-31 09:00", "04-30 09:00", "05-31 09:00"]


def test_a_cycle_of_days_keeps_its_clock_where_clocks_change() -> None:
    assert some("R/P1D", 3, at("2026-03-27T10:00"), KYIV) == ["03-28 10:00", "03-29 09:00", "03-30 09:00"]
    assert some("R/PT24H", 3, at("2026-03-27T10:00"), KYIV) == ["03-28 10:00", "03-29 10:00", "03-30 10:00"]
    assert some("R/2026-03-28T03:30:00/P1D", 3, at("2026-03-27T10:00"), KYIV) == ["03-28 01:30", "03-29 01:30", "03-30 00:30"]


def test_what_is_left_and_what_was_missed() -> None:
    due = first("cycle", "R5/PT10M", NOW)
    assert due is not None and due.left == 4
    late = after(due, NOW + timedelta(minutes=35))
    assert late is not None and (late.at, late.left) == (NOW + timedelta(minutes=40), 1)
    assert after(due, NOW + timedelta(hours=1)) is None
    endless = first("cycle", "R/PT1S", NOW)
    assert endless is not None and endless.left is None
    later = after(endless, NOW + timedelta(days=3650, milliseconds=1))
    assert later is not None and later.at == NOW + timedelta(days=3650, seconds=1)
    assert first("duration", "PT1S", NOW).left == 0  # type: ignore[union-attr]
    cron = first("cycle", "0 0 9 * * *", NOW)
    assert cron is not None and cron.left is None
    late = after(cron, NOW + timedelta(days=30))
    assert late is not None and late.at == NOW + timedelta(days=31)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("0 0 9-17 * * MON-FRI", ["01-01 10:00", "01-01 11:00", "01-01 12:00"]),
        ("0 0 9 * * MON-FRI", ["01-02 09:00", "01-05 09:00", "01-06 09:00"]),
        ("0 0 9 * * mon-fri", ["01-02 09:00", "01-05 09:00", "01-06 09:00"]),
        ("0 0 9 ? * FRI-MON", ["01-02 09:00", "01-03 09:00", "01-04 09:00"]),
        ("0 0 9 * * 1", ["01-05 09:00", "01-12 09:00", "01-19 09:00"]),
        ("0 0 9 * * 7", ["01-04 09:00", "01-11 09:00", "01-18 09:00"]),
        ("0 0 9 * * 0", ["01-04 09:00", "01-11 09:00", "01-18 09:00"]),
        ("0 0 9 * * 6-7", ["01-03 09:00", "01-04 09:00", "01-10 09:00"]),
        ("*/20 * * * * *", ["01-01 09:00:20", "01-01 09:00:40", "01-01 09:01"]),
        ("5/25 * * * * ?", ["01-01 09:00:05", "01-01 09:00:30", "01-01 09:00:55"]),
        ("0 0/30 * * * ?", ["01-01 09:30", "01-01 10:00", "01-01 10:30"]),
        ("0 0 8,12 1/10 * ?", ["01-01 12:00", "01-11 08:00", "01-11 12:00"]),
        ("0 0 0 L * ?", ["01-31 00:00", "02-28 00:00", "03-31 00:00"]),
        ("0 0 0 15W * ?", ["01-15 00:00", "02-16 00:00", "03-16 00:00"]),
        ("0 0 0 1W * ?", ["02-02 00:00", "03-02 00:00", "04-01 00:00"]),
        ("0 0 0 ? * FRIL", ["01-30 00:00", "02-27 00:00", "03-27 00:00"]),
        ("0 0 0 ? * 5L", ["01-30 00:00", "02-27 00:00", "03-27 00:00"]),
        ("0 0 0 ? * L", ["01-03 00:00", "01-10 00:00", "01-17 00:00"]),
        ("0 0 0 ? * MON#2", ["01-12 00:00", "02-09 00:00", "03-09 00:00"]),
        ("0 0 0 ? * 5#5", ["01-30 00:00", "05-29 00:00", "07-31 00:00"]),
        ("0 0 0 13 * FRI", ["02-13 00:00", "03-13 00:00", "11-13 00:00"]),  # both, as in Spring
        ("0 0 13 * FRI", ["01-02 00:00", "01-09 00:00", "01-13 00:00"]),  # either, as in Unix
        ("0 0 12 1 JAN ? 2028", ["2028-01-01 12:00"]),
        ("0 0 12 1 JAN ? 2027/2", ["2027-01-01 12:00", "2029-01-01 12:00", "2031-01-01 12:00"]),
        ("0 0 0 29 2 ?", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("0 0 0 30 2 ?", []),
        ("0 0 0 1 1 ? 2020", []),
        ("30 9 * * *", ["01-01 09:30", "01-02 09:30", "01-03 09:30"]),
        ("@yearly", ["2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00"]),
        ("@annually", ["2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00"]),
        ("@monthly", ["02-01 00:00", "03-01 00:00", "04-01 00:00"]),
        ("@weekly", ["01-04 00:00", "01-11 00:00", "01-18 00:00"]),
        ("@daily", ["01-02 00:00", "01-03 00:00", "01-04 00:00"]),
        ("@midnight", ["01-02 00:00", "01-03 00:00", "01-04 00:00"]),
        ("@Hourly", ["01-01 10:00", "01-01 11:00", "01-01 12:00"]),
    ],
)
def test_cron(value: str, found: list[str]) -> None:
    assert some(value, 3) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("0 0 9 ? * 2", ["01-05 09:00"]),
        ("0 0 9 ? * 2-6", ["01-02 09:00"]),
        ("0 0 9 ? * 1", ["01-04 09:00"]),
        ("0 0 9 ? * 7", ["01-03 09:00"]),
        ("0 0 9 ? * 6L", ["01-30 09:00"]),
        ("0 0 9 ? * 6#3", ["01-16 09:00"]),
        ("0 0 9 ? * L", ["01-03 09:00"]),
        ("0 0 9 ? * MON", ["01-05 09:00"]),
        ("0 0 9 ? * 2/2", ["01-02 09:00"]),
        ("@weekly", ["01-04 00:00"]),
    ],
)
def test_weekdays_of_quartz(value: str, found: list[str]) -> None:
    assert some(value, 1, quartz=True) == found


@pytest.mark.parametrize(
    ("value", "now", "zone", "found"),
    [
        ("0 0 9 * * *", "2026-03-27T10:00", KYIV, ["03-28 07:00", "03-29 06:00", "03-30 06:00"]),
        ("0 0 9 * * *", "2026-10-23T10:00", KYIV, ["10-24 06:00", "10-25 07:00", "10-26 07:00"]),
        ("0 30 3 * * *", "2026-03-28T00:00", KYIV, ["03-28 01:30", "03-29 01:30", "03-30 00:30"]),  # left out: 04:30
        ("0 30 3 * * *", "2026-10-24T00:00", KYIV, ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),  # twice: once
        ("0 30 3 * * *", "2026-10-25T01:00", KYIV, ["10-26 01:30"]),  # begun in the second 03:00
        ("0 30 * * * *", "2026-03-28T23:40", KYIV, ["03-29 00:30", "03-29 01:30", "03-29 02:30"]),
        ("0 30 * * * *", "2026-10-24T23:40", KYIV, ["10-25 00:30", "10-25 01:30", "10-25 02:30"]),
        ("*/20 * * * *", "2026-10-25T00:30", KYIV, ["10-25 00:40", "10-25 01:00", "10-25 01:20"]),
        ("0 0/20 3-4 * * *", "2026-03-29T00:00", KYIV, ["03-29 01:00", "03-29 01:20", "03-29 01:40"]),
        ("0 45 * * * *", "2026-04-04T13:50", LORD_HOWE, ["04-04 14:45", "04-04 15:15", "04-04 16:15"]),
        ("0 0 12 1 * *", "2026-02-15T00:00", KYIV, ["03-01 10:00", "04-01 09:00", "05-01 09:00"]),
        ("0 0 * 15 * *", "2026-03-20T00:00", KYIV, ["04-14 21:00", "04-14 22:00", "04-14 23:00"]),
    ],
)
def test_cron_where_clocks_change(value: str, now: str, zone: Any, found: list[str]) -> None:
    assert some(value, len(found), at(now), zone) == found


@pytest.mark.parametrize("text", ["0 0 9 * * MON-FRI", "7 */3 * 2 *", "30 15 10 1-7 1,6 2", "0 0 0 31 * *", "11 11 11 11 11 *", "*/7 * * * * 5"])
def test_cron_without_changing_clocks_is_croniters(text: str) -> None:
    six = len(text.split()) == 6
    theirs = croniter(text, NOW.replace(tzinfo=None), datetime, second_at_beginning=six, day_or=not six)
    due = first("cycle", text, NOW)
    for _ in range(200):
        assert due is not None and due.at.replace(tzinfo=None) == theirs.get_next()
        due = after(due)


JUNK: list[Any] = [
    None, "", " ", "soon", "10", 10, 1.5, True, [], {}, ["PT1H"], "P", "PT", "PTS", "P1", "1D", "P1H", "PT1D", "P1S", "P1.5M", "PT1H1H", "T1H", "P1YT", "PT1M1H",
    "R", "R/", "R3", "R3/", "R3/P", "R/PT0S", "R/-PT1S", "R/P-1D", "R/P1M-30D", "R-2/PT1S", "R1.5/PT1S", "Rx/PT1S", "R3/PT1S/PT1S", "R/PT1S/2026-01-01/PT1S", "R/soon/PT1S",
    "R/2026-01-01T00:00:00Z", "R1000000000000/PT1S", "R/2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", "R/2026-01-01T00:00:00Z/2026-01-01T00:00:00Z", "R999999999/P9999Y/2026-01-01",
    "2026-02-29", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T09:00:00[Europe/Atlantis]", "2026-01-01T09:00[../etc]", "2026-01-01T09:00:00+99:00", "12026-01-01", "-2026-01-01",
    "* * * *", "* * * * * * * *", "60 * * * * *", "0 60 * * * *", "0 0 24 * * *", "0 0 0 32 * *", "0 0 0 0 * *", "0 0 0 1 13 *", "0 0 0 * * 8", "0 0 0 * * MOO", "0 0 0 1 FOO *",
    "*/0 * * * * *", "-1 * * * * *", "1- * * * * *", "1-2-3 * * * * *", ", * * * * *", "1,,2 * * * * *", "H * * * * *", "R * * * * *", "R(1-2) * * * * *", "0 0 0 LW * ?", "0 0 0 L-3 * ?",
    "0 0 0 ? * MON#6", "0 0 0 ? * MON#0", "0 0 0 * * * 1066", "@", "@never", "@reboot", "@every 5m", "* " * 1000, "1," * 5000 + "1 * * * * *", "P" + "9" * 5000 + "D", "R/P" + "1D" * 5000, "R" + "9" * 5000 + "/PT1S",
    time(9), float("nan"), "\x00", "²026-01-01", "PT²S", "٣ * * * * *", "R/PT10M\x00",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["date", "duration", "cycle"])
@pytest.mark.parametrize("value", JUNK, ids=lambda value: repr(value)[:30])
def test_junk_is_refused_with_an_example(kind: str, value: Any) -> None:
    with pytest.raises(NotASchedule, match="Write for example") as refused:
        found = first(kind, value, NOW)
        assert found is None and kind == "cycle"  # never due is an answer, too
        raise NotASchedule(kind, value)
    assert len(refused.value.message) < 500


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("date", "2026-01-01T09:00[Europe/Atlantis]", "there is no time zone “Europe/Atlantis”"),
        ("duration", "P1.5M", "no fixed length"),
        ("duration", "P9999Y", "beyond the years 1 to 9999"),
        ("duration", timedelta.max, "beyond the years 1 to 9999"),
        ("cycle", "R/PT0S", "longer than nothing"),
        ("cycle", "0 0 0 LW * ?", "“LW” cannot be read"),
        ("cycle", "* * * *", "six fields"),
        ("date", feel.evaluate('date("99999-01-01")', {}), "is no date for a timer"),
        ("cycle", feel.evaluate('duration("PT1H")', {}), "R/PT10M (every ten minutes)"),
    ],
)
def test_refusals_say_why(kind: str, value: Any, told: str) -> None:
    with pytest.raises(NotASchedule) as refused:
        first(kind, value, NOW)
    assert told in refused.value.message


@pytest.mark.parametrize("text", ["0 0 9 ? * 0", "0 0 9 ? * 8", "0 0 9 ? * 0-3"])
def test_quartz_counts_from_one(text: str) -> None:
    with pytest.raises(NotASchedule, match=r"from 1 \(Sunday\) to 7"):
        first("cycle", text, NOW, quartz=True)


@pytest.mark.parametrize(
    ("text", "tries", "waits"),
    [
        ("R3/PT10M", 3, ["PT10M"]),
        (" R5/PT0S ", 5, ["PT0S"]),
        ("R0/PT5M", 0, ["PT5M"]),
        ("R/PT5M", ENDLESS_TRIES, ["PT5M"]),
        ("PT5M", 2, ["PT5M"]),
        ("PT5M,PT10M,PT1H", 4, ["PT5M", "PT10M", "PT1H"]),
        ("PT5M, PT10M", 3, ["PT5M", "PT10M"]),
        ("R2/P1D", 2, ["PT24H"]),
    ],
)
def test_retry_cycles(text: str, tries: int, waits: list[str]) -> None:
    assert retry_cycle(text) == (tries, tuple(map(duration, waits)))


@pytest.mark.parametrize("text", ["", "R3", "3", "R3/", "R3/P1M", "R3/soon", "PT5M,", "PT5M,R3/PT5M", "R3/PT5M,PT10M", "${x}", "R3/2026-01-01T00:00:00Z/PT5M"])
def test_retry_cycles_that_cannot_be_read(text: str) -> None:
    with pytest.raises(NotARetryCycle, match="R3/PT10M or PT5M"):
        retry_cycle(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P1Y2M10DT2H30M", Length(14, 10, timedelta(hours=2, minutes=30))),
        ("P3W2D", Length(0, 23)),
        ("-P1DT1H", Length(0, -1, timedelta(hours=-1))),
        ("P-1DT-1H", Length(0, -1, timedelta(hours=-1))),
        ("+PT5M", Length(rest=timedelta(minutes=5))),
        ("P1.5D", Length(0, 1, timedelta(hours=12))),
        ("PT1.000001S", Length(rest=timedelta(seconds=1, microseconds=1))),
    ],
)
def test_lengths(text: str, length: Length) -> None:
    assert parse(text) == length


def test_an_exact_duration_has_no_months() -> None:
    assert duration("P1DT2H") == timedelta(hours=26)
    for text in ("P1M", "P1Y", "soon", "P999999999999D", "PT999999999999999999H"):
        with pytest.raises(NotADuration):
            duration(text)
