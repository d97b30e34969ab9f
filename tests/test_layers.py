"""Imports go down, never up; Flask and SpiffWorkflow stay where they belong; one owner for each table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

LAYERS = [  # bottom first
    {"errors", "clock"},
    {"keyfiles", "durations"},
    {"config", "cades", "prepared"},
    {"db", "seal", "containers", "expressions", "bpmn"},
    {"signing", "migrations"},
    {"demo_pki"},
    {"forms", "identity", "secrets", "secret_store", "data", "dmn"},
    {"delegates"},
    {"jobs"},
    {"runtime"},
    {"access", "files"},
    {"core"},
    {"scenarios", "demo", "terminal", "outpost"},
    {"web", "operating", "connecting"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ROOT = Path(__file__).parents[1]
MODULES = [p for top in ("engine", "web") for p in (ROOT / top).rglob("*.py") if "node_modules" not in p.parts]
HOMES = {
    "flask": {"web"}, "SpiffWorkflow": {"bpmn", "runtime"}, "lxml": {"bpmn", "dmn"}, "alembic": {"migrations"}, "pyhanko": {"signing"},
    "joserfc": {"identity"}, "regex": {"expressions"}, "croniter": {"jobs"}, "procrastinate": {"jobs"},
}  # fmt: skip


def part(dotted: list[str]) -> str:
    """engine.data.schema -> data; web.tasks -> web"""
    return dotted[1] if dotted[0] == "engine" and len(dotted) > 1 else dotted[0]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "engine":
            found |= {f"engine.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def here(path: Path) -> str:
    return part([*path.relative_to(ROOT).with_suffix("").parts])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    if path == ROOT / "engine/__init__.py":
        return
    for name in imported(path):
        top = name.split(".")[0]
        assert here(path) in HOMES.get(top, {here(path)}), f"{top} is imported outside {HOMES[top]}"
        if top in {"engine", "web"} and part(name.split(".")) not in {here(path), "engine"}:
            assert RANK[part(name.split("."))] < RANK[here(path)], f"{here(path)} must not import {name}"


def test_every_part_has_a_layer() -> None:
    assert {here(path) for path in MODULES} - {"engine", "__init__"} <= set(RANK)


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_each_own_table_is_defined_once() -> None:
    owners: dict[str, list[str]] = {}
    for path in MODULES:
        if "migrations" not in path.parts:
            for table in re.findall(r'Table\(\s*"(ratchet_\w+)"', path.read_text()):
                owners.setdefault(table, []).append(str(path))
    assert len(owners) > 10
    assert {table: paths for table, paths in owners.items() if len(paths) > 1} == {}
