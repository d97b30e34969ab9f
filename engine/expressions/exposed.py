"""The only place that lets JUEL and Groovy reach an attribute of a Python object: what its class lists in `exposed`, nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from decimal import DecimalException
from typing import Any, ClassVar

from engine.expressions import ExpressionError

FAILURES = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, DecimalException)


def names(text: str) -> frozenset[str]:
    """The names written in a text, white space between them."""
    return frozenset(text.split())


REFLECTION = names(
    "class getClass metaClass getMetaClass setMetaClass properties getProperties execute evaluate invokeMethod forName newInstance "
    "classLoader getClassLoader getDeclaredMethods getDeclaredFields getMethods getMethod methods methodMissing propertyMissing "
    "mixin owner getOwner delegate getDelegate setDelegate thisObject dump inspect wait notify notifyAll finalize"
)


class Exposed:
    """What a host object inherits. `exposed` holds the exact names (as in Java) of the methods and properties that scripts may use."""

    exposed: ClassVar[frozenset[str]] = frozenset()
    called: ClassVar[str] = ""

    @classmethod
    def described(cls) -> str:
        """How messages call it."""
        return cls.called or cls.__name__


def read(host: Exposed, name: str) -> Any:
    """The property `name`, also through its Java getter (getName, isName). ExpressionError when it is not exposed."""
    if name in host.exposed:
        value = getattr(host, name)
        if not callable(value) or isinstance(value, Exposed):
            return value
        raise ExpressionError(f"'{name}' of {host.described()} is a method: write {name}()")
    for getter in getters(name):
        if getter in host.exposed:
            return invoke(getter, getattr(host, getter), ())
    raise missing(host.described(), "property", name, host.exposed)


def call(host: Exposed, name: str, args: Sequence[Any]) -> Any:
    """The method `name` called with `args`; getName() reads the property `name` when there is no such method."""
    if name in host.exposed:
        value = getattr(host, name)
        if not callable(value):
            raise ExpressionError(f"'{name}' of {host.described()} is a property, not a method: write it without brackets")
        return invoke(name, value, args)
    field = gotten(name)
    if field in host.exposed and not args:
        return read(host, field)
    raise missing(host.described(), "method", name, host.exposed)


def write(host: Exposed, name: str, value: Any) -> None:
    """Set the property `name` through its exposed setter. ExpressionError when it has none."""
    setter = f"set{name[:1].upper()}{name[1:]}"
    if setter not in host.exposed:
        raise ExpressionError(f"'{name}' of {host.described()} cannot be set by a script")
    invoke(setter, getattr(host, setter), (value,))


def invoke(name: str, function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Call a Python function for a script; a wrong number or kind of arguments becomes an ExpressionError that names the function."""
    try:
        return function(*args)
    except FAILURES as failure:
        raise ExpressionError(f"{name}({', '.join(map(_brief, args))}) failed: {failure}") from failure


def missing(owner: str, sort: str, name: str, known: Iterable[str]) -> ExpressionError:
    """The error for a name that `owner` does not have, with the nearest names that it has."""
    if name in REFLECTION:
        return ExpressionError(f"'{name}' is not available: scripts have no reflection and start no programs")
    near = difflib.get_close_matches(name, known, 3, 0.7)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return ExpressionError(f"{owner} has no {sort} '{name}'{hint}")


def getters(name: str) -> tuple[str, str]:
    """The names that Java gives to the getter of a property."""
    capital = f"{name[:1].upper()}{name[1:]}"
    return f"get{capital}", f"is{capital}"


def gotten(method: str) -> str:
    """The property that a getter of this name reads; "" when it is no getter's name."""
    for prefix in ("get", "is"):
        rest = method.removeprefix(prefix)
        if rest != method and rest[:1].isupper():
            return rest[0].lower() + rest[1:]
    return ""


def _brief(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return text if len(text) <= 40 else text[:37] + "..."
