"""Which files a path on the command line stands for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.runtime.deployments import SourceFile

DEPLOYED_NAMES = {"tables.sql", "registry.yaml"}
DEPLOYED_SUFFIXES = {".bpmn", ".dmn", ".form"}


def sources(paths: Iterable[Path]) -> list[SourceFile]:
    """The files at these paths; from folders, everything that can be deployed. Their names tell which lie beside each other."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = [file for file in sorted(path.rglob("*")) if _is_deployed(file)] if path.is_dir() else [path]
        found.update(dict.fromkeys(file.resolve() for file in inside))
    return [SourceFile(_told(file), file.read_bytes()) for file in found]


def _told(file: Path) -> str:
    """The path as people read it: from the current folder, else with its folder only."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else f"{file.parent.name}/{file.name}"


def _is_deployed(file: Path) -> bool:
    return file.is_file() and (file.name in DEPLOYED_NAMES or file.suffix in DEPLOYED_SUFFIXES)
