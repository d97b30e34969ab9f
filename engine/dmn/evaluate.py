"""The only place that evaluates decisions: those that are required first, each once, then the one that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from engine.clock import Clock
from engine.dmn import tables, texts
from engine.dmn.errors import DecisionFailed
from engine.dmn.model import Boxed, Decision, FunctionOf, Invocation, Knowledge, Listing, Literal, Logic, Relation, Table
from engine.dmn.requirements import in_order
from engine.dmn.result import Evaluated, MatchedRule, Result
from engine.dmn.texts import View
from engine.dmn.types import coerce
from engine.errors import NotFound
from engine.expressions import ExpressionError
from engine.expressions.feel import Function
from engine.expressions.feel.scope import DEEPEST_CALLS, TooMuchWork, Warn

KINDS = {
    Table: "decision table", Literal: "literal expression", Boxed: "context", Listing: "list", Relation: "relation",
    FunctionOf: "function", Invocation: "invocation",
}  # fmt: skip


def evaluate(
    decisions: Iterable[Decision], decision_id: str, variables: Mapping[str, Any], *, clock: Clock | None = None, warn: Warn | None = None
) -> Result:  # fmt: skip
    """The value of a decision where `variables` has the inputs; `decisions` are those of its file, as `read` gave them.

    `warn` is told of unknown names and failed operations in FEEL, and of values that are not allowed. DecisionFailed when a text fails or a
    hit policy is violated, NotFound when there is no such decision.
    """
    by_id = {one.id: one for one in decisions}
    if decision_id not in by_id:
        raise NotFound(f"There is no decision “{decision_id}” here; there is {', '.join(by_id) or 'none'}.")
    warnings: list[str] = []
    first = View.first(variables, _telling(warnings, warn), clock)
    done: dict[str, Evaluated] = {}
    for id in in_order({one.id: one.requires for one in by_id.values()}, decision_id):
        seen = _SEEN[by_id[id].dialect](by_id[id], by_id, done, variables)
        done[id] = _decided(by_id[id], first.inside(seen))
    return Result(decision_id, done[decision_id].value, list(done.values()), warnings)


def _telling(warnings: list[str], warn: Warn | None) -> Warn:
    """Keeps warnings for the result and passes them on."""

    def tell(text: str) -> None:
        warnings.append(text)
        if warn is not None:
            warn(text)

    return tell


def _decided(decision: Decision, view: View) -> Evaluated:
    view = view.inside(_functions(decision.knowledge, decision.calls, view))
    kind = KINDS[type(decision.logic)]
    try:
        if isinstance(decision.logic, Table):
            found = tables.evaluate(decision.logic, view)
            rules = [MatchedRule(hit.id, hit.index, hit.given) for hit in found.hits]
            return Evaluated(decision.id, decision.name, kind, found.value, found.rows, found.inputs, rules)
        value = value_of(decision.logic, view)
        return Evaluated(decision.id, decision.name, kind, value, [{decision.variable: value}])
    except (ExpressionError, TooMuchWork, DecisionFailed) as wrong:
        whole = f"The decision “{decision.name}” ({decision.id}) could not be evaluated: {wrong.message}"
        raise _kind_of(wrong)(whole, **{**wrong.facts, "decision": decision.id}) from wrong
    except RecursionError as deep:
        raise DecisionFailed(f"The decision “{decision.name}” ({decision.id}) is nested too deeply.", decision=decision.id) from deep


def _kind_of(wrong: Exception) -> type[DecisionFailed]:
    return type(wrong) if isinstance(wrong, DecisionFailed) else DecisionFailed


def _seen_by_zeebe(decision: Decision, by_id: Mapping[str, Decision], done: Mapping[str, Evaluated], variables: Mapping[str, Any]) -> Any:
    """Results of the decisions that are required directly, by variable and id, and by name where no variable has it."""
    return _results([by_id[id] for id in decision.requires], done, variables)


def _seen_by_camunda(decision: Decision, by_id: Mapping[str, Decision], done: Mapping[str, Evaluated], variables: Mapping[str, Any]) -> Any:
    """In Camunda 7 all results so far are seen, by the names of their outputs, too: lists of them from tables that collect."""
    seen = _results([by_id[id] for id in done], done, variables)
    for id, one in done.items():
        logic = by_id[id].logic
        collects = isinstance(logic, Table) and logic.policy in _COLLECTING and not logic.aggregation
        if collects or len(one.rows) > 1:
            seen |= {name: [row[name] for row in one.rows if name in row] for row in one.rows for name in row}
        else:
            seen |= one.rows[0] if one.rows else {}
    return seen


def _results(required: list[Decision], done: Mapping[str, Evaluated], variables: Mapping[str, Any]) -> dict[str, Any]:
    by_name = {one.name: done[one.id].value for one in required if one.name not in variables}
    return by_name | {name: done[one.id].value for one in required for name in (one.id, one.variable)}


_COLLECTING = frozenset(("COLLECT", "RULE ORDER"))
_SEEN = {"zeebe": _seen_by_zeebe, "camunda": _seen_by_camunda}


def value_of(logic: Logic, view: View) -> Any:
    """What a boxed expression gives. Raises ExpressionError, TooMuchWork or DecisionFailed."""
    return _VALUES[type(logic)](logic, view)


def _literal(logic: Literal, view: View) -> Any:
    return coerce(texts.value_of(logic.text, view), logic.type)


def _boxed(logic: Boxed, view: View) -> Any:
    entries: dict[str, Any] = {}
    for name, one in logic.entries:
        value = value_of(one, view.inside(dict(entries)))
        if name is None:
            return value
        entries[name] = value
    return entries


def _relation(logic: Relation, view: View) -> Any:
    return [dict(zip(logic.columns, (value_of(cell, view) for cell in row), strict=True)) for row in logic.rows]


def _function(logic: FunctionOf, view: View) -> Function:
    return Function("function", logic.parameters, partial(_called, logic, view))


def _called(logic: FunctionOf, view: View, *arguments: Any) -> Any:
    run = view.run
    if run.depth >= DEEPEST_CALLS:
        raise DecisionFailed(f"functions call each other more than {DEEPEST_CALLS} deep")
    run.depth += 1
    try:
        run.step(CALL_STEPS)
        return value_of(logic.body, view.inside(dict(zip(logic.parameters, arguments, strict=True))))
    finally:
        run.depth -= 1


def _invocation(logic: Invocation, view: View) -> Any:
    function = value_of(logic.function, view)
    if not isinstance(function, Function) or function.parameters is None:
        raise DecisionFailed("the invocation calls something that is not a function of the model")
    given = {name: value_of(one, view) for name, one in logic.bindings}
    if unknown := given.keys() - set(function.parameters):
        raise DecisionFailed(f"the invocation gives {', '.join(sorted(unknown))}; the function takes {', '.join(function.parameters)}")
    return function(*(given.get(name) for name in function.parameters))


def _functions(knowledge: tuple[Knowledge, ...], called: tuple[str, ...], view: View) -> dict[str, Function]:
    """The required knowledge models by name; each sees its parameters and the models that it requires itself."""
    made: dict[str, Function] = {}
    by_id = {one.id: one for one in knowledge}
    for one in knowledge:  # those that are required come first
        inner = {by_id[id].name: made[id] for id in one.requires}
        made[one.id] = _function(one.function, view.apart(inner))
    return {by_id[id].name: made[id] for id in called}


CALL_STEPS = 10
_VALUES: dict[type[Any], Callable[[Any, View], Any]] = {
    Table: lambda logic, view: tables.evaluate(logic, view).value,
    Literal: _literal,
    Boxed: _boxed,
    Listing: lambda logic, view: [value_of(item, view) for item in logic.items],
    Relation: _relation,
    FunctionOf: _function,
    Invocation: _invocation,
}
