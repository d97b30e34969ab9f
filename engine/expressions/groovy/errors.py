"""The only place for exceptions inside Groovy: what `throw` raises, and how a caught one looks to the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from engine.errors import BpmnError, RatchetError
from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.limits import LimitReached

EVERYTHING = names("Throwable Object")
ALL_BUT_ERRORS = names("Exception RuntimeException def")
EXCEPTIONS = names(
    "Exception RuntimeException IllegalArgumentException IllegalStateException NullPointerException NumberFormatException "
    "ArithmeticException IndexOutOfBoundsException UnsupportedOperationException ProcessEngineException ValidationException "
    "DateTimeException DateTimeParseException ParseException GroovyRuntimeException JsonException NoSuchElementException "
    "ClassCastException MissingPropertyException MissingMethodException SpinRuntimeException"
)


class ScriptFailed(ExpressionError):
    """The script threw an exception that nothing caught."""

    thrown: JavaException

    def placed(self, source: str, line: int, column: int) -> Self:
        found = super().placed(source, line, column)
        found.thrown = self.thrown
        return found


@dataclass(frozen=True)
class JavaException(Exposed):
    """An exception as the script sees it; `error` is what was raised on our side, if anything was."""

    name: str
    message: str | None
    error: RatchetError | None = None

    called: ClassVar[str] = "An exception"
    exposed: ClassVar[frozenset[str]] = names("message getLocalizedMessage errorCode toString cause printStackTrace")
    cause: ClassVar[None] = None

    def getLocalizedMessage(self) -> str | None:
        return self.message

    @property
    def errorCode(self) -> str | None:
        return self.error.code if isinstance(self.error, BpmnError) else None

    def toString(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name

    def printStackTrace(self) -> None:
        """Goes nowhere: a script has no console."""


def thrown(value: Any) -> RatchetError:
    """What `throw value` raises: a BpmnError as it is, all else as ScriptFailed. ExpressionError when the value is no exception."""
    if isinstance(value, RatchetError):
        return value
    if not isinstance(value, JavaException):
        return ExpressionError("Only an exception can be thrown, such as new RuntimeException('...') or new BpmnError('code')")
    if value.error:
        return value.error
    failed = ScriptFailed(value.toString())
    failed.thrown = value
    return failed


def caught(error: RatchetError) -> JavaException:
    """How an error looks in a catch block."""
    if isinstance(error, ScriptFailed):
        return error.thrown
    reason = error.reason if isinstance(error, ExpressionError) else error.message
    return JavaException(type(error).__name__ if isinstance(error, BpmnError) else "RuntimeException", reason, error)


def fits(error: RatchetError, types: tuple[str, ...]) -> bool:
    """Whether a catch of these types catches the error. Our own failures have no Java class, so any class but BpmnError fits them."""
    if isinstance(error, LimitReached):
        return False
    name = caught(error).name
    if not types or EVERYTHING & set(types) or name in types:
        return True
    if name == "AssertionError":
        return "Error" in types
    if ALL_BUT_ERRORS & set(types):
        return True
    return not isinstance(error, ScriptFailed | BpmnError) and types != ("BpmnError",)
