"""The only place that lists the built-in functions and classes of Python scripts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.errors import BpmnError, RatchetError
from engine.expressions.exposed import Exposed
from engine.expressions.limits import whole, within
from engine.expressions.python.errors import KINDS
from engine.expressions.python.frames import MAX_STEPS
from engine.expressions.python.members import mapped, ordered
from engine.expressions.python.operators import power
from engine.expressions.python.texts import decoded, encoded, formatted, represented, represented_in_ascii, shown
from engine.expressions.python.values import SIZED, Builtin, Kind, described, hashed, is_walked, items, listed, size, sortable
from engine.expressions.spin import S

_MISSING = object()


def to_int(value: Any = 0, base: Any = _MISSING) -> int:
    size(value)
    if isinstance(value, Decimal):
        return whole(value)
    if isinstance(value, str):
        within(len(value), 2_500, "A number would have too many digits: {}")
    return int(value) if base is _MISSING else int(value, base)


def to_text(value: Any = "", encoding: str = "utf-8") -> str:
    return decoded(value, encoding) if isinstance(value, bytes) else shown(value)


def to_bytes(value: Any, encoding: str = "utf-8") -> bytes:
    """bytes of a text; never of a number, which would be that many."""
    return value if isinstance(value, bytes) else encoded(value, encoding)


def numbered(*args: int) -> range:
    made = range(*args)
    first, last = (made.start, made.stop) if made.step > 0 else (made.stop, made.start)
    within(max(last - first, 0) // abs(made.step), MAX_STEPS, "A range would have too many items: {}")
    return made


def length(value: Any) -> int:
    if not isinstance(value, SIZED):
        raise TypeError(f"{described(value)} has no length")
    return len(value)


def total(values: Any, start: Any = 0) -> Any:
    """sum of numbers or durations; of lists it would take too long."""
    result = start
    for value in items(values):
        if isinstance(value, str | list | tuple):
            raise TypeError("sum() takes numbers: use ''.join(...) for texts and a comprehension for lists")
        result = result + value
        size(result)
    return result


def extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    """min and max."""

    def function(*values: Any, key: Any = None, default: Any = _MISSING) -> Any:
        given = sortable(listed(values[0]) if len(values) == 1 else list(values))
        if not given and default is not _MISSING:
            return default
        keys = sortable(list(map(key, given)) if key else given)
        return given[choose(range(len(given)), key=keys.__getitem__)]

    return function


def following(walk: Any, default: Any = _MISSING) -> Any:
    """next(walk)."""
    if not is_walked(walk):
        raise TypeError(f"next() goes on in an iterator, and this is {described(walk)}: write next(iter(...))")
    return next(walk) if default is _MISSING else next(walk, default)


def rounded(value: Any, digits: int | None = None) -> Any:
    within(abs(digits or 0), 1_000, "Too many digits: {}")
    if isinstance(value, Decimal):
        size(value)
    return round(value, digits)


def raised_to(value: Any, exponent: Any, modulo: Any = None) -> Any:
    return power(value, exponent) if modulo is None else pow(value, exponent, modulo)


def is_instance(value: Any, kinds: Any) -> bool:
    if isinstance(kinds, tuple):
        return any(is_instance(value, kind) for kind in kinds)
    if isinstance(kinds, Kind):
        return isinstance(value, kinds.types)
    if isinstance(kinds, type) and issubclass(kinds, RatchetError):
        return isinstance(value, kinds)
    raise TypeError("isinstance() needs a class, such as str or int")


def is_callable(value: Any) -> bool:
    return callable(value) and not isinstance(value, Exposed)


def mapped_over(function: Any, *several: Any) -> Any:
    return iter([function(*each) for each in zip(*map(listed, several), strict=False)])


def kept(function: Any, values: Any) -> Any:
    return iter([value for value in listed(values) if (function(value) if function else value)])


def zipped(*several: Any, strict: bool = False) -> Any:
    return iter(list(zip(*map(listed, several), strict=strict)))


def enumerated(values: Any, start: int = 0) -> Any:
    return iter(list(enumerate(listed(values), start)))


def same_values(keys: Any, value: Any = None) -> dict[Any, Any]:
    """dict.fromkeys."""
    given = listed(keys)
    hashed(given)
    return dict.fromkeys(given, value)


def numeral(form: str) -> Callable[[int], str]:
    return lambda value: format(value, form)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": lambda values: all(items(values)),
    "any": lambda values: any(items(values)),
    "ascii": represented_in_ascii,
    "bin": numeral("#b"),
    "callable": is_callable,
    "chr": chr,
    "divmod": divmod,
    "enumerate": enumerated,
    "filter": kept,
    "format": lambda value, form="": formatted(value, form),
    "hex": numeral("#x"),
    "isinstance": is_instance,
    "iter": lambda values: values if is_walked(values) else iter(listed(values)),
    "len": length,
    "map": mapped_over,
    "max": extreme(max),
    "min": extreme(min),
    "next": following,
    "oct": numeral("#o"),
    "ord": ord,
    "pow": raised_to,
    "print": lambda *values, **options: None,
    "range": numbered,
    "repr": represented,
    "reversed": lambda values: iter(listed(values)[::-1]),
    "round": rounded,
    "sorted": ordered,
    "sum": total,
    "zip": zipped,
    "S": S,
}

_KINDS = (
    Kind("bool", (bool,), lambda value=False: bool(value)),
    Kind("bytes", (bytes,), to_bytes),
    Kind("dict", (dict,), mapped, {"fromkeys": Builtin("dict.fromkeys", same_values)}),
    Kind("float", (float,), float),
    Kind("int", (int,), to_int),
    Kind("list", (list,), lambda values=(): listed(values)),
    Kind("set", (set,), lambda values=(): hashed(values)),
    Kind("str", (str,), to_text),
    Kind("tuple", (tuple,), lambda values=(): tuple(listed(values))),
)

BUILTINS: dict[str, Any] = {
    **{name: Builtin(name, function) for name, function in _FUNCTIONS.items()},
    **{kind.name: kind for kind in _KINDS},
    **KINDS,
    "BpmnError": BpmnError,
}
