"""The only place that lets a model's words become names in SQL: checked letter by letter, folded and quoted as the database needs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Dialect, TableClause, column, literal_column, quoted_name, table

from engine.db import OWN_PREFIX
from engine.delegates.connector import ConnectorError

LONGEST = 128
_NAME = re.compile(r"[^\W\d][\w$]*")
_ASCII_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
_ASCII_UPPER = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}
# How a database reads a name without quotes; the others keep what is written and compare without regard to case.
_FOLDS = {"postgresql": _ASCII_LOWER, "oracle": _ASCII_UPPER}

# What stands in the engine's own database and is not the registry's: its tables, its job queue's, its migrations', the server's catalogues.
_OWN_TABLES = (OWN_PREFIX, "procrastinate_", "alembic_", "sqlite_", "pragma_", "pg_")
_OWN_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys", "pg_")
_HISTORY = "_hst"


@dataclass(frozen=True)
class Relation:
    """A table of a statement. `text` is its name as it stands in SQL; `shown` as the model writes it."""

    shown: str
    name: quoted_name
    schema: quoted_name | None
    text: str
    names: Names

    def clause(self, *columns: quoted_name) -> TableClause:
        """The table for a statement that writes these columns, or that only needs its name."""
        return table(self.name, *(column(name) for name in columns), **({"schema": self.schema} if self.schema else {}))

    def column(self, text: Any) -> ColumnElement[Any]:
        """A column to read or compare. Always with its table: SQLite would take an unknown quoted name alone for a text."""
        return literal_column(f"{self.text}.{self.names.quoted(self.names.column(text))}")


@dataclass(frozen=True)
class Names:
    """The names that one database takes. `own` says that it is the engine's own, where its tables and the histories are refused."""

    dialect: Dialect
    own: bool = False

    def relation(self, text: Any) -> Relation:
        """A table: `name` or `schema.name`. ConnectorError when it is neither, or is one that a model may not touch."""
        parts = [self._checked(part, "table name", text) for part in _text(text, "tableName").split(".")]
        if len(parts) > 2:
            raise _refused("table name", text)
        self._permit(parts, _text(text, "tableName"))
        name, schema = parts[-1], parts[0] if len(parts) == 2 else None
        return Relation(_text(text, "tableName"), name, schema, ".".join(map(self.quoted, parts)), self)

    def column(self, text: Any) -> quoted_name:
        """A column's name, also that of a constraint. ConnectorError when it is no plain name."""
        return self._checked(_text(text, "Column Name"), "column name", text)

    def quoted(self, name: quoted_name) -> str:
        """The name as it stands in SQL."""
        return str(self.dialect.identifier_preparer.quote(name))

    def _checked(self, part: str, what: str, whole: Any) -> quoted_name:
        if not _NAME.fullmatch(part) or len(part) > LONGEST:
            raise _refused(what, whole)
        folded = part.translate(_FOLDS.get(self.dialect.name, {}))
        return quoted_name(folded, folded.lower() in self.dialect.identifier_preparer.reserved_words)

    def _permit(self, parts: list[quoted_name], shown: str) -> None:
        *schema, name = (part.lower() for part in parts)
        reserved = name.startswith(_OWN_TABLES) or name.endswith(_HISTORY) or any(part.startswith(_OWN_SCHEMAS) for part in schema)
        if name.startswith(OWN_PREFIX) or (self.own and reserved):
            problem = f"Table '{shown}' belongs to the engine"
            raise ConnectorError(f"{problem}: the SQL connectors work on the registry's tables only.", "Forbidden")


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConnectorError(f"{what} can not be null or blank", "InvalidInput")
    return value.strip()


def _refused(what: str, given: Any) -> ConnectorError:
    rule = "Use letters, digits, underscore and $ only, starting with a letter or underscore."
    return ConnectorError(f"{str(given)[:LONGEST]!r} is no {what}. {rule}", "InvalidInput")
