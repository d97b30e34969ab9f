"""The only place that executes written statements, and that makes JSON of what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.delegates.sql.values import to_json
from engine.delegates.sql.wording import Bound

_MYSQL_JSON = 245  # FIELD_TYPE.JSON, which the driver gives as text


@dataclass(frozen=True)
class Done:
    """What came of a statement: its rows, None where it gives none, and how many rows it gave or changed."""

    rows: list[dict[str, Any]] | None
    count: int


def execute(tx: Connection, bound: Bound) -> Done:
    """Run it on `tx`. Rows have the labels that the statement gives its columns; JSON columns are read."""
    if bound.values is None:
        result = tx.exec_driver_sql(bound.text, execution_options={"no_parameters": True})
    else:
        result = tx.exec_driver_sql(bound.text, bound.values)
    if not result.cursor or not result.cursor.description:
        return Done(None, max(result.rowcount, 0))
    labels = [(column[0], column[1] == _MYSQL_JSON and tx.dialect.name in ("mysql", "mariadb")) for column in result.cursor.description]
    rows = [{name: _value(value, is_json) for (name, is_json), value in zip(labels, row, strict=True)} for row in result]
    return Done(rows, len(rows))


def _value(value: Any, is_json: bool) -> Any:
    return json.loads(value) if is_json and isinstance(value, str) else to_json(value)
