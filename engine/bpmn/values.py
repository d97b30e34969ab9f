"""The values that a model writes down: text in a language, lists and maps of it, and mappings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expression:
    """A piece of text in a language: `text` is itself, `variable` the value of a name (else None). `line` is where it stands."""

    language: str
    source: str
    line: int | None = None


@dataclass(frozen=True)
class ListOf:
    """A list whose items are evaluated one by one."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class MapOf:
    """A map whose values are evaluated one by one."""

    entries: tuple[tuple[str, Value], ...]


Value = Expression | ListOf | MapOf


@dataclass(frozen=True)
class Assign:
    """An input or output mapping: `target` (a name or a dotted path) gets `value`; JUEL sees a transient one typed, until the next rest."""

    target: str
    value: Value
    transient: bool = False
