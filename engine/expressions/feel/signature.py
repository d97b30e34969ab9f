"""The only place that says how a built-in function is declared, and how arguments find their parameters and become the right kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import Refused
from engine.expressions.feel.durations import DaysTime, YearsMonths
from engine.expressions.feel.far import CLOCKS, DAYS, MOMENTS
from engine.expressions.feel.scope import Run
from engine.expressions.feel.values import NUMBERS, Comparison, Function, Range, adopt, adopt_all, kind_of


class Mismatch(Refused):
    """The arguments do not fit the function."""


class AssertionFailed(Refused):
    """The assertion is not fulfilled: its condition is not true."""


class _Wrong(Exception):
    """This value is not of the parameter's kind."""


Coercion = Callable[[Any], Any]


def _exactly(*kinds: type) -> Coercion:
    """One of these types; a list of one such value stands for the value."""
    allowed = frozenset(kinds)

    def coerce(value: Any) -> Any:
        if type(value) in allowed:
            return value
        if type(value) is list and len(value) == 1 and type(only := adopt(value[0])) in allowed:
            return only
        raise _Wrong

    return coerce


def _list(value: Any) -> list[Any]:
    if type(value) is list:
        return value
    if value is None:
        raise _Wrong
    return [value]


def _list_of(*kinds: type) -> Coercion:
    allowed = frozenset(kinds)

    def coerce(value: Any) -> list[Any]:
        items = adopt_all(_list(value))
        if any(type(item) not in allowed for item in items):
            raise _Wrong
        return items

    return coerce


def _callable(value: Any) -> Callable[..., Any]:
    if type(value) is Function:
        return value
    raise _Wrong


def _string_or_path(value: Any) -> Any:
    if type(value) is str or (type(value) is list and value and all(type(key) is str for key in value)):
        return value
    raise _Wrong


_COERCIONS: dict[str, Coercion] = {
    "any": adopt,
    "number": _exactly(*NUMBERS),
    "string": _exactly(str),
    "boolean": _exactly(bool),
    "date": _exactly(*DAYS),
    "time": _exactly(*CLOCKS),
    "date and time": _exactly(*MOMENTS),
    "day": _exactly(*DAYS, *MOMENTS),
    "moment": _exactly(*DAYS, *MOMENTS, *CLOCKS),
    "duration": _exactly(YearsMonths, DaysTime),
    "days duration": _exactly(DaysTime),
    "context": _exactly(dict),
    "range": _exactly(Range),
    "span": _exactly(Range, Comparison),
    "list": _list,
    "true list": _exactly(list),
    "numbers": _list_of(*NUMBERS),
    "strings": _list_of(str, type(None)),
    "booleans": _list_of(bool, type(None)),
    "contexts": _list_of(dict),
    "lists": lambda value: [item if type(item) is list else [item] for item in adopt_all(_list(value))],
    "function": _callable,
    "keys": _string_or_path,
}


@dataclass(frozen=True)
class Parameter:
    """One parameter: `text: string`, optional as `length?: number`, one that may be null as `flags: string|null`."""

    name: str
    kind: str
    optional: bool
    nullable: bool
    coerce: Coercion

    def take(self, function: str, value: Any) -> Any:
        if value is None and self.nullable:
            return None
        try:
            return self.coerce(value)
        except _Wrong:
            raise Mismatch(f"{function}: '{self.name}' must be a {self.kind}, not a {kind_of(value)}") from None


@dataclass(frozen=True)
class Signature:
    """One way to call a function; `variadic` when any number of arguments may stand for its list, `rest` when the last may be repeated."""

    parameters: tuple[Parameter, ...]
    variadic: bool
    rest: bool
    function: Callable[..., Any]
    wants_run: bool

    @property
    def required(self) -> int:
        return sum(not parameter.optional for parameter in self.parameters)

    def arranged(self, function: str, values: Sequence[Any], names: Sequence[str]) -> list[Any]:
        """The values in the order of the parameters, each of its kind; raises Mismatch."""
        if names:
            return self._by_name(function, dict(zip(names, values, strict=True)), len(values))
        if self.variadic and not (len(values) == 1 and type(values[0]) is list):
            if not values or (len(values) == 1 and values[0] is None):
                raise Mismatch(f"{function} needs a list or values")
            values = [list(values)]
        parameters = self.parameters
        if self.rest and len(values) > len(parameters):
            parameters += parameters[-1:] * (len(values) - len(parameters))
        if not self.required <= len(values) <= len(parameters):
            raise Mismatch(f"{function} takes ({self}), not {len(values)} arguments")
        return [parameter.take(function, value) for parameter, value in zip(parameters, values, strict=False)]

    def _by_name(self, function: str, given: dict[str, Any], count: int) -> list[Any]:
        known = {parameter.name for parameter in self.parameters}
        needed = {parameter.name for parameter in self.parameters if not parameter.optional}
        if len(given) < count or not given.keys() <= known or not needed <= given.keys():
            raise Mismatch(f"{function} takes ({self}), not ({', '.join(given)})")
        return [parameter.take(function, given[parameter.name]) if parameter.name in given else None for parameter in self.parameters]

    def __str__(self) -> str:
        return ", ".join(parameter.name for parameter in self.parameters)


@dataclass(frozen=True)
class Builtin:
    """A built-in function with its ways to be called."""

    name: str
    signatures: tuple[Signature, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.signatures[0].parameters)

    def invoke(self, values: list[Any], names: Sequence[str], run: Run) -> Any:
        """The function's value; raises Mismatch when the arguments fit no signature."""
        problem: Mismatch | None = None
        for signature in self.signatures:
            try:
                arranged = signature.arranged(self.name, values, names)
            except Mismatch as error:
                problem = problem or error
                continue
            run.step(sum(map(_weight, values)))
            return signature.function(run, *arranged) if signature.wants_run else signature.function(*arranged)
        raise problem or Mismatch(f"{self.name} cannot be called")


def _weight(value: Any) -> int:
    """The work that an argument may mean: a long list or text is not free."""
    return len(value) if type(value) is list else len(value) >> 8 if type(value) is str else 0


Row = tuple[str, Signature]


def row(name: str, parameters: str, function: Callable[..., Any]) -> Row:
    """A line of the table of built-ins: row("substring", "string: string, start position: number, length?: number", substring)."""
    return name, _signature(parameters, function, wants_run=False)


def row_with_run(name: str, parameters: str, function: Callable[..., Any]) -> Row:
    """The same for a function whose first parameter is the running evaluation."""
    return name, _signature(parameters, function, wants_run=True)


def _signature(parameters: str, function: Callable[..., Any], wants_run: bool) -> Signature:
    variadic = parameters.startswith("*")
    parts = [part.strip() for part in parameters.lstrip("*").split(",") if part.strip()]
    return Signature(tuple(map(_parameter, parts)), variadic, ", *" in parameters, function, wants_run)


def _parameter(text: str) -> Parameter:
    name, _, kind = (part.strip() for part in text.partition(":"))
    kind, _, null = kind.partition("|")
    return Parameter(name.strip("*?"), kind, name.endswith("?"), null == "null", _COERCIONS[kind])


def table(*groups: Sequence[Row]) -> dict[str, Builtin]:
    """The built-ins by name; rows of one name are its ways to be called, tried in order."""
    signatures: dict[str, list[Signature]] = {}
    for group in groups:
        for name, signature in group:
            signatures.setdefault(name, []).append(signature)
    return {name: Builtin(name, tuple(found)) for name, found in signatures.items()}
