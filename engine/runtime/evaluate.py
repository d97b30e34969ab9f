"""The script engine: a model's values in the scope of one activity. The only place that knows which language is evaluated how.

JUEL sees a transient variable as a typed value (`${response.value…}`), Groovy sees it raw, FEEL sees plain JSON: as in the systems that
models are written for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from engine.bpmn.values import Assign, Expression, ListOf, MapOf, Value
from engine.clock import Clock
from engine.errors import RatchetError
from engine.expressions import feel, groovy, javascript, juel, python
from engine.expressions.spin import JsonNode
from engine.expressions.typed import Typed
from engine.runtime.scopes import Scopes


class NotBoolean(RatchetError):
    """A condition must give true or false."""


class NotAName(RatchetError):
    """What names something must be text."""


class NotANumber(RatchetError):
    """What says how often must be a number."""


@dataclass(frozen=True)
class Script:
    """The variables and functions that the text of one activity may use."""

    scopes: Scopes
    scope: str
    given: Callable[[], Mapping[str, Any]]
    clock: Clock
    warn: Callable[[str], None]

    @cached_property
    def functions(self) -> Mapping[str, Any]:
        """The names beside the variables; made when the first one is looked up, since FEEL has no use for them."""
        return self.given()

    def look_up(self, name: str) -> Any:
        """A variable, else a function; KeyError for neither. What a script may change in place counts as changed."""
        owner = self.scopes.owner(self.scope, name)
        if owner is None:
            return self.functions[name]
        self.scopes.touch(owner, name)
        return self.scopes.get(owner, name)

    def value(self, value: Value) -> Any:
        """What a model's value is now."""
        if isinstance(value, ListOf):
            return [raw(self.value(item)) for item in value.items]
        if isinstance(value, MapOf):
            return {key: raw(self.value(item)) for key, item in value.entries}
        return _LANGUAGES[value.language][0](value.source, self)

    def text(self, value: Value | None) -> str | None:
        """A value as text; blank is None."""
        found = raw(self.value(value)) if value is not None else None
        return str(found) if found not in (None, "") else None

    def name(self, value: Value | None, or_number: bool = False) -> str:
        """What something is called. In FEEL it must be text, or a number where those are keys; elsewhere nothing is an empty name."""
        if not (isinstance(value, Expression) and value.language == "feel"):
            return self.text(value) or ""
        found = self.value(value)
        if not (isinstance(found, str) or (or_number and _is_number(found))) or found == "":
            raise NotAName(f"The expression “{value.source}” gave {found!r}, not {'text or a number' if or_number else 'text'}.")
        return str(found)

    def whole(self, value: Value) -> int:
        """A whole number."""
        found = raw(self.value(value))
        if not _is_number(found):
            raise NotANumber(f"{getattr(value, 'source', value)} gave {found!r}, not a number.")
        return int(found)

    def names(self, value: Value | None) -> list[str]:
        """A list of names, from a list or from text with commas."""
        found = raw(self.value(value)) if value is not None else None
        if isinstance(value, Expression) and value.language == "feel" and not isinstance(found, (list, str, type(None))):
            raise NotAName(f"The expression “{value.source}” gave {found!r}, not a list of names.")
        items = found if isinstance(found, list) else str(found or "").split(",")
        return [str(item).strip() for item in items if str(item).strip()]

    def condition(self, expression: Expression) -> bool:
        """A flow's condition; anything but true and false is an error."""
        found = raw(self.value(expression))
        if isinstance(found, str) and found.strip().lower() in {"true", "false"} and expression.language != "feel":
            return found.strip().lower() == "true"
        if not isinstance(found, bool):
            raise NotBoolean(f"The condition “{expression.source}” gave {found!r}, not true or false.")
        return found

    def assign_inputs(self, mappings: tuple[Assign, ...]) -> None:
        """Evaluate input mappings one after the other into the activity's own scope, where they stay as long as the activity does."""
        for mapping in mappings:
            value = self.value(mapping.value)
            first, *path = mapping.target.split(".")
            if path:
                begun = self.scopes.get(self.scope, first) if self.scopes.owner(self.scope, first) == self.scope else None
                value = _nested(begun, path, value)
            self.scopes.assign_local(self.scope, first, raw(value), mapping.transient)
            self.scopes.keep(self.scope, first)

    def assign_outputs(self, mappings: tuple[Assign, ...], above: str) -> None:
        """Evaluate output mappings in the activity's scope; they go to the scopes above it."""
        for mapping in mappings:
            value = self.value(mapping.value)
            first, *path = mapping.target.split(".")
            plain_value = raw(value)
            if path:
                plain_value = _nested(self.scopes.visible(above).get(first), path, plain_value)
            self.scopes.assign(above, first, plain_value, isinstance(value, Typed) and not value.lasting)


def check(expression: Expression) -> list[str]:
    """What is wrong with the text of an expression, before anything runs."""
    return _LANGUAGES[expression.language][1](expression.source)


def doubts(expression: Expression) -> list[str]:
    """What may be a slip in the text of an expression, though it can run."""
    return feel.doubts(expression.source) if expression.language == "feel" and not check(expression) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def raw(value: Any) -> Any:
    """The value without the typed wrapper of JUEL's transient variables."""
    return value.value if isinstance(value, Typed) else value


def _nested(whole: Any, path: list[str], value: Any) -> dict[str, Any]:
    """A copy of the context `whole` with `value` at the dotted path."""
    outer = dict(whole) if isinstance(whole, Mapping) else {}
    first, *rest = path
    outer[first] = _nested(outer.get(first), rest, value) if rest else value
    return outer


class _Juel(Mapping[str, Any]):
    """What JUEL looks names up in: variables, transient ones typed, then functions."""

    def __init__(self, script: Script):
        self._script = script

    def __getitem__(self, name: str) -> Any:
        value, script = self._script.look_up(name), self._script
        typed = script.scopes.is_transient(script.scope, name)
        return Typed(value, script.scopes.is_kept(script.scope, name)) if typed else value

    def __iter__(self) -> Iterator[str]:
        return iter({**self._script.functions, **self._script.scopes.visible(self._script.scope)})

    def __len__(self) -> int:
        return len(list(iter(self)))


class _Names(MutableMapping[str, Any]):
    """What scripts look names up in, and where the variables go that they set."""

    def __init__(self, script: Script):
        self._script = script

    def __getitem__(self, name: str) -> Any:
        return self._script.look_up(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self._script.scopes.assign(self._script.scope, name, value)

    def __delitem__(self, name: str) -> None:
        self._script.scopes.remove(self._script.scope, name)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._script.functions, **self._script.scopes.visible(self._script.scope)})

    def __len__(self) -> int:
        return len(list(iter(self)))


def unwrapped(value: Any) -> Any:
    """JSON values for FEEL: Spin's nodes become what they hold."""
    if isinstance(value, JsonNode):
        return value.data
    if isinstance(value, Mapping):
        return {key: unwrapped(item) for key, item in value.items()}
    return [unwrapped(item) for item in value] if isinstance(value, list) else value


def _feel(source: str, script: Script) -> Any:
    return feel.evaluate(source, script.scopes.visible(script.scope), script.warn, clock=script.clock)


_LANGUAGES: dict[str, tuple[Callable[[str, Script], Any], Callable[[str], list[str]]]] = {
    "text": (lambda source, _: source, lambda _: []),
    "variable": (lambda source, script: script.scopes.visible(script.scope).get(source), lambda _: []),
    "feel": (_feel, feel.check),
    "juel": (lambda source, script: juel.evaluate(source, _Juel(script)), juel.check),
    "groovy": (lambda source, script: groovy.run(source, _Names(script), script.clock), groovy.check),
    "python": (lambda source, script: python.run(source, _Names(script), script.clock), python.check),
    "javascript": (lambda source, script: javascript.run(source, _Names(script)), javascript.check),
}
