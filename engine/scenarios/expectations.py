"""What a scenario expects: one function per key. A failure says what was expected, what is, where the tokens are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import inspect

from engine import db
from engine.errors import RatchetError
from engine.runtime.values import plain
from engine.runtime.views import InstanceDetail
from engine.scenarios.stage import ANALYST, Stage


class Unmet(RatchetError):
    """Something is not as the scenario expects."""


class Seen:
    """What there is to compare with, over the instances that an expectation is about."""

    def __init__(self, stage: Stage, name: str | None):
        self.stage = stage
        self.details: list[InstanceDetail] = stage.details(name)

    def tokens(self) -> Counter[str]:
        return Counter(element for detail in self.details for element, count in detail.tokens.items() for _ in range(count))

    def counts(self, *states: str) -> Counter[str]:
        return Counter(one.element_id for detail in self.details for one in detail.activities if not states or one.state in states)

    def order(self) -> list[str]:
        return [one.element_id for detail in self.details for one in detail.activities]

    def variables(self) -> dict[str, Any]:
        return {name: value for detail in self.details for scope, name, value in detail.variables if not scope}

    def open_tasks(self) -> list[Any]:
        return [task for detail in self.details for task in detail.tasks if task.state == "open"]

    def where(self) -> str:
        """Where everything stands, for a readable failure."""
        return "\n  ".join(_where(one) for one in self.details) or "no instance was started"


def check(stage: Stage, expected: Mapping[str, Any]) -> None:
    """Raise `Unmet` unless everything is as expected."""
    seen = Seen(stage, expected.get("instance"))
    for key, wanted in expected.items():
        if key == "instance":
            continue
        if key not in CHECKS:
            raise Unmet(f"expect does not understand “{key}”; it takes {', '.join(CHECKS)}.")
        found = CHECKS[key](seen, wanted)
        if found is not None:
            raise Unmet(f"expected {key}: {wanted!r}, but found {found!r}.\n  {seen.where()}")


def _where(one: InstanceDetail) -> str:
    variables = {name: value for scope, name, value in one.variables if not scope}
    incidents = "".join(f"; incident at {incident.element_id}: {incident.message}" for incident in one.incidents)
    return f"{one.info.key}: {one.info.state}; tokens at {', '.join(one.tokens) or 'none'}; variables {variables}{incidents}"


_OK = None


def _status(seen: Seen, wanted: str) -> Any:
    found = [detail.info.state for detail in seen.details]
    return _OK if found and all(state == wanted for state in found) else found


def _same_bag(read: Callable[[Seen], list[Any]]) -> Callable[[Seen, list[Any]], Any]:
    def compare(seen: Seen, wanted: list[Any]) -> Any:
        found = read(seen)
        return _OK if Counter(map(str, found)) == Counter(map(str, wanted)) else found

    return compare


def _contained(read: Callable[[Seen], list[Any]]) -> Callable[[Seen, list[Any]], Any]:
    def compare(seen: Seen, wanted: list[Any]) -> Any:
        found = read(seen)
        return _OK if set(wanted) <= set(found) else found

    return compare


def _not_visited(seen: Seen, wanted: list[str]) -> Any:
    found = sorted(set(wanted) & set(seen.order()))
    return found or _OK


def _in_order(seen: Seen, wanted: list[str]) -> Any:
    order = seen.order()
    rest = iter(order)
    return _OK if all(element in rest for element in wanted) else order


def _counts(*states: str) -> Callable[[Seen, Mapping[str, int]], Any]:
    def compare(seen: Seen, wanted: Mapping[str, int]) -> Any:
        found = seen.counts(*states)
        return _OK if all(found[element] == count for element, count in wanted.items()) else {element: found[element] for element in wanted}

    return compare


def _variables(seen: Seen, wanted: Mapping[str, Any]) -> Any:
    found = seen.variables()
    same = all(name in found and found[name] == plain(value) for name, value in wanted.items())
    return _OK if same else {name: found.get(name, "(absent)") for name in wanted}


def _variables_at(seen: Seen, wanted: Mapping[str, Mapping[str, Any]]) -> Any:
    """Variables that stand in the scope of an element."""
    found: dict[str, dict[str, Any]] = {element: {} for element in wanted}
    for detail in seen.details:
        for scope, name, value in detail.variables:
            found.get(scope, {})[name] = value
    same = all(found[element].get(name) == plain(value) for element, values in wanted.items() for name, value in values.items())
    return _OK if same else found


def _variables_exactly(seen: Seen, wanted: Mapping[str, Any]) -> Any:
    found = seen.variables()
    return _OK if found == plain(wanted) else found


def _variables_absent(seen: Seen, wanted: list[str]) -> Any:
    found = {name: value for name, value in seen.variables().items() if name in wanted}
    return found or _OK


def _number(read: Callable[[Seen], int]) -> Callable[[Seen, int], Any]:
    def compare(seen: Seen, wanted: int) -> Any:
        found = read(seen)
        return _OK if found == int(wanted) else found

    return compare


def _incident(seen: Seen, wanted: str) -> Any:
    found = [incident.message for detail in seen.details for incident in detail.incidents if incident.retries <= 0]
    return _OK if any(wanted.lower() in message.lower() for message in found) else found


def _form_fields(seen: Seen, wanted: list[str]) -> Any:
    forms = [seen.stage.engine.task_form(task.id, ANALYST).schema for task in seen.open_tasks()]
    found = [part["key"] for form in forms if form for part in form.get("components", []) if "key" in part]
    return _OK if set(wanted) <= set(found) else found


def _rows(seen: Seen, wanted: Mapping[str, list[Mapping[str, Any]]]) -> Any:
    """Each table has exactly these rows, compared by the columns that are named."""
    for table, rows in wanted.items():
        found = _table_rows(seen.stage, table)
        left = list(found)
        for row in rows:
            match = next((one for one in left if all(str(one.get(name.lower())) == str(value) for name, value in row.items())), None)
            if match is None:
                return {table: found}
            left.remove(match)
        if left:
            return {table: found}
    return _OK


def _table_rows(stage: Stage, table: str) -> list[dict[str, Any]]:
    """All rows of a table as the driver gives them; names of tables and columns in any case."""
    with db.read(stage.engine.database) as tx:
        name = next((known for known in inspect(tx).get_table_names() if known.lower() == table.lower()), None)
        if name is None:
            raise Unmet(f"expect rows: there is no table {table}.")
        found = tx.exec_driver_sql(f"SELECT * FROM {tx.dialect.identifier_preparer.quote_identifier(name)}")
        return [{str(column).lower(): plain(value) for column, value in row._mapping.items()} for row in found]


CHECKS: dict[str, Callable[[Seen, Any], Any]] = {
    "status": _status,
    "tasks": _same_bag(lambda seen: [task.name for task in seen.open_tasks()]),
    "task_ids": _same_bag(lambda seen: [task.element_id for task in seen.open_tasks()]),
    "assignees": _same_bag(lambda seen: [task.assignee for task in seen.open_tasks() if task.assignee]),
    "candidate_groups": _same_bag(lambda seen: [group for task in seen.open_tasks() for group in task.candidate_groups]),
    "form_fields": _form_fields,
    "active": _contained(lambda seen: list(seen.tokens())),
    "active_exactly": _same_bag(lambda seen: list(seen.tokens().elements())),
    "ended_at": _contained(lambda seen: [one.element_id for d in seen.details for one in d.activities if one.type == "endEvent"]),
    "visited": _contained(lambda seen: seen.order()),
    "not_visited": _not_visited,
    "in_order": _in_order,
    "counts": _counts("completed"),
    "canceled": _counts("canceled"),
    "variables": _variables,
    "variables_exactly": _variables_exactly,
    "variables_absent": _variables_absent,
    "variables_at": _variables_at,
    "subscriptions": _number(lambda seen: sum(len(detail.subscriptions) for detail in seen.details)),
    "instances": _number(lambda seen: len(seen.details)),
    "incident": _incident,
    "rows": _rows,
}
