"""The only place that runs the texts of a decision model: which language, with which names, compiled once.

FEEL is the default language (DMN 1.3, 7.3.1); JUEL, Groovy, JavaScript and Python are those that Camunda 7 lets a cell have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.clock import Clock, SystemClock
from engine.expressions import feel, groovy, javascript, juel, python
from engine.expressions.feel.program import Program, program
from engine.expressions.feel.scope import LOOK_EVERY, Code, Run, Scope, Warn

_ALIASES = {
    "feel": "feel", "feel-scala": "feel", "juel": "juel", "groovy": "groovy", "python": "python", "jython": "python",
    "javascript": "javascript", "ecmascript": "javascript", "graal.js": "javascript",
    "http://www.omg.org/spec/feel/20140401": "feel", "http://www.omg.org/spec/dmn/20180521/feel/": "feel",
    "https://www.omg.org/spec/dmn/20191111/feel/": "feel", "https://www.omg.org/spec/dmn/20211108/feel/": "feel",
    "https://www.omg.org/spec/dmn/20230324/feel/": "feel",
}  # fmt: skip


def language_of(name: str | None) -> str | None:
    """Our name of an expression language; FEEL where none is given, None for one that we do not have."""
    return _ALIASES.get(name.strip().lower()) if name and name.strip() else "feel"


@dataclass(frozen=True)
class Text:
    """A text of a decision model in a language, with its line and element. `unary` texts are tests of an input: `< 10, [20..30]`."""

    language: str
    source: str
    line: int | None = None
    element: str | None = None
    unary: bool = False

    @cached_property
    def compiled(self) -> Compiled:
        return Compiled(self.source, self.unary)


class Compiled:
    """A FEEL text as code: one program, and one more for each set of unusual names that a context turned out to have."""

    def __init__(self, source: str, unary: bool):
        self._source, self._unary = source, unary
        self._plain = program(source, {}, unary)
        self._others: dict[frozenset[str], Program] = {}

    def code(self, known: Mapping[str, Any]) -> Code:
        """The code where these names are known. Raises ExpressionError when the text is no FEEL."""
        found = self._plain
        if found.candidates:
            names = frozenset(name for name in found.candidates if name in known)
            found = self._with(names) if names else found
        if found.code is None:
            raise found.refusal()
        return found.code

    def _with(self, names: frozenset[str]) -> Program:
        if names not in self._others:
            self._others[names] = program(self._source, dict.fromkeys(names), self._unary)
        return self._others[names]


class View:
    """The names that a text sees, the innermost first; all views of an evaluation count their work in one `run`."""

    def __init__(self, names: Mapping[str, Any], run: Run, outer: View | None = None):
        self._names, self._outer, self.run = names, outer, run

    @classmethod
    def first(cls, names: Mapping[str, Any], warn: Warn | None, clock: Clock | None) -> View:
        return cls(names, Run(warn, clock or SystemClock()))

    def inside(self, names: Mapping[str, Any]) -> View:
        return View(names, self.run, self)

    def apart(self, names: Mapping[str, Any]) -> View:
        """Only these names, in the same evaluation."""
        return View(names, self.run)

    @cached_property
    def flat(self) -> dict[str, Any]:
        """All names in one dict."""
        return {**(self._outer.flat if self._outer else {}), **self._names}

    @cached_property
    def scope(self) -> Scope:
        """The names as FEEL takes them: in one piece, since a compiled text looks no further."""
        return Scope(self.flat, None, self.run)


def value_of(text: Text, view: View) -> Any:
    """What a text gives. Raises ExpressionError, or TooMuchWork."""
    return _RUN[text.language](text, view)


def passes(text: Text, view: View) -> bool:
    """Whether an input passes the test of a cell; the view has the input as `?` and by its variable's name."""
    return value_of(text, view) is True


def check(text: Text) -> list[str]:
    """What is wrong with a text before it runs, one sentence each."""
    if text.language == "feel":
        return feel.check(text.source, unary=text.unary)
    return _CHECKS[text.language](text.source)


def doubts(text: Text) -> list[str]:
    """What may be a slip in a text that can run."""
    return feel.doubts(text.source, unary=text.unary) if text.language == "feel" and not check(text) else []


def _feel(text: Text, view: View) -> Any:
    run = view.run
    if run.depth == 0:  # each text has its own steps; the seconds are those of the whole evaluation
        run.steps, run.look = 0, LOOK_EVERY
    return text.compiled.code(view.flat)(view.scope)


_RUN: dict[str, Callable[[Text, View], Any]] = {
    "feel": _feel,
    "juel": lambda text, view: juel.evaluate(text.source, view.flat),
    "groovy": lambda text, view: groovy.run(text.source, dict(view.flat), view.run.clock),
    "python": lambda text, view: python.run(text.source, dict(view.flat), view.run.clock),
    "javascript": lambda text, view: javascript.run(text.source, dict(view.flat)),
}
_CHECKS: dict[str, Callable[[str], list[str]]] = {
    "juel": juel.check, "groovy": groovy.check, "python": python.check, "javascript": javascript.check,
}  # fmt: skip
LANGUAGES = ", ".join(_RUN)
