"""The only place for how a transient variable looks to JUEL: wrapped, so that a model may write `${response.value.responseBody}`.

Models of plain Camunda 7 know nothing of that and write `${response.responseBody}`, which gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.expressions.exposed import Exposed


@dataclass(frozen=True)
class Typed(Exposed):
    """A transient variable. `value` is what Groovy would see; `${x}` alone gives the Typed itself, so transience travels with it.

    lasting   it only looks so: it is kept like any other, and so is what it is assigned to
    """

    value: Any
    lasting: bool = False

    exposed: ClassVar[frozenset[str]] = frozenset({"value"})
    called: ClassVar[str] = "a transient variable"
