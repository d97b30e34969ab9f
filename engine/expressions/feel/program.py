"""The only place that keeps compiled FEEL: one program for a text and the unusual names that the context has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.feel import compiler_control, compiler_structures, grammar, tree
from engine.expressions.feel.compiler import Unit, compile_node
from engine.expressions.feel.scope import Code
from engine.expressions.feel.tokens import Source, tokens, unusual_names

MOST_PROGRAMS = 4096
NO_NAMES: frozenset[str] = frozenset()

__all__ = ["Program", "compiler_control", "compiler_structures", "program", "tree_of"]  # the two compilers fill the table of `compiler`


@dataclass(frozen=True)
class Program:
    """A compiled text, or why it could not be; `candidates` are texts in it that would be one name if a context had it."""

    code: Code | None
    error: ExpressionError | None
    candidates: frozenset[str]

    def refusal(self) -> ExpressionError:
        """The error, new each time: a raised exception keeps the frames that it went through."""
        error = self.error or ExpressionError("This expression was not compiled")
        return ExpressionError(error.reason, error.source, error.line, error.column)


def program(source: str, context: Mapping[str, Any], unary: bool) -> Program:
    """The program of a text, compiled once; its `error` says where the text is broken."""
    found = _compiled(source, unary, NO_NAMES)
    if not found.candidates:
        return found
    names = frozenset(name for name in found.candidates if name in context)
    return _compiled(source, unary, names) if names else found


def tree_of(text: str, unary: bool) -> tree.Node:
    """What a text is read as where no variable is known; raises ExpressionError."""
    source = Source(text)
    return _RULES[unary](source, tokens(source))


@lru_cache(MOST_PROGRAMS)
def _compiled(text: str, unary: bool, names: frozenset[str]) -> Program:
    source = Source(text)
    try:
        parts = tokens(source)
    except ExpressionError as error:
        return Program(None, error, NO_NAMES)
    unusual = unusual_names(source, parts)
    known = [(start, stop, name) for name in names for start, stop in unusual[name]]
    try:
        node = _RULES[unary](source, parts, known)
        return Program(compile_node(node, Unit(source, nested=unary)), None, frozenset(unusual))
    except ExpressionError as error:
        return Program(None, error, frozenset(unusual))
    except RecursionError:
        return Program(None, source.error("The expression is nested too deep", 0), frozenset(unusual))


_RULES = {False: grammar.expression, True: grammar.unary_tests}
