"""The only place that reads the text of a Python script: its tree, and what in it is refused before it runs, each with its place."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.expressions import ExpressionError
from engine.expressions.exposed import missing, names
from engine.expressions.python.modules import MODULES
from engine.expressions.python.names import bound

MAX_SOURCE = 100_000
MAX_NESTED = 60
TOO_DEEP = "The script is nested too deeply"

_SUPPORTED = (
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Pass, ast.If, ast.For, ast.While, ast.Break,
    ast.Continue, ast.Try, ast.ExceptHandler, ast.Raise, ast.Assert, ast.Return, ast.FunctionDef, ast.Import, ast.ImportFrom,
    ast.alias, ast.Global, ast.Nonlocal, ast.Lambda, ast.arguments, ast.arg, ast.keyword, ast.Name, ast.Constant, ast.Attribute,
    ast.Subscript, ast.Slice, ast.Call, ast.Starred, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.NamedExpr,
    ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension,
    ast.JoinedStr, ast.FormattedValue, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_CALLED = {
    ast.ClassDef: "class", ast.With: "with", ast.Yield: "yield", ast.YieldFrom: "yield from", ast.Await: "await", ast.Match: "match",
    ast.AsyncFunctionDef: "async def", ast.AsyncFor: "async for", ast.AsyncWith: "async with", ast.TryStar: "except*",
}  # fmt: skip
_REFUSED = names(
    "eval exec compile open input getattr setattr delattr hasattr type vars dir globals locals breakpoint super object memoryview "
    "bytearray exit quit help classmethod staticmethod property"
)


@dataclass(frozen=True)
class Script:
    """A script that was read. `margin` is how many columns were cut off before each of its lines."""

    source: str
    tree: ast.Module
    margin: int
    lines: tuple[str, ...]

    def place(self, node: ast.AST | None) -> tuple[int, int]:
        """Line and column of a node, counted from 1, in the source as it was written."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.lines[line - 1].encode()[:offset].decode(errors="replace") if line <= len(self.lines) else ""
        return line, len(before) + self.margin + 1


def parse(source: str) -> Script:
    """The script. ExpressionError with line and column when it is no Python."""
    if len(source) > MAX_SOURCE:
        raise ExpressionError(f"The script is longer than {MAX_SOURCE} characters", source, 1, 1)
    text = textwrap.dedent(source)
    margin = len(source.lstrip("\n").split("\n")[0]) - len(text.lstrip("\n").split("\n")[0])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as broken:
        raise ExpressionError(f"SyntaxError: {broken.msg}", source, broken.lineno or 1, (broken.offset or 1) + margin) from broken
    except (RecursionError, MemoryError) as deep:
        raise ExpressionError(TOO_DEEP, source, 1, 1) from deep
    except ValueError as broken:
        raise ExpressionError(f"The script cannot be read: {broken}", source, 1, 1) from broken
    return Script(source, tree, max(margin, 0), tuple(text.split("\n")))


def problems(script: Script) -> list[ExpressionError]:
    """Every construct, name, import and member that is refused, in the order of the source."""
    found: list[tuple[tuple[int, int], str]] = []
    own = bound(script.tree.body) | {node.arg for node in ast.walk(script.tree) if isinstance(node, ast.arg)}
    known = _imported(script.tree)
    for node, depth in _nodes(script.tree):
        message = TOO_DEEP if depth > MAX_NESTED else _problem(node, own, known)
        if message:
            found.append((script.place(node), message))
    if not found:
        found.extend(_misplaced(script))
    return [ExpressionError(message, script.source, line, column) for (line, column), message in sorted(set(found))]


def _misplaced(script: Script) -> list[tuple[tuple[int, int], str]]:
    """What Python's compiler complains about, such as a return outside of a function. What it compiles is thrown away."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(script.tree, "script", "exec")
    except SyntaxError as broken:
        line, column = broken.lineno or 1, (broken.offset or 1) + script.margin
        return [((line, column), f"SyntaxError: {broken.msg}")]
    except (RecursionError, MemoryError):
        return [((1, 1), TOO_DEEP)]
    return []


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, int]]:
    """Every node with how deep it is, without recursion; what is too deep is not gone into."""
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        if depth <= MAX_NESTED:
            pending.extend((child, depth + _deeper(node, child)) for child in ast.iter_child_nodes(node))


def _deeper(node: ast.AST, child: ast.AST) -> int:
    """Whether going into the child is a level deeper: an elif is written beside its if."""
    return 0 if isinstance(node, ast.If) and child in node.orelse and len(node.orelse) == 1 else 1


def _problem(node: ast.AST, own: set[str], known: dict[str, str]) -> str:
    if not isinstance(node, _SUPPORTED):
        return f"'{_CALLED.get(type(node), type(node).__name__)}' is not supported in scripts"
    if type(node) in _ASKED:
        return _ASKED[type(node)](node)
    if isinstance(node, ast.Attribute):
        return _attribute(node, own, known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _REFUSED - own:
        return f"'{node.func.id}()' is not available: scripts have no reflection, no files and run no other code"
    return ""


def _attribute(node: ast.Attribute, own: set[str], known: dict[str, str]) -> str:
    if node.attr.startswith("_"):
        return f"'.{node.attr}' is not available: attributes that start with _ are Python's own"
    module = MODULES[known[node.value.id]] if isinstance(node.value, ast.Name) and node.value.id in known else None
    return _member(module.name, node.attr) if module else ""


def _member(module: str, name: str) -> str:
    members = MODULES[module].members
    return "" if name in members else missing(f"The module '{module}' of scripts", "member", name, members).reason


def _imported(tree: ast.Module) -> dict[str, str]:
    """The names that stand for modules wherever they are used: those that nothing but an import sets."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    named = {alias.asname or alias.name: alias.name for node in imports for alias in node.names if alias.name in MODULES}
    others = bound(node for node in ast.walk(tree) if not isinstance(node, ast.Import | ast.Module))
    again = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {name: module for name, module in named.items() if name not in again and (name not in others or name in named)}


def _import(node: ast.Import) -> str:
    gone = [alias.name for alias in node.names if alias.name not in MODULES]
    return _no_module(gone[0]) if gone else ""


def _import_from(node: ast.ImportFrom) -> str:
    if node.level or node.module not in MODULES:
        return _no_module(node.module or ".")
    if any(alias.name == "*" for alias in node.names):
        return "'import *' is not supported: name what you need"
    return next(filter(None, (_member(node.module, alias.name) for alias in node.names)), "")


def _no_module(name: str) -> str:
    return f"The module '{name}' is not available: scripts have {', '.join(sorted(MODULES))}"


def _private(name: str) -> str:
    return f"The name '{name}' is not available: names that start with __ are Python's own" if name.startswith("__") else ""


def _constant(node: ast.Constant) -> str:
    return "" if isinstance(node.value, str | bytes | int | float | None) else "complex numbers and ... are not supported"


def _function(node: ast.FunctionDef) -> str:
    return "decorators are not supported" if node.decorator_list else _private(node.name)


def _delete(node: ast.Delete) -> str:
    return "" if all(isinstance(each, ast.Name | ast.Subscript) for each in node.targets) else "del takes names and items only"


_ASKED: dict[type[ast.AST], Callable[[Any], str]] = {
    ast.Delete: _delete,
    ast.comprehension: lambda node: "'async for' is not supported in scripts" if node.is_async else "",
    ast.Name: lambda node: _private(node.id),
    ast.arg: lambda node: _private(node.arg),
    ast.ExceptHandler: lambda node: _private(node.name or ""),
    ast.alias: lambda node: _private(node.asname or ""),
    ast.FunctionDef: _function,
    ast.Constant: _constant,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
