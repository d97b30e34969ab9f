"""The only place that looks up Groovy's names and calls functions, methods, constructors and static members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions import ExpressionError, members
from engine.expressions.exposed import REFLECTION, invoke, missing, names
from engine.expressions.groovy import tree
from engine.expressions.groovy.classes import CLASSES, FUNCTIONS, JavaClass, problem
from engine.expressions.groovy.frames import Frame, handed_over
from engine.expressions.groovy.java_time import Unit, between
from engine.expressions.groovy.matching import Matcher
from engine.expressions.limits import bounded
from engine.expressions.members.items import items
from engine.expressions.text import groovy_text
from engine.expressions.values import kind

# what gives a value that was there before, and so makes nothing
ACCESSORS = names(
    "get getAt getOrDefault getValue getKey value stringValue prop find findResult first last head next max min inject put remove removeAt "
    "pop orElse orElseGet getVariable setVariable call reduce parseText"
)


def name(frame: Frame, node: tree.Name) -> Any:
    """A local name, a variable of the scope, or a class."""
    run = frame.run
    if holder := frame.holder(node.name):
        return holder.names[node.name]
    if node.name in run.kept:
        return run.kept[node.name]
    if node.name in run.scope:
        return run.scope[node.name]
    if node.name in run.imported:
        return run.imported[node.name]
    if known := CLASSES.get(run.aliases.get(node.name, node.name)):
        return known
    if node.name[:1].isupper():
        raise ExpressionError(problem(node.name) + f", and there is no variable '{node.name}'")
    raise ExpressionError(f"There is no variable '{node.name}'")


def property_of(frame: Frame, node: tree.Property) -> Any:
    if known := qualified(frame, node):
        return known
    target = frame.value(node.target)
    wanted = groovy_text(frame.value(node.name))
    if node.each:
        return [None if item is None else read(item, wanted) for item in items(target)]
    return None if target is None and node.safe else read(target, wanted)


def qualified(frame: Frame, node: tree.Property) -> JavaClass | None:
    """The class that a dotted path such as java.time.LocalDate names."""
    path = dotted(node).split(".")
    if path[0] not in ("java", "groovy", "org", "javax") or frame.holder(path[0]) or path[0] in frame.run.scope:
        return None
    if path[-1] not in CLASSES and path[-1][:1].isupper() and not path[-2][:1].isupper():
        raise ExpressionError(problem(path[-1]))
    return CLASSES.get(path[-1])


def dotted(node: tree.Node) -> str:
    """a.b.C as it is written; "" for anything else."""
    if isinstance(node, tree.Name):
        return node.name
    if isinstance(node, tree.Property) and isinstance(node.name, tree.Literal) and (before := dotted(node.target)):
        return f"{before}.{node.name.value}"
    return ""


def read(target: Any, wanted: str) -> Any:
    """target.wanted: a key of a map, a static constant, an own property, or for a list that property of every item."""
    if isinstance(target, dict):
        return target.get(wanted)
    if isinstance(target, JavaClass):
        if wanted in target.static and not callable(target.static[wanted]):
            return target.static[wanted]
        raise missing(f"The class {target.name}", "constant", wanted, target.static)
    if isinstance(target, list) and wanted == "length":
        return len(target)
    if isinstance(target, list) and wanted not in (*REFLECTION, "empty", "indices"):
        return [read(item, wanted) for item in target if item is not None]
    return members.read(target, wanted)


def index_of(frame: Frame, node: tree.Index) -> Any:
    target, key = frame.value(node.target), frame.value(node.key)
    if target is None:
        raise ExpressionError(f"[{groovy_text(key)}] was asked of null")
    item = item_of(target, key)
    return frame.run.budget.made(item) if isinstance(key, list | range) else item


def item_of(target: Any, key: Any) -> Any:
    """target[key] of a map, a list, a text or a matcher; a list or a range of indexes gives that part."""
    if isinstance(target, dict):
        return target.get(key) if not isinstance(key, list | dict) else [target.get(part) for part in key]
    if isinstance(key, list | range) and isinstance(target, list | str | range):
        found = [item_of(target, index) for index in _indexes(key, len(target))]
        return "".join(found) if isinstance(target, str) else found
    if isinstance(target, Matcher):
        return target.at(key)
    if isinstance(key, str):
        return read(target, key)
    if isinstance(target, str) and isinstance(key, int) and not -len(target) <= key < len(target):
        raise ExpressionError(f"The text has no character {key}: it has {len(target)}")
    return members.call(target, "getAt", [key])


def _indexes(key: Any, size: int) -> list[Any]:
    """1..-1 means to the end, as in Groovy."""
    if isinstance(key, range) and key and key[-1] < 0 <= key[0]:
        return list(range(key[0], size + key[-1] + 1))
    return list(key)


def call(frame: Frame, node: tree.Call) -> Any:
    """name(args) or closure(args)."""
    args = frame.values(node.args)
    if not isinstance(node.target, tree.Name):
        return _apply("The value", frame.value(node.target), args)
    wanted = node.target.name
    function = callable_named(frame, wanted)
    if function is None:
        raise ExpressionError(f"There is no function '{wanted}'" if wanted not in REFLECTION else f"'{wanted}' is not available to scripts")
    return _apply(wanted, function, args)


def callable_named(frame: Frame, wanted: str) -> Any:
    """A local closure, a function of the script, of the scope, or one that is always there."""
    run = frame.run
    if holder := frame.holder(wanted):
        return holder.names[wanted]
    for known in (run.kept, run.functions, run.scope, run.imported, FUNCTIONS):
        if wanted in known:
            return known[wanted]
    return None


def _apply(wanted: str, function: Any, args: list[Any]) -> Any:
    if not callable(function):
        raise ExpressionError(f"'{wanted}' cannot be called: it is a {kind(function)}")
    return invoke(wanted, function, [arg if callable(arg) else handed_over(arg) for arg in args])


def method(frame: Frame, node: tree.MethodCall) -> Any:
    target = frame.value(node.target)
    if node.each:
        return [None if item is None else _method(frame, item, node.name, frame.values(node.args)) for item in items(target)]
    if target is None and node.safe:
        return None
    args, before = frame.values(node.args), bounded(target)
    result = _method(frame, target, node.name, args)
    frame.run.budget.worked(target, before)
    return result if node.name in ACCESSORS or result is target else frame.run.budget.made(result)


def _method(frame: Frame, target: Any, wanted: str, args: list[Any]) -> Any:
    if isinstance(target, JavaClass):
        return static(frame, target, wanted, args)
    if isinstance(target, Unit) and wanted == "between":
        return between(target, *args)
    if isinstance(target, dict) and not members.has(target, wanted) and callable(target.get(wanted)):
        return _apply(wanted, target[wanted], args)
    if wanted == "toString" and not args and isinstance(target, list | dict):
        return groovy_text(target)
    if target is None and wanted in ("equals", "toString", "is"):
        return "null" if wanted == "toString" else args == [None]
    return members.call(target, wanted, args)


def static(frame: Frame, known: JavaClass, wanted: str, args: list[Any]) -> Any:
    """Class.method(args)."""
    if wanted in known.timely and wanted != "new":
        return invoke(wanted, known.timely[wanted], [frame.run.clock, *args])
    if callable(known.static.get(wanted)):
        return invoke(wanted, known.static[wanted], args)
    raise missing(f"The class {known.name}", "function", wanted, [*known.static, *known.timely])


def new(frame: Frame, node: tree.New) -> Any:
    args = frame.values(node.args)
    name = frame.run.aliases.get(node.name, node.name)
    if callable(frame.run.scope.get(name)):
        return invoke(f"new {name}", frame.run.scope[name], args)
    known = CLASSES.get(name)
    if known and "new" in known.timely:
        return invoke(f"new {name}", known.timely["new"], [frame.run.clock, *args])
    if known and known.make:
        return invoke(f"new {name}", known.make, args)
    raise ExpressionError(problem(name) or f"new {name}(...) is not possible")


def method_of(frame: Frame, node: tree.MethodOf) -> Callable[..., Any]:
    """target.&name, Type::name: a closure that calls it; for a type without that static the first argument is the target."""
    target = frame.value(node.target) if dotted(node.target) != "this" else None
    if isinstance(target, JavaClass) and node.name not in (*target.static, *target.timely):
        return lambda *args: _method(frame, args[0], node.name, list(args[1:]))
    return lambda *args: _method(frame, target, node.name, list(args))


CALLS: dict[type[tree.Node], Callable[..., Any]] = {
    tree.Name: name,
    tree.Property: property_of,
    tree.Index: index_of,
    tree.Call: call,
    tree.MethodCall: method,
    tree.MethodOf: method_of,
    tree.New: new,
}
