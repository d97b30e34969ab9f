"""The only place that turns what comes in into a form's kinds of values: what a field starts with, and what was handed in.

A form's values are JSON: a date is text (2026-01-31), a time 14:30 with or without Z or +02:00, a moment both with a T between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.errors import Refused
from engine.expressions.spin import JsonNode
from engine.forms.schema import MISSING, Component, empty

MAX_NUMBER_TEXT = 100
MAX_MAGNITUDE = 308  # what a browser's number holds
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
DATE, TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?"
MOMENTS: dict[str, tuple[re.Pattern[str], Callable[[str], Any], str]] = {
    "date": (re.compile(DATE, re.ASCII), date.fromisoformat, "Must be a date, written as 2026-01-31."),
    "time": (re.compile(TIME, re.ASCII), time.fromisoformat, "Must be a time, written as 14:30."),
    "datetime": (re.compile(f"{DATE}T{TIME}", re.ASCII), datetime.fromisoformat, "Must be a date and a time, written as 2026-01-31T14:30."),
}


class Misfit(Refused):
    """This value does not fit its field."""


def plain(value: Any) -> Any:
    """The value as JSON: Spin nodes and moments in it become what they stand for."""
    if isinstance(value, JsonNode):
        return value.data
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def units(text: str) -> str:
    """The text as JavaScript counts it: one character for each 16-bit unit, so an emoji is two."""
    if max(text, default="") <= "\uffff":
        return text
    coded = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(coded[i] | coded[i + 1] << 8) for i in range(0, len(coded), 2))


def start(component: Component, known: Any) -> Any:
    """What a field starts with: what is known (MISSING when nothing is), else its default, else nothing."""
    kind = component.get("type", "")
    if known is MISSING:
        known = component.get("defaultValue", empty(kind))
    return STARTS[kind](component, known) if kind in STARTS else known


def _start_text(component: Component, known: Any) -> Any:
    return str(known) if isinstance(known, int | float | Decimal) and not isinstance(known, bool) else known


def _start_number(component: Component, known: Any) -> Any:
    try:
        return None if known in (None, "") else read_number(component, known)
    except Misfit:
        return known


def _start_moment(component: Component, known: Any) -> Any:
    """A date field shows the date of a moment: a TIMESTAMP column gives one where the form asks for a day."""
    if subtype(component) == "date" and isinstance(known, str) and MOMENTS["date"][0].match(known):
        return known[:10]
    return known


STARTS: dict[str, Callable[[Component, Any], Any]] = {
    "textfield": _start_text,
    "textarea": _start_text,
    "number": _start_number,
    "datetime": _start_moment,
}


def subtype(component: Component) -> str:
    """date, time or datetime."""
    return str(component.get("subtype") or "date")


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def read_text(component: Component, value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit("Must be text.")
    if UNSTORABLE.search(value):
        raise Misfit("Has a character that cannot be stored: type the text anew.")
    return value


def read_number(component: Component, value: Any) -> Any:
    """The number as it came; as text when the field says `serializeToString`; a number when it came as text otherwise."""
    number = as_decimal(value)
    if component.get("serializeToString"):
        return value if isinstance(value, str) else format(number, "f")
    if not isinstance(value, str):
        return value
    return int(number) if number == number.to_integral_value() else number


def as_decimal(value: Any) -> Decimal:
    """A finite number of any spelling. Misfit for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Misfit("Must be a number.")
    if isinstance(value, str) and (len(value) > MAX_NUMBER_TEXT or not NUMBER.fullmatch(value)):
        raise Misfit("Must be a number, written as 12 or 12.5.")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or number.adjusted() > MAX_MAGNITUDE:
        raise Misfit("Must be a number that is not too large.")
    return number


def read_checkbox(component: Component, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Misfit("Must be ticked or not: true or false.")
    return value


def read_moment(component: Component, value: Any) -> str:
    shape, parse, message = MOMENTS.get(subtype(component), MOMENTS["date"])
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise Misfit(message)
    try:
        parse(value)
    except ValueError as impossible:
        raise Misfit(message) from impossible
    return value


def read_choices(component: Component, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Misfit("Must be a list of choices.")
    return value


def read_choice(component: Component, value: Any) -> Any:
    return value


def read_file(component: Component, value: Any) -> Any:
    raise Misfit("Files cannot be handed in with a form.")


READERS: dict[str, Callable[[Component, Any], Any]] = {
    "textfield": read_text,
    "textarea": read_text,
    "number": read_number,
    "datetime": read_moment,
    "checkbox": read_checkbox,
    "checklist": read_choices,
    "taglist": read_choices,
    "radio": read_choice,
    "select": read_choice,
    "filepicker": read_file,
}
