"""Variables changed by hand in an instance that is under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import Refused
from engine.runtime import suspension

if TYPE_CHECKING:
    from engine.runtime.run import Run


def change(run: Run, variables: Mapping[str, Any], element_id: str | None = None, removed: Sequence[str] = ()) -> None:
    """Set and remove variables of the instance, or of the scopes of an element or of one token; conditional events see it."""
    wanted = [token.id for token in run.tokens.live() if element_id in (token.element.id, token.id) and not token.passive]
    at = wanted if element_id is not None else [run.instance.id]
    if not at:
        raise Refused(f"No token is at “{element_id}”, so it has no variables to change.")
    for scope in at:
        for name, value in variables.items():
            run.scopes.assign_local(scope, name, value)
        for name in removed:
            run.scopes.remove(scope, name)
    if run.suspended:
        suspension.changed(run)
    else:
        run.stepped()
