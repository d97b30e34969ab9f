"""The only place that reads cron expressions and asks the library croniter for their moments.

croniter knows fields, names, `L`, `W` and `#`; its clocks without a zone are used, because it errs where clocks change. Here stand what
dialects write differently, and the rule for those nights: what is set for a time that the clocks leave out runs as much later; what
runs at set hours runs once in the hour that comes twice; what runs every hour goes on through it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from croniter import croniter
from croniter.croniter import CroniterBadDateError, CroniterError

LONGEST = 200  # characters
_SECOND = timedelta(seconds=1)
_MACROS = {
    "@yearly": "0 0 0 1 1 *", "@annually": "0 0 0 1 1 *", "@monthly": "0 0 0 1 * *", "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *", "@midnight": "0 0 0 * * *", "@hourly": "0 0 * * * *",
}  # fmt: skip
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PLACE = r"\*|\?|L|[A-Z]{3}|\d{1,4}"
_ITEM = re.compile(rf"(?!L.)({_PLACE})(?:-([A-Z]{{3}}|\d{{1,4}}))?(/\d{{1,4}})?(W|L|#\d)?", re.ASCII)


class NotCron(ValueError):
    """The text is no cron expression; the message says why."""


@dataclass(frozen=True)
class Cron:
    """A cron expression as croniter reads it: five fields, or six and seven with the seconds first."""

    fields: tuple[str, ...]

    @property
    def every_hour(self) -> bool:
        return self.fields[1 if len(self.fields) == 5 else 2] == "*"

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The first moment after another, in UTC, by the clocks of a zone; None when there is none in the next 50 years."""
        start = after.astimezone(UTC).replace(microsecond=0) + _SECOND
        try:
            return self._running(start, zone) if self.every_hour else self._at_set_hours(start, zone)
        except (CroniterBadDateError, OverflowError):
            return None

    def _at_set_hours(self, start: datetime, zone: tzinfo) -> datetime:
        wall = start.astimezone(zone).replace(tzinfo=None)
        while True:
            wall = self._wall(wall)
            moment = wall.replace(tzinfo=zone).astimezone(UTC)
            if moment >= start:
                return moment
            wall += _SECOND  # it stood in the hour that comes twice, and its first time is over

    def _running(self, start: datetime, zone: tzinfo) -> datetime:
        offset = _offset(start, zone)
        moment = (self._wall(start.replace(tzinfo=None) + offset) - offset).replace(tzinfo=UTC)
        if _offset(moment, zone) == offset:
            return moment
        return self._running(_change(start, moment, zone), zone)

    def _wall(self, start: datetime) -> datetime:
        """The first time at or after `start` on a clock that never changes."""
        text, with_seconds = " ".join(self.fields), len(self.fields) > 5
        # with five fields either day may do, as in Unix; with more both must, as in Spring
        asked = croniter(text, start - _SECOND, datetime, day_or=not with_seconds, second_at_beginning=with_seconds)
        found: datetime = asked.get_next()
        return found


@lru_cache(256)
def parse(text: str, quartz: bool = False) -> Cron:
    """Read a cron expression: Unix with five fields, Spring's with six, Quartz's with six or seven, or a macro such as @daily.

    `quartz` (Camunda 7) counts weekdays 1-7 from Sunday, else (Camunda 8, Unix) they are 0-7 with Sunday as 0 and 7.
    Raises NotCron.
    """
    if len(text) > LONGEST:
        raise NotCron(f"it is longer than {LONGEST} characters")
    plain = _MACROS.get(text.strip().lower())
    fields = (plain or text).upper().split()
    if len(fields) not in (5, 6, 7):
        raise NotCron("it must have six fields (second, minute, hour, day, month, weekday), a seventh for the year, or Unix's five")
    items = [[_read(item) for item in field.split(",")] for field in fields]
    place = 4 if len(fields) == 5 else 5
    fields[place] = ",".join(_weekday(*item, quartz and plain is None) for item in items[place])
    made = Cron(tuple(fields))
    try:
        croniter(" ".join(made.fields), second_at_beginning=len(fields) > 5)
    except (CroniterError, ValueError, KeyError) as error:
        raise NotCron("a field has a value out of its range, or in a form that it does not take") from error
    return made


def _read(item: str) -> tuple[str, str, str, str]:
    """One item of a field: where it begins, where it ends, its step, and L, W or # with a number."""
    found = _ITEM.fullmatch(item)
    if found is None:
        raise NotCron(f"“{item}” cannot be read")
    first, last, step, special = found.groups(default="")
    return first, last, step, special


def _weekday(first: str, last: str, step: str, special: str, quartz: bool) -> str:
    """The item with croniter's numbers, and `L5` for the last Friday instead of 6L, 5L or FRIL."""
    if first == "L":
        return "6"
    numbers = "-".join(_number(name, quartz) for name in (first, last) if name)
    return f"L{numbers}" if special == "L" else f"{numbers}{step}{special}"


def _number(name: str, quartz: bool) -> str:
    if name in _DAYS:
        return str(_DAYS.index(name))
    if not name.isdigit() or not quartz:
        return name
    if not 1 <= int(name) <= 7:
        raise NotCron(f"weekday {name}: Quartz counts them from 1 (Sunday) to 7 (Saturday)")
    return str(int(name) - 1)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _change(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """The first second, after `start` and until `end`, at which the zone's offset is no longer that of `start`."""
    before = _offset(start, zone)
    while end - start > _SECOND:
        middle = start + timedelta(seconds=(end - start) // _SECOND // 2)
        start, end = (middle, end) if _offset(middle, zone) == before else (start, middle)
    return end
