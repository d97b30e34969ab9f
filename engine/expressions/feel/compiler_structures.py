"""The only place that compiles FEEL's lists, contexts, paths and filters."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel import tree
from engine.expressions.feel.compiler import COMPILERS, Unit, compile_all, compile_node
from engine.expressions.feel.numbers import Number
from engine.expressions.feel.properties import PROPERTIES
from engine.expressions.feel.scope import Code, Scope
from engine.expressions.feel.tokens import Spot
from engine.expressions.feel.values import KINDS, NUMBERS, adopt, kind_of


def _list(node: tree.ListOf, unit: Unit) -> Code:
    items = compile_all(node.items, unit)
    return lambda scope: [item(scope) for item in items]


def _context(node: tree.ContextOf, unit: Unit) -> Code:
    keys = [key for key, _ in node.entries]
    if len(set(keys)) < len(keys):
        spot = unit.spot(node)
        return lambda scope: scope.run.complain("A context has a key twice", spot)
    entries = [(key, _entry_code(keys[:index], key, value, unit)) for index, (key, value) in enumerate(node.entries)]

    def run(scope: Scope) -> Any:
        made: dict[str, Any] = {}
        inner = Scope(made, scope, scope.run)
        for key, value in entries:
            made[key] = value(inner)
        return made

    return run


def _entry_code(earlier: list[str], key: str, value: tree.Node, unit: Unit) -> Code:
    """An entry sees the earlier ones; a function also itself, so that it may call itself."""
    visible = [*earlier, key] if isinstance(value, tree.Lambda) else earlier
    return compile_node(value, unit.inner(*visible))


def _path(node: tree.Path, unit: Unit) -> Code:
    target, name, spot = compile_node(node.target, unit), node.name, unit.spot(node)

    def run(scope: Scope) -> Any:
        value = target(scope)
        if type(value) is dict and name in value:
            found = value[name]
            return found if type(found) in KINDS else adopt(found)
        return _property(value, name, scope, spot)

    return run


def _property(value: Any, name: str, scope: Scope, spot: Spot) -> Any:
    if type(value) is list:
        scope.run.step(len(value))
        return [_property(adopt(item), name, scope, spot) for item in value]
    return _entry(value, name, scope, spot)


def _entry(value: Any, name: str, scope: Scope, spot: Spot) -> Any:
    if type(value) is dict:
        return adopt(value[name]) if name in value else scope.run.complain(f"The context has no '{name}'", spot)
    read = PROPERTIES.get((type(value), name))
    return read(value) if read else scope.run.complain(f"A {kind_of(value)} has no '{name}'", spot)


def _filter(node: tree.Filter, unit: Unit) -> Code:
    target, spot = compile_node(node.target, unit), unit.spot(node)
    if (index := _constant_index(node.condition)) is not None:
        return lambda scope: None if (items := _as_list(target(scope))) is None else _at(items, index, scope, spot)
    condition = compile_node(node.condition, unit.inner("item"))
    pick = _pick_where if isinstance(node.condition, _BOOLEAN) else _pick

    def run(scope: Scope) -> Any:
        items = _as_list(target(scope))
        return None if items is None else pick(items, condition, scope, spot)

    return run


def _constant_index(node: tree.Node) -> Number | None:
    sign = 1
    if isinstance(node, tree.Negation):
        sign, node = -1, node.operand
    if isinstance(node, tree.Literal) and type(node.value) in NUMBERS:
        return sign * node.value  # type: ignore[no-any-return]
    return None


def _as_list(value: Any) -> list[Any] | None:
    """A list stays itself, any other value is a list of itself; nothing can be chosen from null."""
    if type(value) is list:
        return value
    return None if value is None else [value]


def _at(items: list[Any], index: Number, scope: Scope, spot: Spot) -> Any:
    place = int(index)
    if place and -len(items) <= place <= len(items):
        return adopt(items[place - 1 if place > 0 else place])
    return scope.run.complain(f"The list has no item {place}: it has {len(items)}", spot)


def item_scope(item: Any, scope: Scope) -> Scope:
    """Where a filter's condition looks: the item's own entries first, then `item`."""
    inner = Scope({"item": item}, scope, scope.run)
    return Scope(item, inner, scope.run) if type(item) is dict else inner


def _pick_where(items: list[Any], condition: Code, scope: Scope, spot: Spot, asked: int = 0) -> list[Any]:
    """The items, after those asked already, for which the condition is true; it may warn once, not once an item."""
    run = scope.run
    run.step(len(items))
    picked = []
    for index, item in enumerate(map(adopt, items[asked:]), asked):
        run.muted += index > 0
        if condition(item_scope(item, scope)) is True:
            picked.append(item)
        run.muted -= index > 0
    return picked


def _pick(items: list[Any], condition: Code, scope: Scope, spot: Spot) -> Any:
    """The item at a number, or the items for which the condition is true: only its value tells which was meant."""
    if not items:
        return _pick_from_nothing(condition, scope, spot)
    first = condition(item_scope(adopt(items[0]), scope))
    if type(first) in NUMBERS:
        return _at(items, first, scope, spot)
    if first is not None and type(first) is not bool:
        scope.run.complain(f"A filter needs a condition or a position, not a {kind_of(first)}", spot)
    return items[:1] * (first is True) + _pick_where(items, condition, scope, spot, asked=1)


def _pick_from_nothing(condition: Code, scope: Scope, spot: Spot) -> Any:
    scope.run.muted += 1
    wanted = condition(scope.inside({}))
    scope.run.muted -= 1
    return _at([], wanted, scope, spot) if type(wanted) in NUMBERS else []


_BOOLEAN: tuple[type[tree.Node], ...] = (tree.Comparing, tree.Logic, tree.Between, tree.In, tree.InstanceOf, tree.Quantified)

COMPILERS |= {tree.ListOf: _list, tree.ContextOf: _context, tree.Path: _path, tree.Filter: _filter}
