"""The only place that reads `registry.yaml`: what a registry says about its tables beyond their SQL.

signatures: optional          # the default is `required`; holds for the tables of the tables.sql beside this file
nested:
  nested-transaction-entity:
    table: transaction
    links:
      person_edu_profile_id: {table: person_edu_profile}
      orders_id: {table: orders}          # a link may have its own links
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.data import ddl
from engine.errors import DeploymentRefused, Problem

_SIGNATURES = {"required": False, "optional": True}
_KEYS = {"signatures", "nested"}


@dataclass(frozen=True)
class Nested:
    """A table, and the tables that its foreign keys lead to: {"orders_id": Nested("orders")}."""

    table: str
    links: Mapping[str, Nested] = field(default_factory=dict)

    def tables(self) -> list[str]:
        return [self.table, *(name for link in self.links.values() for name in link.tables())]


@dataclass(frozen=True)
class Declarations:
    """The nested entities by resource name, and the tables whose changes need no signatures (lower case)."""

    nested: Mapping[str, Nested] = field(default_factory=dict)
    unsigned: frozenset[str] = frozenset()

    @staticmethod
    def together(several: Iterable[Declarations]) -> Declarations:
        """The declarations of several applications that share one registry."""
        listed = list(several)
        return Declarations(
            {name: nested for one in listed for name, nested in one.nested.items()}, frozenset().union(*(one.unsigned for one in listed))
        )


def read(text: str, tables_sql: str = "", file: str = "registry.yaml") -> Declarations:
    """The declarations in a registry.yaml, with the text of the tables.sql beside it; `DeploymentRefused` says what is wrong in it."""
    try:
        content = yaml.safe_load(text) or {}
        _expect(content, "the file", _KEYS)
        nested = {name: _nested(name, node) for name, node in _expect(content.get("nested") or {}, "nested").items()}
        optional = _SIGNATURES[str(content.get("signatures", "required"))]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DeploymentRefused([Problem(file, line, None, f"This is not YAML: {error.problem}")]) from None
    except KeyError:
        raise DeploymentRefused([Problem(file, None, None, "signatures must be 'required' or 'optional'.")]) from None
    except ValueError as error:
        raise DeploymentRefused([Problem(file, None, None, str(error))]) from None
    return Declarations(nested, _tables(tables_sql) if optional else frozenset())


def _tables(sql: str) -> frozenset[str]:
    return frozenset(one.name.lower() for one in ddl.statements(sql) if one.creates == "table")


def _nested(where: str, node: Any) -> Nested:
    _expect(node, where, {"table", "links"})
    if not isinstance(node.get("table"), str):
        raise ValueError(f"{where} needs the name of its table: 'table: …'.")
    links = {column: _nested(f"{where}.{column}", link) for column, link in _expect(node.get("links") or {}, f"{where}.links").items()}
    named = [link.table for link in links.values()]
    if twice := {name for name in named if named.count(name) > 1}:
        raise ValueError(f"{where} links twice to {', '.join(sorted(twice))}: a payload could not say which one it means.")
    return Nested(node["table"], links)


def _expect(node: Any, where: str, keys: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(node, dict) or not all(isinstance(key, str) for key in node):
        raise ValueError(f"{where} must be a mapping of names.")
    if unknown := set(node) - (keys or set(node)):
        raise ValueError(f"{where} does not know {', '.join(sorted(unknown))}; known are {', '.join(sorted(keys or ()))}.")
    return node
