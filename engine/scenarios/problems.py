"""What can be wrong with a scenario file itself, and how it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from engine.errors import Refused

_AND = " | "


class StepProblem(Refused):
    """A step of the scenario cannot be taken."""


def only(what: str, given: Mapping[Any, Any], known: Collection[str]) -> None:
    """Refuse keys that nobody reads, and name the nearest that somebody does."""
    for key in given:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            raise StepProblem(f"{what} does not understand “{key}”.{meant} It takes {', '.join(known)}.")


def told_by(error: BaseException) -> str:
    """The message with its field errors and its causes, for matching and for reading; what an outer message repeats is told once."""
    fields = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in getattr(error, "errors", {}).items())
    cause = told_by(error.__cause__) if error.__cause__ is not None else ""
    text = str(error) if type(error).__module__.startswith("engine.") else f"{type(error).__name__}: {error}"
    told = [text]
    for part in (fields, *cause.split(_AND)):
        if part and not any(part in before for before in told):
            told.append(part)
    return _AND.join(told)
