"""The only place that looks through a Groovy script before it runs, for what no run could do: classes and members that are refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import REFLECTION, names
from engine.expressions.groovy import tree
from engine.expressions.groovy.calls import dotted
from engine.expressions.groovy.classes import CLASSES, REFUSED, import_problem, problem
from engine.expressions.groovy.tokens import broken

BY_DELEGATE = names("with tap")


def problems(source: str, script: tree.Block) -> list[ExpressionError]:
    """Every refused class, import, and method that reaches for reflection, in the order of the source."""
    nodes = list(_nodes(script))
    made_here = {node.names for node in nodes if isinstance(node, tree.Declare)}
    found = [(node.position, message) for node in nodes if (message := _problem(node, {name for names in made_here for name in names}))]
    return [broken(message, source, position) for position, message in sorted(set(found))]


def aliases(script: tree.Block) -> dict[str, str]:
    """The classes that a script imports under another name."""
    imports = [node for node in script.statements if isinstance(node, tree.Import) and node.alias]
    return {node.alias: node.path.rpartition(".")[2] for node in imports}


def static_imports(script: tree.Block) -> dict[str, Any]:
    """The functions and constants of classes that a script imports by `import static`."""
    found: dict[str, Any] = {}
    for node in script.statements:
        if isinstance(node, tree.Import) and node.static:
            owner, _, name = node.path.rpartition(".")
            static = CLASSES[owner.rpartition(".")[2]].static if owner.rpartition(".")[2] in CLASSES else {}
            found.update(static if name == "*" else {node.alias or name: static[name]} if name in static else {})
    return found


def _problem(node: tree.Node, own: set[str]) -> str:
    if isinstance(node, tree.Import):
        return import_problem(node.path, node.static)
    if isinstance(node, tree.New):
        return problem(node.name) or ("" if _can_be_made(node.name) else f"new {node.name}(...) is not possible")
    if isinstance(node, tree.Name) and node.name in REFUSED - own:
        return problem(node.name)
    if isinstance(node, tree.MethodCall) and node.name in REFLECTION:
        return f"'{node.name}()' is not available: scripts have no reflection and start no programs"
    if isinstance(node, tree.MethodCall) and node.name in BY_DELEGATE:
        return f"'{node.name} {{ }}' is not supported: name the object in each line instead"
    return _path_problem(dotted(node).split(".")) if isinstance(node, tree.Property) else ""


def _path_problem(path: list[str]) -> str:
    """A class by its full name: the capital after small letters is the class."""
    is_class = path[0] in ("java", "javax", "groovy") and path[-1][:1].isupper() and path[-2][:1].islower()
    return problem(path[-1]) if is_class else ""


def _can_be_made(name: str) -> bool:
    known = CLASSES.get(name)
    return bool(known and (known.make or "new" in known.timely))


def _nodes(part: Any) -> Iterator[tree.Node]:
    """A node and all that is inside it."""
    if isinstance(part, tuple):
        for each in part:
            yield from _nodes(each)
    elif isinstance(part, tree.Node):
        yield part
        for field in dataclasses.fields(part):
            yield from _nodes(getattr(part, field.name))
