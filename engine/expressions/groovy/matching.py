"""The only place for Groovy's patterns and for what `in` and `case` mean by the kind of value."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.groovy.casts import is_a
from engine.expressions.groovy.classes import JavaClass
from engine.expressions.members.lists import contains
from engine.expressions.patterns import JAVA, compiled
from engine.expressions.text import groovy_text
from engine.expressions.values import same, truth


class Pattern(Exposed):
    """~/.../: a pattern as a value."""

    called: ClassVar[str] = "A pattern"
    exposed: ClassVar[frozenset[str]] = names("matcher toString pattern")

    def __init__(self, written: str):
        self._written = written

    def toString(self) -> str:
        return self._written

    pattern = toString

    def matcher(self, text: str) -> Matcher:
        return Matcher(text, self._written)


class Matcher(Exposed):
    """text =~ /.../: true when the pattern is found; matcher[0] is the first match, with its groups when it has any."""

    called: ClassVar[str] = "A matcher"
    exposed: ClassVar[frozenset[str]] = names("find matches group groupCount count getCount size hasGroup")

    def __init__(self, text: str, pattern: str):
        self._text = text
        self._pattern = compiled(pattern, JAVA)
        self._found = self._pattern.all(text)
        self._at = -1

    def __bool__(self) -> bool:
        return bool(self._found)

    def find(self) -> bool:
        """Go to the next match; whether there is one."""
        self._at += 1
        return self._at < len(self._found)

    def matches(self) -> bool:
        self._at = 0
        return self._pattern.fullmatch(self._text) is not None

    def group(self, which: int | str = 0) -> str | None:
        if not 0 <= self._at < len(self._found):
            raise ExpressionError("There is no match: ask find() or matches() first")
        return str(found) if (found := self._found[self._at].group(which)) is not None else None

    def groupCount(self) -> int:
        return self._pattern.groups

    def hasGroup(self) -> bool:
        return self.groupCount() > 0

    def count(self) -> int:
        return len(self._found)

    size = getCount = count

    def at(self, index: int) -> Any:
        """matcher[index]: the match, or a list of it and its groups."""
        if not -len(self._found) <= index < len(self._found):
            raise ExpressionError(f"There is no match {index}: the pattern was found {len(self._found)} times")
        found = self._found[index]
        return [found[0], *found.groups()] if found.groups() else found[0]


def is_case(wanted: Any, value: Any) -> bool:
    """Whether `value in wanted` and `case wanted:` hold: contained, of that class, matched by the pattern, or equal."""
    if isinstance(wanted, JavaClass):
        return is_a(value, wanted.name)
    if isinstance(wanted, Pattern):
        return compiled(wanted.toString(), JAVA).fullmatch(groovy_text(value)) is not None
    if isinstance(wanted, list | range):
        return contains(wanted, value)
    if isinstance(wanted, dict):
        return value in wanted
    return truth(wanted(value)) if callable(wanted) else same(wanted, value)
