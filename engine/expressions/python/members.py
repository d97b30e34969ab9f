"""The only place that knows which attributes the values of Python scripts have. What is not in these tables does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.errors import BpmnError
from engine.expressions import exposed
from engine.expressions.exposed import Exposed, missing
from engine.expressions.limits import MAX_ITEMS, MAX_TEXT, bounded, weigh, within
from engine.expressions.python.regexes import FOUND, METHODS, Found, Regex
from engine.expressions.python.texts import decoded, encoded, filled
from engine.expressions.python.values import Bound, Builtin, Kind, Module, comparable, described, hashed, items, key, listed, sortable

Table = dict[str, Callable[..., Any]]
TOO_LONG = "A text would be too long: {} characters"


def natural(kind: type, listed_names: str) -> Table:
    """Methods of Python's own that are safe as they are."""
    return {name: getattr(kind, name) for name in listed_names.split()}


def padded(method: Callable[..., str]) -> Callable[..., str]:
    return lambda text, width, *fill: method(text, within(width, MAX_TEXT, TOO_LONG), *fill)


def replaced(text: str, old: str, new: str, count: int = -1) -> str:
    number = text.count(old) if count < 0 else min(text.count(old), count)
    within(len(text) + number * (len(new) - len(old)), MAX_TEXT, TOO_LONG)
    return text.replace(old, new, count)


def joined(text: str, parts: Any) -> str:
    given = listed(parts)
    within(sum(len(part) for part in given if isinstance(part, str)) + len(text) * len(given), MAX_TEXT, TOO_LONG)
    return text.join(given)


def written(text: str, /, *args: Any, **named: Any) -> str:
    """text.format(...)."""
    return filled(text, args, named)


def parted(method: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """A method that splits a text, asked before how many parts there can be."""

    def split(text: str, *args: Any, **named: Any) -> list[str]:
        mark = args[0] if args else named.get("sep")
        number = text.count(mark) if isinstance(mark, str) and mark else len(text) // 2
        within(number, MAX_ITEMS, "A text would have too many parts: {}")
        return method(text, *args, **named)

    return split


def changing(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that makes a list, map or set larger."""

    def change(value: Any, *args: Any) -> Any:
        result = method(value, *args)
        bounded(value)
        return result

    return change


def comparing(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that compares its argument with the items."""

    def compare(value: Any, wanted: Any, *args: Any) -> Any:
        comparable(wanted, value)
        return method(value, wanted, *args)

    return compare


def keyed(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that looks its first argument up."""
    return lambda value, wanted, *args: method(value, key(wanted), *args)


def between(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a set that takes anything with items."""
    return lambda value, *others: method(value, *(other if isinstance(other, set) else hashed(other) for other in others))


def updated(value: dict[Any, Any], given: Any = (), /, **named: Any) -> None:
    value.update(mapped(given), **named)
    bounded(value)


def mapped(given: Any = (), /, **named: Any) -> dict[Any, Any]:
    """dict(...) of a map or of pairs."""
    if isinstance(given, dict):
        return {**given, **named}
    pairs = [tuple(listed(pair)) for pair in items(given)]
    hashed([pair[0] for pair in pairs])
    return {**dict(pairs), **named}


def sorted_in_place(value: list[Any], *, key: Any = None, reverse: bool = False) -> None:
    value[:] = ordered(value, key=key, reverse=reverse)


def ordered(values: Any, *, key: Any = None, reverse: bool = False) -> list[Any]:
    """sorted(values)."""
    given = listed(values)
    keys = sortable(list(map(key, given)) if key else given)
    return [given[index] for index in sorted(range(len(given)), key=keys.__getitem__, reverse=reverse)]


def plain_calendar(value: date) -> tuple[int, int, int]:
    year, week, day = value.isocalendar()
    return year, week, day


def written_moment(value: Any, form: str) -> str:
    within(len(form), 1_000, "A format would be too long: {} characters")
    return str(value.strftime(form))


def argument_list(value: BaseException) -> tuple[Any, ...]:
    return tuple(weigh(list(value.args)))


_FORMS: Table = {"strftime": written_moment}
_TEXT: Table = {
    **natural(str, "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier "
              "islower isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex "
              "rpartition rstrip startswith strip swapcase title upper"),
    **{name: padded(getattr(str, name)) for name in ("center", "ljust", "rjust", "zfill")},
    **{name: parted(getattr(str, name)) for name in ("split", "rsplit", "splitlines")},
    "replace": replaced,
    "join": joined,
    "format": written,
    "encode": encoded,
}  # fmt: skip
_LIST: Table = {
    **natural(list, "clear copy pop reverse"),
    **{name: changing(getattr(list, name)) for name in ("append", "insert")},
    **{name: comparing(getattr(list, name)) for name in ("count", "index", "remove")},
    "extend": changing(lambda value, more: value.extend(items(more))),
    "sort": sorted_in_place,
}
_DICT: Table = {
    **natural(dict, "clear copy popitem"),
    **{name: keyed(getattr(dict, name)) for name in ("get", "pop")},
    "setdefault": changing(keyed(dict.setdefault)),
    "keys": list,
    "values": lambda value: list(value.values()),
    "items": lambda value: list(value.items()),
    "update": updated,
}
_SET: Table = {
    **natural(set, "clear copy pop"),
    **{name: keyed(getattr(set, name)) for name in ("discard", "remove")},
    "add": changing(keyed(set.add)),
    **{name: between(getattr(set, name)) for name in (
        "difference", "difference_update", "intersection", "intersection_update", "isdisjoint", "issubset", "issuperset",
        "symmetric_difference", "symmetric_difference_update", "union", "update",
    )},
}  # fmt: skip
_DATE: Table = {**natural(date, "isoformat isoweekday replace toordinal weekday"), **_FORMS, "isocalendar": plain_calendar}
_DATETIME: Table = {
    **natural(datetime, "astimezone date isoformat isoweekday replace time timestamp timetz toordinal utcoffset weekday"),
    **_FORMS,
    "isocalendar": plain_calendar,
}

METHOD_TABLES: dict[type, Table] = {
    str: _TEXT,
    list: _LIST,
    dict: _DICT,
    set: _SET,
    tuple: {name: comparing(getattr(tuple, name)) for name in ("count", "index")},
    bytes: {**natural(bytes, "hex"), "decode": decoded},
    int: natural(int, "bit_length"),
    float: natural(float, "is_integer"),
    Decimal: natural(Decimal, "adjusted compare copy_abs copy_negate copy_sign is_finite is_infinite is_nan is_signed is_zero max min "
                     "normalize quantize remainder_near same_quantum sqrt to_integral_value"),
    datetime: _DATETIME,
    date: _DATE,
    time: {**natural(time, "isoformat replace utcoffset"), **_FORMS},
    timedelta: natural(timedelta, "total_seconds"),
    Regex: METHODS,
    Found: FOUND,
}  # fmt: skip

_DAY, _CLOCK = ("year", "month", "day"), ("hour", "minute", "second", "microsecond", "tzinfo")
PROPERTIES: dict[type, tuple[str, ...]] = {
    datetime: (*_DAY, *_CLOCK),
    date: _DAY,
    time: _CLOCK,
    timedelta: ("days", "seconds", "microseconds"),
    UUID: ("hex", "int", "version"),
    int: ("real", "numerator", "denominator"),
    Regex: ("pattern",),
    BpmnError: ("code", "message", "args"),
    BaseException: ("args",),
}


def _methods(kind: type) -> Table:
    """Of a class or, when it has none, of the nearest above it."""
    return next((METHOD_TABLES[each] for each in kind.__mro__ if each in METHOD_TABLES), {})


def _properties(kind: type) -> tuple[str, ...]:
    return next((PROPERTIES[each] for each in kind.__mro__ if each in PROPERTIES), ())


def method(value: Any, name: str) -> Callable[..., Any] | None:
    """The method of a value that is no host object and no class; called with the value first."""
    return _methods(type(value)).get(name)


def attribute(value: Any, name: str) -> Any:
    """value.name. AttributeError when there is no such attribute for scripts."""
    if isinstance(value, Exposed):
        return exposed.read(value, name)
    if isinstance(value, Module | Kind):
        return _static(value, name)
    if name in _properties(type(value)):
        return argument_list(value) if name == "args" else getattr(value, name)
    if function := method(value, name):
        return Bound(name, value, function)
    raise AttributeError(_none(value, name))


def _static(value: Module | Kind, name: str) -> Any:
    found = value.members.get(name) if isinstance(value, Module) else value.static.get(name) or _unbound(value, name)
    if found is None:
        known = value.members if isinstance(value, Module) else [*value.static, *_methods(value.types[0])]
        raise AttributeError(missing(described(value), "attribute", name, known).reason)
    return found


def _unbound(kind: Kind, name: str) -> Builtin | None:
    """str.upper and the like, which check what they are given."""
    function = _methods(kind.types[0]).get(name)

    def call(value: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(value, kind.types):
            raise TypeError(f"{kind.name}.{name} cannot be used on {described(value)}")
        return function(value, *args, **named) if function else None

    return Builtin(f"{kind.name}.{name}", call) if function else None


def _none(value: Any, name: str) -> str:
    if isinstance(value, dict) and name in value:
        return f"a map has no attribute '{name}': write ['{name}']"
    known: Iterable[str] = [*_methods(type(value)), *_properties(type(value))]
    return missing(described(value), "attribute", name, known).reason
