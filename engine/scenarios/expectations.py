"""What a scenario expects: one function per key. A failure says what was expected, what is, where the tokens are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.runtime.values import plain
from engine.scenarios import standing
from engine.scenarios.problems import StepProblem, only
from engine.scenarios.seen import Seen, Unmet
from engine.scenarios.stage import ANALYST, Stage

STATES = ("active", "completed", "incident", "canceled", "terminated", "suspended")


def check(stage: Stage, expected: Mapping[str, Any]) -> None:
    """Raise `Unmet`, which names everything that is not as expected."""
    only("expect", expected, ("instance", *CHECKS))
    seen = Seen(stage, expected.get("instance"))
    unmet = []
    for key, wanted in expected.items():
        found = CHECKS[key](seen, wanted) if key != "instance" else _OK
        if found is not _OK:
            unmet.append(f"expected {key}: {wanted!r}, but found {found!r}.")
    if unmet:
        raise Unmet("\n".join([*unmet, standing.told(seen)]))


def same(found: Any, wanted: Any) -> bool:
    """Whether a value is what a scenario writes: numbers by their value (but true is not 1), moments whatever their spelling."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, float) or isinstance(wanted, float):
        return _is_number(found) and _is_number(wanted) and abs(found - wanted) <= 1e-9 * max(1, abs(wanted))
    return bool(found == wanted) or _same_moment(found, wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _same_moment(found: Any, wanted: Any) -> bool:
    if not (isinstance(found, str) and isinstance(wanted, str) and "T" in found and "T" in wanted):
        return False
    try:
        return datetime.fromisoformat(found) == datetime.fromisoformat(wanted)
    except ValueError:
        return False


_OK = object()
Check = Callable[[Seen, Any], Any]


def _status(seen: Seen, wanted: str) -> Any:
    if wanted not in STATES:
        raise StepProblem(f"expect status: there is no “{wanted}”; it is one of {', '.join(STATES)}.")
    met = seen.top and all(wanted in seen.states(one) for one in seen.top)
    return _OK if met else [one.state for one in seen.top]


def _same_bag(read: Callable[[Seen], Iterable[Any]]) -> Check:
    def compare(seen: Seen, wanted: Any) -> Any:
        found = list(read(seen))
        return _OK if Counter(map(str, found)) == Counter(map(str, _listed(wanted))) else found

    return compare


def _contained(read: Callable[[Seen], Iterable[Any]]) -> Check:
    def compare(seen: Seen, wanted: Any) -> Any:
        found = list(dict.fromkeys(read(seen)))
        return _OK if set(_listed(wanted)) <= set(found) else found

    return compare


def _listed(wanted: Any) -> list[Any]:
    """A single name may stand without brackets."""
    return wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]


def _active_exactly(seen: Seen, wanted: Any) -> Any:
    """Every token; the sub-processes and calls around them may be named, or left out."""
    found, asked = seen.tokens(), Counter(_listed(wanted))
    return _OK if asked in (found, seen.innermost()) else sorted(found.elements())


def _not_visited(seen: Seen, wanted: Any) -> Any:
    found = sorted(set(_listed(wanted)) & set(seen.visited()))
    return found or _OK


def _in_order(seen: Seen, wanted: Any) -> Any:
    """Entered one after the other, or left so; others may come between."""
    orders = seen.orders()
    return _OK if any(_is_within(_listed(wanted), order) for order in orders) else orders[0]


def _is_within(wanted: list[str], order: list[str]) -> bool:
    rest = iter(order)
    return all(element in rest for element in wanted)


def _counts(seen: Seen, wanted: Mapping[str, int]) -> Any:
    """So often completed, or so often entered, which differs while something is open or was canceled."""
    entered, completed = seen.counts(), seen.counts("completed")
    met = all(int(count) in (completed[element], entered[element]) for element, count in wanted.items())
    return _OK if met else {element: completed[element] for element in wanted}


def _canceled(seen: Seen, wanted: Mapping[str, int]) -> Any:
    found = seen.counts("canceled")
    met = all(found[element] == int(count) for element, count in wanted.items())
    return _OK if met else {element: found[element] for element in wanted}


def _variables(seen: Seen, wanted: Mapping[str, Any]) -> Any:
    """Each in one of the instances."""
    found = seen.variables(seen.all)
    met = all(any(same(value, plain(one)) for value in found.get(name, ())) for name, one in wanted.items())
    return _OK if met else {name: _told(found.get(name, ["(absent)"])) for name in wanted}


def _told(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _variables_exactly(seen: Seen, wanted: Mapping[str, Any]) -> Any:
    """All that an instance has which nobody called."""
    found = [seen.own_variables(one) for one in seen.top]
    return _OK if any(same(one, plain(wanted)) for one in found) else _told(found)


def _variables_absent(seen: Seen, wanted: Any) -> Any:
    found = {name: _told(values) for name, values in seen.variables(seen.top).items() if name in _listed(wanted)}
    return found or _OK


def _variables_at(seen: Seen, wanted: Mapping[str, Mapping[str, Any]]) -> Any:
    """What is seen from a token at the element, or what one that has left had of its own."""
    for element, values in wanted.items():
        found = seen.variables_at(element)
        if not any(all(name in one and same(one[name], plain(value)) for name, value in values.items()) for one in found):
            return {element: _told(found)}
    return _OK


def _number(read: Callable[[Seen], list[int]]) -> Check:
    def compare(seen: Seen, wanted: Any) -> Any:
        found = read(seen)
        return _OK if int(wanted) in found else found[0]

    return compare


def _incident(seen: Seen, wanted: Any) -> Any:
    found = seen.incidents()
    return _OK if any(str(wanted).lower() in message.lower() for message in found) else found


def _form_fields(seen: Seen, wanted: Any) -> Any:
    forms = [seen.stage.engine.task_form(task.id, ANALYST).schema for task in seen.open_tasks()]
    found = [key for form in forms if form for key in _fields(form)]
    return _OK if set(_listed(wanted)) <= set(found) else found


def _fields(part: Mapping[str, Any]) -> list[str]:
    """The keys of a form's fields, also of those inside groups and lists."""
    own = [part[name] for name in ("key", "path") if part.get(name)]
    return own + [key for inner in part.get("components", ()) for key in _fields(inner)]


def _rows(seen: Seen, wanted: Mapping[str, list[Mapping[str, Any]]]) -> Any:
    """Each table has exactly these rows, compared by the columns that are named."""
    for table, rows in wanted.items():
        found = seen.rows(table)
        left = list(found)
        for row in rows or []:
            match = next((one for one in left if _fits(one, row)), None)
            if match is None:
                return {table: found}
            left.remove(match)
        if left:
            return {table: found}
    return _OK


def _fits(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """A column of text may hold what the scenario writes as a number, and the other way round."""
    columns = {str(name).lower(): plain(value) for name, value in wanted.items()}
    return all(name in found and (same(found[name], value) or str(found[name]) == _in_sql(value)) for name, value in columns.items())


def _in_sql(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


CHECKS: dict[str, Check] = {
    "status": _status,
    "tasks": _same_bag(lambda seen: (task.name for task in seen.open_tasks())),
    "task_ids": _same_bag(lambda seen: (task.element_id for task in seen.open_tasks())),
    "assignees": _same_bag(lambda seen: (task.assignee for task in seen.open_tasks() if task.assignee)),
    "candidate_groups": _same_bag(lambda seen: (group for task in seen.open_tasks() for group in task.candidate_groups)),
    "form_fields": _form_fields,
    "active": _contained(lambda seen: seen.tokens()),
    "active_exactly": _active_exactly,
    "ended_at": _contained(lambda seen: seen.ends()),
    "visited": _contained(lambda seen: seen.visited()),
    "not_visited": _not_visited,
    "in_order": _in_order,
    "counts": _counts,
    "canceled": _canceled,
    "variables": _variables,
    "variables_exactly": _variables_exactly,
    "variables_absent": _variables_absent,
    "variables_at": _variables_at,
    "timers": _number(lambda seen: seen.timers()),
    "subscriptions": _number(lambda seen: seen.subscriptions()),
    "instances": _number(lambda seen: [len(seen.all)]),
    "incident": _incident,
    "rows": _rows,
}
