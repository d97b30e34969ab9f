"""Dates and times that Python's types cannot hold, and that all others are Python's own."""

from __future__ import annotations

import copy
import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.expressions import feel
from engine.expressions.feel import DaysTime, FarDate, FarMoment, far

TEXTS = [
    # what string() gives
    ('date("-2017-12-31")', "-2017-12-31"),
    ('date("0000-02-29")', "0000-02-29"),
    ('date("999999999-12-31")', "999999999-12-31"),
    ('date("9999-12-31") + @"P1D"', "10000-01-01"),
    ('date("0001-01-01") - @"P1D"', "0000-12-31"),
    ('date("10000-01-01") - @"P1D"', "9999-12-31"),
    ('date("2024-02-29") + @"P9999Y"', "12023-02-28"),
    ('date("2024-02-29") - @"P4000Y"', "-1976-02-29"),
    ('@"9999-12-31T23:59:59Z" + @"PT1S"', "10000-01-01T00:00:00Z"),
    ('@"-2021-01-01T10:10:10@Europe/Kyiv" + @"P1M"', "-2021-02-01T10:10:10@Europe/Kyiv"),
    ('@"10:00:00.123456789"', "10:00:00.123456789"),
    ('@"10:00:00.9999999999"', "10:00:00.999999999"),
    ('@"10:00:00.100000001" + @"PT0.000000999S"', "10:00:00.100001"),
    ('@"23:59:59.999999999" + @"PT0.000000001S"', "00:00:00"),
    ('@"2024-01-01T00:00:00Z" - @"PT0.000000001S"', "2023-12-31T23:59:59.999999999Z"),
    ("time(10, 11, 12.000000013)", "10:11:12.000000013"),
    ('date and time(date("99999-12-31"), time("10:00:00.000000001+02:00"))', "99999-12-31T10:00:00.000000001+02:00"),
    ('date(@"99999-12-31T10:00:00")', "99999-12-31"),
    ('time(@"99999-12-31T10:00:00Z")', "10:00:00Z"),
    ('date and time(@"99999-12-31T23:00:00Z", "Asia/Tokyo")', "100000-01-01T08:00:00@Asia/Tokyo"),
    ('last day of month(date("-0004-02-01"))', "-0004-02-29"),
    ('[date("-2017-01-01")..date("2017-01-01")]', "[-2017-01-01..2017-01-01]"),
    ('for day in @"9999-12-31"..(@"9999-12-31" + @"P1D") return day', "[9999-12-31, 10000-01-01]"),
    ('@"99999-12-31" - @"2020-01-01"', "P35786459D"),
    ('years and months duration(@"2014-12-31", @"-2019-10-01")', "-P4033Y2M"),
]
TRUTHS = [
    'date("99999-12-31") > date("2020-01-01")',
    'date("-0001-12-31") < date("0001-01-01")',
    'date("-2017-12-31") = date(-2017, 12, 31)',
    '@"99999-01-01T10:00:00Z" = @"99999-01-01T12:00:00+02:00"',
    '@"99999-01-01T10:00:00Z" >= @"2024-01-01T10:00:00@Europe/Kyiv"',
    '(@"99999-01-01T10:00:00Z" < @"2024-01-01T10:00:00") = null',
    'max(@"99999-12-31", @"2020-01-01", @"-0005-01-01") = @"99999-12-31"',
    'day of week(@"10000-01-01") = "Saturday"',
    '@"10000-01-01".weekday = 6',
    'day of year(@"-0004-12-31") = 366',
    'month of year(@"-0004-12-31") = "December"',
    'week of year(@"12000-02-01") = 5',
    '@"-2021-03-04T05:06:07Z".year = -2021 and @"-2021-03-04T05:06:07Z".minute = 6',
    '@"99999-07-01T00:00:00@Europe/Kyiv".time offset = @"PT3H"',
    '@"99999-12-31" instance of date',
    '@"99999-12-31T00:00:00" instance of date and time',
    '@"10:00:00.000000001" instance of time',
    'date("1000000000-01-01") = null',
    'date("01211-12-31") = null',
    'date("999999999-12-31") + @"P1D" = null',
    'date("-1999-02-29") = null',
]


@pytest.mark.parametrize(("source", "text"), TEXTS, ids=[source for source, _ in TEXTS])
def test_text(source: str, text: str) -> None:
    assert feel.evaluate(f"string({source})", {}) == text


@pytest.mark.parametrize("source", TRUTHS)
def test_truth(source: str) -> None:
    assert feel.evaluate(source, {}) is True


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('@"99999-12-31" - @"P90000Y"', date),
        ('@"99999-12-31T10:00:00Z" - @"P90000Y"', datetime),
        ('@"10:00:00.000000001" - @"PT0.000000001S"', time),
        ('@"99999-12-31"', FarDate),
        ('@"99999-12-31T10:00:00Z"', FarMoment),
    ],
)
def test_what_python_can_hold_is_pythons(source: str, kind: type) -> None:
    assert type(feel.evaluate(source, {})) is kind


def test_nanoseconds_ride_on_pythons_types() -> None:
    """Whoever knows nothing of them sees a time to the microsecond."""
    clock, moment = feel.evaluate('[@"10:00:00.123456789", @"2024-01-01T10:00:00.123456789Z"]', {})
    assert clock == time(10, 0, 0, 123456) and isinstance(clock, time)
    assert moment == datetime(2024, 1, 1, 10, 0, 0, 123456, UTC)
    assert copy.deepcopy([clock, moment]) == [clock, moment]


def test_far_values_are_values() -> None:
    day = feel.evaluate('@"-2017-12-31"', {})
    assert str(day) == day.isoformat() == "-2017-12-31"
    moment = feel.evaluate('@"99999-07-01T10:00:00.000000001@Europe/Kyiv"', {})
    assert str(moment) == "99999-07-01T10:00:00.000000001+03:00"
    assert {day: 1}[feel.evaluate("date(-2017, 12, 31)", {})] == 1
    assert day != date(2017, 12, 31) and day != "-2017-12-31" and date.min > day
    assert copy.deepcopy(day) == day


def test_a_far_value_comes_back_from_the_context() -> None:
    context: dict[str, Any] = {"day": feel.evaluate('@"-2017-12-31"', {})}
    assert feel.evaluate('string(day + @"P1D")', context) == "-2016-01-01"


def test_the_hour_that_comes_twice() -> None:
    before = datetime(2024, 10, 27, 3, 30, tzinfo=ZoneInfo("Europe/Kyiv"))
    after = feel.evaluate('before + @"PT1H"', {"before": before})
    assert (after.hour, after.fold) == (3, 1)
    assert feel.evaluate('(before + @"PT1H") - before = @"PT1H"', {"before": before}) is True
    assert feel.evaluate("date and time(date(after), time(after)) - before", {"before": before, "after": after}) == DaysTime(3600 * 10**9)
    assert feel.evaluate('after + @"P0D"', {"after": after}).fold == 1


def test_near_days_and_moments_agree_with_python() -> None:
    chance = random.Random(5)
    for _ in range(500):
        moment = datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(3_652_000), microseconds=chance.randrange(10**11))
        step = timedelta(microseconds=chance.randrange(-(10**11), 10**11))
        assert far.day_numbered(far.number_of(moment.date())) == moment.date()
        assert far.moment_at(far.place(moment), UTC) == moment
        if datetime.min < (moment + step).replace(tzinfo=None):
            assert feel.evaluate("moment + step", {"moment": moment, "step": step}) == moment + step
