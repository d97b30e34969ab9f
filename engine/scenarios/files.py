"""Reading scenario files: YAML, what stands in it, and the files that it deploys.

Dates stay the text that was written, as a client's JSON would bring them; FEEL, JUEL and timers read them from there. Only `true` and
`false` are truth values, as in YAML 1.2, so that an element may be called `no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml

from engine.core import SourceFile
from engine.files import sources
from engine.scenarios.problems import StepProblem, only

KEYS = ("name", "description", "deploy", "connections", "secrets", "steps", "expect")

_TRUTH = re.compile("(?:true|True|TRUE|false|False|FALSE)$")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the fast one where it was built
    """YAML without dates, and without keys that hide each other."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, _TRUTH if tag.endswith(":bool") else pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise StepProblem(f"line {key.start_mark.line + 1}: “{key.value}” stands here twice.")
            seen.add(key.value)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def load(path: Path) -> Mapping[str, Any]:
    """What a scenario file says. `StepProblem` names what it should not."""
    try:
        scenario = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except yaml.YAMLError as broken:
        raise StepProblem(f"This is not YAML: {broken}") from broken
    except UnicodeDecodeError as broken:
        raise StepProblem("This is not text in UTF-8.") from broken
    if not isinstance(scenario, Mapping):
        raise StepProblem(f"A scenario file is a mapping with the keys {', '.join(KEYS)}.")
    only("A scenario file", scenario, KEYS)
    for key, kind in (("steps", list), ("expect", dict), ("connections", dict), ("secrets", dict)):
        if not isinstance(scenario.get(key) or kind(), kind):
            raise StepProblem(f"{key}: must be a {'list' if kind is list else 'mapping'}.")
    return scenario


def deployed(folder: Path, names: Any) -> list[SourceFile]:
    """The files that a scenario in this folder deploys; a folder stands for everything in it that can be deployed."""
    found = [(folder / str(name)) for name in ([names] if isinstance(names, str) else names or [])]
    for name, path in zip(names if not isinstance(names, str) else [names], found, strict=True):
        if not path.exists():
            raise StepProblem(f"deploy: there is no file {name} beside the scenario.{_near(path)}")
    return sources(found)


def _near(missing: Path) -> str:
    there: Iterable[str] = sorted(one.name for one in missing.parent.iterdir()) if missing.parent.is_dir() else ()
    same_kind = [name for name in there if name.endswith(missing.suffix)]
    return f" There are {', '.join(same_kind[:10])}." if same_kind else ""
