"""The only place for Ratchet's error tree; special errors stand beside their raiser and inherit from one of these.

A class's docstring is its default message. Facts about the error are attributes. `web` and `cli` map classes to a status and an exit code.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any


class RatchetError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None, **facts: Any):
        self.message = message or inspect.getdoc(type(self)) or ""
        self.facts = facts
        super().__init__(self.message)


class Refused(RatchetError):
    """This was refused."""


class NotFound(Refused):
    """There is no such thing."""


class Forbidden(Refused):
    """You may not do this."""


class SomebodyWasFaster(Refused):
    """Somebody was faster: this task has been done already. Go back to your task list."""


class InvalidData(Refused):
    """Some fields need correcting.

    `errors` maps a field's path to its messages: {"share": ["Must be at most 100."]}.
    """

    def __init__(self, errors: dict[str, list[str]], message: str | None = None):
        super().__init__(message or "Some fields need correcting.")
        self.errors = errors


class BpmnError(RatchetError):
    """A business error that the process itself may catch: it goes to the innermost matching boundary event."""

    def __init__(self, code: str, message: str = "", variables: dict[str, Any] | None = None):
        super().__init__(message or f"BPMN error {code}")
        self.code = code
        self.variables = variables or {}


@dataclass(frozen=True)
class Problem:
    """One finding in a file: what is wrong, where, and what to do."""

    file: str
    line: int | None
    element: str | None
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.element}: {self.message}" if self.element else f"{where}: {self.message}"


class DeploymentRefused(Refused):
    """The files were not deployed."""

    def __init__(self, problems: list[Problem]):
        super().__init__("Not deployed:\n" + "\n".join(map(str, problems)))
        self.problems = problems
