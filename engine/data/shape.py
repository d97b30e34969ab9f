"""The only place that says whether a part of a `registry.yaml` has the shape that is expected there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def mapping(node: Any, where: str, keys: Collection[str] | None = None) -> dict[str, Any]:
    """A mapping of names, of these names only where they are given; nothing at all is an empty one. `ValueError` for anything else."""
    node = {} if node is None else node
    if not isinstance(node, dict) or not all(isinstance(key, str) for key in node):
        raise ValueError(f"{where} must be a mapping of names.")
    if keys is not None and (unknown := set(node) - set(keys)):
        raise ValueError(f"{where} does not know {', '.join(sorted(unknown))}; known are {', '.join(sorted(keys))}.")
    return node


def text(node: Any, where: str) -> str:
    """A name or word; `ValueError` where there is none."""
    if not isinstance(node, str) or not node.strip():
        raise ValueError(f"{where} must be a name.")
    return node.strip()


def texts(node: Any, where: str) -> tuple[str, ...]:
    """A list of names, or a single one."""
    listed = node if isinstance(node, list) else [node]
    return tuple(text(item, where) for item in listed)


def one_of(node: Any, where: str, among: Collection[str]) -> str:
    if not isinstance(node, str) or node not in among:
        raise ValueError(f"{where} is {node!r}; it must be one of {', '.join(among)}.")
    return node


def truth(node: Any, where: str) -> bool:
    if not isinstance(node, bool):
        raise ValueError(f"{where} must be true or false.")
    return node
