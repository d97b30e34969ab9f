"""The only place that turns a connector's `filters` into a WHERE condition (contract 1b), every value bound.

Beyond the reference: `in`, `not in` and `between` take lists, and starts/ends with match % and _ literally.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, between, false, not_, null, or_, true

from engine.delegates.connector import ConnectorError
from engine.delegates.sql.names import Relation
from engine.delegates.sql.values import bound

Column = ColumnElement[Any]
Condition = ColumnElement[bool]
Bind = Callable[[Any], ColumnElement[Any]]
Operator = Callable[[Column, Any, Bind], Condition]

DEEPEST = 50
ESCAPE = "/"
KEYS = "filter, logicalOperator and filterList"


class InvalidFilter(ConnectorError):
    """The filters cannot be read."""

    def __init__(self, message: str):
        super().__init__(f"Invalid filter: {message}", "InvalidFilter")


def where(relation: Relation, filters: Any) -> Condition | None:
    """The condition that `filters` describe; None for no filters at all. Raises InvalidFilter."""
    if filters is None or filters == {}:
        return None
    top = _keyed(filters)
    if not top.keys() & {"filter", "filterlist", "logicaloperator"}:
        raise InvalidFilter(f"Map can have keys - {KEYS}")
    return _condition(relation, top, 0)


def _condition(relation: Relation, part: Mapping[str, Any], depth: int) -> Condition:
    if depth > DEEPEST:
        raise InvalidFilter(f"filterList is nested more than {DEEPEST} times")
    parts = part.get("filterlist")
    return _nested(relation, part, parts, depth) if parts else _simple(relation, part)


def _nested(relation: Relation, part: Mapping[str, Any], parts: Any, depth: int) -> Condition:
    combine = _LOGICAL.get(str(part.get("logicaloperator")).strip().lower())
    if combine is None:
        raise InvalidFilter("Invalid Logical operator type, it can be - and, or, nor, nand/not")
    if not isinstance(parts, list | tuple):
        raise InvalidFilter("filterList should be a list of maps")
    return combine([_condition(relation, _keyed(item), depth + 1) for item in parts])


_LOGICAL: dict[str, Callable[[list[Condition]], Condition]] = {
    "and": lambda parts: and_(*parts).self_group(),
    "or": lambda parts: or_(*parts).self_group(),
    "not": lambda parts: not_(and_(*parts).self_group()),
    "nand": lambda parts: not_(and_(*parts).self_group()),
    "nor": lambda parts: not_(or_(*parts).self_group()),
}


def _simple(relation: Relation, part: Mapping[str, Any]) -> Condition:
    found = part.get("filter")
    if not found:
        raise InvalidFilter("Map should have key - filter")
    condition = _comparison(relation, _keyed(found))
    logical = part.get("logicaloperator")
    return not_(condition) if isinstance(logical, str) and logical.strip().lower() == "not" else condition


def _comparison(relation: Relation, found: Mapping[str, Any]) -> Condition:
    missing = [key for key in ("colName", "operator", "value") if key.lower() not in found]
    if missing:
        raise InvalidFilter(f"filter should have keys - colName, operator and value; missing: {', '.join(missing)}")
    if not str(found["colname"] or "").strip():
        raise InvalidFilter("Column Name can not be null or blank")
    if found["operator"] is None:
        raise InvalidFilter("Operator can't be null")
    operator = OPERATORS.get(" ".join(str(found["operator"]).lower().split()))
    if operator is None:
        raise InvalidFilter("Invalid Operator type")
    dialect = relation.names.dialect.name
    return operator(relation.column(found["colname"]), found["value"], lambda value: bound(value, dialect))


def _keyed(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidFilter(f"filter should be a map and can have keys - {KEYS}")
    return {str(key).lower(): item for key, item in value.items()}


def _compare(symbol: str, negative: bool = False) -> Operator:
    def compare(column: Column, value: Any, bind: Bind) -> Condition:
        if value is None:  # the reference writes `IS null`, whatever the operator; `<> null` is meant as its opposite
            return column.is_not(null()) if negative else column.is_(null())
        return column.op(symbol, is_comparison=True, precedence=5)(bind(value))

    return compare


def _like(pattern: Callable[[str], str], escape: str | None = ESCAPE) -> Operator:
    return lambda column, value, bind: column.like(bind(pattern(str(_given(value)))), escape=escape)


def _literally(text: str) -> str:
    for mark in (ESCAPE, "%", "_"):
        text = text.replace(mark, ESCAPE + mark)
    return text


def _in(column: Column, value: Any, bind: Bind) -> Condition:
    known, nothing = _split(value)
    condition: Condition = column.in_([bind(item) for item in known]) if known else false()
    return or_(condition, column.is_(null())).self_group() if nothing else condition


def _not_in(column: Column, value: Any, bind: Bind) -> Condition:
    known, nothing = _split(value)
    condition: Condition = column.not_in([bind(item) for item in known]) if known else true()
    return and_(condition, column.is_not(null())).self_group() if nothing else condition


def _split(value: Any) -> tuple[list[Any], bool]:
    """The items that SQL can compare, and whether null is among them: it equals nothing in SQL."""
    items = _listed(value)
    return [item for item in items if item is not None], None in items


def _between(column: Column, value: Any, bind: Bind) -> Condition:
    ends = _listed(value)
    if len(ends) != 2 or None in ends:
        raise InvalidFilter("between needs a list of two values, such as [1, 10]")
    return between(column, bind(ends[0]), bind(ends[1]))


def _is(column: Column, value: Any, bind: Bind) -> Condition:
    word = value.strip().lower() if isinstance(value, str) else value
    if not isinstance(word, str | bool | None) or word not in _STATES:
        raise InvalidFilter("is needs null, not null, true or false")
    return _STATES[word](column)


_STATES: dict[Any, Callable[[Column], Condition]] = {
    None: lambda column: column.is_(null()),
    "null": lambda column: column.is_(null()),
    "not null": lambda column: column.is_not(null()),
    True: lambda column: column.is_(true()),
    "true": lambda column: column.is_(true()),
    False: lambda column: column.is_(false()),
    "false": lambda column: column.is_(false()),
}


def _given(value: Any) -> Any:
    if value is None:
        raise InvalidFilter("Value can't be null")
    return value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(_given(value), list | tuple) else [value]


def _named(operator: Operator, *names: str) -> dict[str, Operator]:
    return dict.fromkeys(names, operator)


OPERATORS: dict[str, Operator] = {
    **_named(_compare("="), "=", "==", "equals"),
    **_named(_compare("<>", negative=True), "<>", "not equals", "notequals"),
    **_named(_compare("<"), "<", "less than", "lessthan"),
    **_named(_compare(">"), ">", "greater than", "greaterthan"),
    **_named(_compare("<="), "<=", "lessthanorequals", "lessthan or equals", "less than or equals"),
    **_named(_compare(">="), ">=", "greaterthanorequals", "greater than or equals", "greaterthan or equals"),
    **_named(_like(str, escape=None), "like"),
    **_named(_like(lambda text: _literally(text) + "%"), "startswith", "starts with"),
    **_named(_like(lambda text: "%" + _literally(text)), "endswith", "ends with"),
    **_named(_in, "in"),
    **_named(_not_in, "not in", "notin"),
    **_named(_between, "between"),
    **_named(_is, "is"),
}
