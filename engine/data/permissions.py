"""The only place that decides who may do what with which resource: what `registry.yaml` says under `permissions`.

permissions:
  person-profile: {read: [officer, registrars], delete: [admin]}   # roles, or groups of people
  "*": {delete: [admin]}                                           # for every resource that does not say so itself

What nobody restricts is open to whoever may use processes at all. A search is restricted by its own name, else as its table is; reading a
table's history and signed documents is reading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.data import shape
from engine.data.errors import DataError
from engine.data.origin import Who

Action = Literal["read", "search", "create", "update", "delete"]
ACTIONS = ("read", "search", "create", "update", "delete")
EVERY = "*"
Permissions = Mapping[str, Mapping[str, frozenset[str]]]


def read(node: Any) -> Permissions:
    """What stands under `permissions`; `ValueError` says what is wrong in it."""
    return {name: _rules(name, rules) for name, rules in shape.mapping(node, "permissions").items()}


def _rules(name: str, node: Any) -> Mapping[str, frozenset[str]]:
    rules = shape.mapping(node, f"permissions.{name}", ACTIONS)
    return {action: frozenset(shape.texts(who, f"permissions.{name}.{action}")) for action, who in rules.items()}


def require(permissions: Permissions, names: tuple[str, ...], action: Action, who: Who) -> None:
    """`DataError` FORBIDDEN_OPERATION unless this person may; of `names` the first one counts that is restricted for this."""
    if not permissions:
        return
    wanted = next((rule for name in (*names, EVERY) if (rule := _rule(permissions, name, action)) is not None), None)
    if wanted is not None and wanted.isdisjoint(who.roles | who.groups):
        allowed = ", ".join(sorted(wanted)) or "nobody"
        raise DataError("FORBIDDEN_OPERATION", f"{who.id} may not {action} {names[0]}; allowed are: {allowed}.")


def _rule(permissions: Permissions, name: str, action: Action) -> frozenset[str] | None:
    """A search that nobody restricts is restricted as reading is."""
    rules = permissions.get(name, {})
    return rules.get(action, rules.get("read")) if action == "search" else rules.get(action)
