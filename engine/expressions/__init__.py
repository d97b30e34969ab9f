"""The only place for the error of an expression: text in FEEL, JUEL or Groovy that is broken, or that failed while it ran."""

from __future__ import annotations

from typing import Self

from engine.errors import RatchetError


class ExpressionError(RatchetError):
    """The expression is wrong.

    `reason` says what; `source` is the whole text (empty while the place is not known yet); `line` and `column` count from 1.
    """

    def __init__(self, message: str, source: str = "", line: int = 1, column: int = 1):
        super().__init__(f"{message} (line {line}, column {column})" if source else message)
        self.reason = message
        self.source = source
        self.line = line
        self.column = column

    def placed(self, source: str, line: int, column: int) -> Self:
        """The same error at this place; one that has a place already keeps it."""
        return self if self.source else type(self)(self.reason, source, line, column)


class UnknownName(ExpressionError):
    """There is no variable of this name."""


__all__ = ["ExpressionError", "UnknownName"]
