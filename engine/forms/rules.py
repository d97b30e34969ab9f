"""The only place for the rules of a field: required, lengths, ranges, patterns, choices, days gone by. Messages are for officers.

The rules are form-js's own (lengths count without surrounding blanks, in 16-bit units), so browser and server agree; that a choice
must be one of those offered is asked here only, for a browser cannot offer others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.expressions.patterns import JAVASCRIPT, TooSlow, compiled
from engine.expressions.patterns.flavours import SPACES
from engine.forms.schema import Place, empty
from engine.forms.scope import options, setting
from engine.forms.values import READERS, Misfit, as_decimal, is_empty, subtype, units

MAX_EMAIL = 320
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*")
PHONE = re.compile(r"(?:\+|00)[1-9][0-9]{5,24}\Z")
BLANKS = "".join(SPACES)
REQUIRED = "This field is required."
CHOOSE = "This is required: please choose one."
REQUIRED_OF = {"checkbox": "This is required: please tick it.", "radio": CHOOSE, "select": CHOOSE}
NO_MATCH = "This does not have the form that is asked for."
UNCHECKED = "This text takes too long to be checked. Please make it shorter, or tell whoever made this form."


@dataclass(frozen=True)
class Asked:
    """A field with all that its rules may look at. `today` is None where days gone by are allowed."""

    place: Place
    data: Mapping[str, Any]
    today: date | None = None

    def rule(self, name: str) -> Any:
        """A setting of `validate`, worked out; None when there is none. Misfit when an expression gives nothing."""
        written = (self.place.component.get("validate") or {}).get(name)
        if written is None or written == "":
            return None
        value = setting(written, self.place, self.data)
        if value is None:
            raise Misfit("The limit of this field cannot be worked out. Please tell whoever made this form.")
        return value

    def limit(self, name: str) -> Decimal | None:
        value = self.rule(name)
        return None if value is None else as_decimal(value)


Rule = Callable[[Asked, Any], list[str]]


def judged(asked: Asked, value: Any) -> tuple[Any, list[str]]:
    """The value as the field keeps it, and what is wrong with it in plain sentences."""
    kind = asked.place.type
    nothing = is_empty(value)
    if nothing or value is False:
        missing = bool(asked.rule("required")) and (nothing or kind == "checkbox")
        if missing or nothing:
            return empty(kind), [REQUIRED_OF.get(kind, REQUIRED)] if missing else []
    try:
        read = READERS[kind](asked.place.component, value)
        return read, [message for rule in RULES.get(kind, ()) for message in rule(asked, read)]
    except Misfit as misfit:
        return value, [misfit.message]


def _range(asked: Asked, value: Any) -> list[str]:
    number, least, most = as_decimal(value), asked.limit("min"), asked.limit("max")
    low = [f"Must be at least {least:f}."] if least is not None and number < least else []
    return low + ([f"Must be at most {most:f}."] if most is not None and number > most else [])


def _digits(asked: Asked, value: Any) -> list[str]:
    most = asked.place.component.get("decimalDigits")
    exponent = as_decimal(value).normalize().as_tuple().exponent
    if not isinstance(most, int) or most < 0 or not isinstance(exponent, int) or -exponent <= most:
        return []
    return ["Must be a whole number."] if most == 0 else [f"Must have at most {most} decimal{'s' if most > 1 else ''}."]


def _step(asked: Asked, value: Any) -> list[str]:
    increment = asked.place.component.get("increment")
    if not increment or not (step := as_decimal(increment)):
        return []
    number = as_decimal(value)
    try:
        rest = number % step
    except InvalidOperation:
        return [f"Must be a multiple of {step}."]
    return [f"Must be a multiple of {step}: the nearest are {number - rest} and {number - rest + step}."] if rest else []


def _length(asked: Asked, text: str) -> list[str]:
    length, least, most = len(units(text.strip(BLANKS))), asked.limit("minLength"), asked.limit("maxLength")
    short = [f"Must have at least {least:f} characters."] if least is not None and length < least else []
    return short + ([f"Must have at most {most:f} characters; this has {length}."] if most is not None and length > most else [])


def _pattern(asked: Asked, text: str) -> list[str]:
    validate = asked.place.component.get("validate") or {}
    if not validate.get("pattern"):
        return []
    try:
        found = compiled(units(str(validate["pattern"])), JAVASCRIPT).search(units(text))
    except TooSlow:
        return [UNCHECKED]
    return [] if found else [validate.get("patternErrorMessage") or NO_MATCH]


def _sort(asked: Asked, text: str) -> list[str]:
    sort = asked.rule("validationType")
    if sort == "email" and (len(text) > MAX_EMAIL or not EMAIL.fullmatch(text)):
        return ["Must be an e-mail address, such as ann@example.org."]
    if sort == "phone" and not PHONE.search(text):
        return ["Must be an international phone number without blanks, such as +4930664040900."]
    return []


def _offered(asked: Asked, chosen: Any) -> list[str]:
    values = [option.value for option in options(asked.place, asked.data)]
    every = chosen if isinstance(chosen, list) else [chosen]
    if len(every) <= len(values) and all(any(_same(one, value) for value in values) for one in every):
        twice = any(_same(one, other) for number, one in enumerate(every) for other in every[:number])
        return ["The same choice stands here twice."] if twice else []
    return ["Must be one of the choices that are offered."]


def _same(one: Any, other: Any) -> bool:
    """Equal in JSON, where true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _not_past(asked: Asked, value: str) -> list[str]:
    watched = asked.today and asked.place.component.get("disallowPassedDates") and subtype(asked.place.component) != "time"
    return ["Must not be in the past."] if watched and asked.today and value[:10] < asked.today.isoformat() else []


TEXT: tuple[Rule, ...] = (_length, _pattern, _sort)
RULES: dict[str, tuple[Rule, ...]] = {
    "textfield": TEXT,
    "textarea": TEXT,
    "number": (_digits, _step, _range),
    "datetime": (_not_past,),
    "checklist": (_offered,),
    "taglist": (_offered,),
    "radio": (_offered,),
    "select": (_offered,),
}
