"""The only place that turns what a timer says into moments: a date, a duration, a cycle. Pure: it asks no clock and no database.

What it reads is ISO 8601, cron (engine.jobs.cron) and FEEL's values, as Camunda 7 and 8 do; whatever else is refused with an example.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from engine import durations
from engine.durations import Length, NotADuration
from engine.errors import RatchetError
from engine.expressions.feel import DaysTime, YearsMonths, temporal
from engine.jobs import cron

ENDLESS_TRIES = 2**31 - 1
Grid = tuple[str, datetime, int | None]  # a cycle's duration, where it begins and the number of its last turn
_TICK = timedelta(microseconds=1)
_REPEATING = re.compile(r"R(\d{0,9}|-1)/", re.ASCII)
EXAMPLES = {
    "date": "2026-03-01T09:00:00Z, 2026-03-01T09:00:00[Europe/Kyiv] or 2026-03-01",
    "duration": "PT30M (30 minutes), P1DT12H (a day and a half) or P1M (a month)",
    "cycle": "R/PT10M (every ten minutes), R3/PT1H (three times) or 0 0 9 * * MON-FRI (cron: weekdays at nine)",
}


class NotASchedule(RatchetError):
    """This says no moment."""

    def __init__(self, kind: str, value: Any, why: str = ""):
        shown = str(value)[:80]
        super().__init__(f"“{shown}” is no {kind} for a timer{f': {why}' if why else ''}. Write for example {EXAMPLES[kind]}.")
        self.kind, self.value = kind, value


class NotARetryCycle(RatchetError):
    """This does not say when to try again."""

    def __init__(self, text: str, why: str):
        super().__init__(f"“{text[:80]}” does not say when to try again: {why}. Write for example R3/PT10M or PT5M,PT10M,PT1H.")


@dataclass(frozen=True)
class Cycle:
    """What comes again: `every` an ISO 8601 duration or a cron expression, by the clocks of `zone` (Europe/Kyiv, +02:00, Z).

    start   where a duration's cycle begins: turn n is n durations later, so that a month's last day stays the last.
    last    the number of its last turn; None without end.
    quartz  whether a cron expression counts weekdays as Quartz does (Sunday is 1).
    """

    every: str
    start: datetime
    last: int | None = None
    zone: str = "Z"
    quartz: bool = False


@dataclass(frozen=True)
class Due:
    """When a timer is due, in UTC; `turn` is the number of this time in its cycle."""

    at: datetime
    cycle: Cycle | None = None
    turn: int = 0

    @property
    def left(self) -> int | None:
        """How many more times will follow; None without end."""
        if self.cycle is None:
            return 0
        return None if self.cycle.last is None else self.cycle.last - self.turn

    def note(self) -> dict[str, Any]:
        """As JSON, which `from_note` reads."""
        cycle = self.cycle and {**vars(self.cycle), "start": self.cycle.start.isoformat()}
        return {"at": self.at.isoformat(), "turn": self.turn, "cycle": cycle}


def from_note(note: Mapping[str, Any]) -> Due:
    """What `Due.note` wrote."""
    kept = note["cycle"]
    cycle = Cycle(**{**kept, "start": datetime.fromisoformat(kept["start"])}) if kept else None
    return Due(datetime.fromisoformat(note["at"]), cycle, note["turn"])


def first(kind: str, value: Any, now: datetime, zone: tzinfo = UTC, quartz: bool = False) -> Due | None:
    """When a timer of a kind (date, duration or cycle) is due that begins now; None for a cycle whose last moment is over.

    `zone`: where days begin, and clocks that name no zone themselves. `quartz`: cron counts weekdays 1-7 from Sunday, as in Camunda 7.
    What lies in the past is due at its own moment, that is at once. Raises NotASchedule.
    """
    if isinstance(value, str):
        value = value.strip()
    try:
        return _KINDS[kind](value, now.astimezone(zone), quartz)
    except NotADuration as error:
        raise NotASchedule(kind, value, error.why) from error
    except OverflowError as error:
        raise NotASchedule(kind, value, "it lies beyond the years 1 to 9999") from error


def after(due: Due, now: datetime | None = None) -> Due | None:
    """When it is due again; None after the last time. With `now`, times that went by meanwhile count as taken and are left out."""
    cycle, past = due.cycle, max(due.at, now or due.at)
    if cycle is None or due.left == 0:
        return None
    try:
        return _again(cycle, due.turn, past)
    except OverflowError:  # no year 10000
        return None


def _again(cycle: Cycle, turn: int, past: datetime) -> Due | None:
    if cycle.every.startswith("P"):
        return _turn(cycle, durations.parse(cycle.every), past)
    moment = cron.parse(cycle.every, cycle.quartz).next(past, _zone(cycle.zone))
    return Due(moment, cycle, turn + 1) if moment else None


def retry_cycle(text: str) -> tuple[int, tuple[timedelta, ...]]:
    """Camunda 7's failedJobRetryTimeCycle: how many tries in all, and how long to wait after the first, second … failure (the last stays).

    `R3/PT10M` is three tries; a list `PT5M,PT1H` is one more try than it has waits. Raises NotARetryCycle.
    """
    found = re.fullmatch(r"R(\d{0,9})/(P[^/,]*)", text.strip())
    waits = [found[2]] if found else text.split(",")
    try:
        backoff = tuple(durations.duration(wait) for wait in waits)
    except NotADuration as error:
        raise NotARetryCycle(text, error.why) from error
    tries = int(found[1] or ENDLESS_TRIES) if found else len(waits) + 1
    return tries, backoff


def _date(value: Any, now: datetime, quartz: bool) -> Due:
    """A date; also a duration, which Camunda 7 takes in its place."""
    if isinstance(value, str) and value.startswith("P"):
        return _duration(value, now, quartz)
    return Due(_moment("date", value, now.tzinfo))


def _moment(kind: str, value: Any, zone: tzinfo | None) -> datetime:
    """A date or a date and time as a moment in UTC; what names no zone is in `zone`."""
    if isinstance(value, str):
        value = _read_moment(kind, value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise NotASchedule(kind, value)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _read_moment(kind: str, text: str) -> datetime:
    plain, bracket, name = text.rstrip("]").replace("@", "[").partition("[")
    if (midnight := "T24:00" in plain) and not re.search(r"T24:00(:00)?(?![\d:.])", plain):
        raise NotASchedule(kind, text)
    try:
        found = datetime.fromisoformat(plain.replace("T24:00", "T00:00")) + timedelta(days=midnight)
    except ValueError as error:
        raise NotASchedule(kind, text) from error
    zone = temporal.named_zone(name) if bracket else None
    if bracket and zone is None:
        raise NotASchedule(kind, text, f"there is no time zone “{name}”")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _duration(value: Any, now: datetime, quartz: bool) -> Due:
    moment = _length(value).after(now).astimezone(UTC)
    return Due(max(moment, now.astimezone(UTC)))


def _length(value: Any) -> Length:
    for kind, read in _LENGTHS:
        if isinstance(value, kind):
            return read(value)
    raise NotASchedule("duration", value)


_LENGTHS: tuple[tuple[type, Callable[[Any], Length]], ...] = (
    (str, durations.parse),
    (timedelta, lambda value: Length(rest=value)),
    (DaysTime, lambda value: Length(rest=value.timedelta)),
    (YearsMonths, lambda value: Length(months=value.months)),
)


def _cycle(value: Any, now: datetime, quartz: bool) -> Due | None:
    if not isinstance(value, str):
        raise NotASchedule("cycle", value)
    return _repeating(value, now) if _REPEATING.match(value) else _cron(value, now, quartz)


def _cron(text: str, now: datetime, quartz: bool) -> Due | None:
    try:
        moment = cron.parse(text, quartz).next(now, now.tzinfo or UTC)
    except cron.NotCron as error:
        raise NotASchedule("cycle", text, f"as cron, {error}") from error
    return Due(moment, Cycle(text, moment, None, _zone_name(now), quartz)) if moment else None


def _repeating(text: str, now: datetime) -> Due | None:
    """R[n]/duration, R[n]/start/duration, R[n]/duration/end and R[n]/start/end."""
    count, *parts = text.split("/")
    shape = tuple("length" if part.startswith(("P", "-", "+")) else "moment" for part in parts)
    if shape not in _SHAPES:
        raise NotASchedule("cycle", text)
    times = None if count in ("R", "R-1") else max(int(count[1:]), 1)
    every, start, last = _SHAPES[shape](parts, times, now)
    length = durations.parse(every)
    if not length.forward:
        raise NotASchedule("cycle", text, "its interval must be longer than nothing")
    return _turn(Cycle(every, start, last, _zone_name(now)), length, now if shape == ("length",) else now - _TICK)


def _from_now(parts: list[str], times: int | None, now: datetime) -> Grid:
    return parts[0], now.astimezone(UTC), times  # the turn 0 is now, and is not taken


def _from_start(parts: list[str], times: int | None, now: datetime) -> Grid:
    return parts[1], _moment("cycle", parts[0], now.tzinfo), _last(times)


def _between(parts: list[str], times: int | None, now: datetime) -> Grid:
    start, end = (_moment("cycle", part, now.tzinfo) for part in parts)
    return f"PT{(end - start).total_seconds():f}S", start, _last(times)


def _until_end(parts: list[str], times: int | None, now: datetime) -> Grid:
    """Counted back from the end, which is the last time."""
    length, end = durations.parse(parts[0]), _moment("cycle", parts[1], now.tzinfo).astimezone(now.tzinfo)
    if not length.forward:
        return parts[0], end, 0
    fitting = bisect_right(_numbers(length, end - now), end - now, key=lambda turn: end - _place(length, end, -turn))
    last = max(fitting - 1, 0) if times is None else min(max(fitting - 1, 0), times - 1)
    return parts[0], length.after(end, -last).astimezone(UTC), last


_SHAPES: dict[tuple[str, ...], Callable[[list[str], int | None, datetime], Grid]] = {
    ("length",): _from_now, ("moment", "length"): _from_start, ("length", "moment"): _until_end, ("moment", "moment"): _between,
}  # fmt: skip


def _turn(cycle: Cycle, length: Length, past: datetime) -> Due | None:
    """The first turn of a duration's cycle after a moment."""
    start = cycle.start.astimezone(_zone(cycle.zone))
    turn = bisect_right(_numbers(length, past - start), past, key=lambda turn: _place(length, start, turn))
    if cycle.last is not None and turn > cycle.last:
        return None
    return Due(length.after(start, turn).astimezone(UTC), cycle, turn)


def _place(length: Length, start: datetime, turn: int) -> datetime:
    """Where a turn stands; at the end of the calendar when it lies beyond."""
    try:
        return length.after(start, turn)
    except OverflowError:
        return (datetime.max if turn > 0 else datetime.min).replace(tzinfo=UTC)


def _numbers(length: Length, span: timedelta) -> range:
    """Turns enough to search for the one at the end of a span, however many those are."""
    return range(max(span // length.about, 0) * 2 + 3)


def _last(times: int | None) -> int | None:
    return None if times is None else times - 1


def _zone_name(now: datetime) -> str:
    return temporal.zone_name(now.tzinfo) or temporal.offset_text(now.utcoffset() or timedelta(0))


def _zone(name: str) -> tzinfo:
    found = temporal.zone_called(name)
    if found is None:
        raise NotASchedule("cycle", name, "there is no such time zone on this machine")
    return found


_KINDS: dict[str, Callable[[Any, datetime, bool], Due | None]] = {"date": _date, "duration": _duration, "cycle": _cycle}
