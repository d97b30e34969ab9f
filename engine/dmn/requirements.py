"""The only place that walks through requirements: what must be known first, and where they lead in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def in_order(requires: Mapping[str, Sequence[str]], *wanted: str) -> list[str]:
    """The ids that are wanted and all that they require, each once and after what it requires itself. There must be no circle."""
    order: dict[str, None] = {}
    waiting = [(id, False) for id in reversed(wanted)]
    while waiting:
        id, entered = waiting.pop()
        if entered:
            order[id] = None
        elif id not in order:
            waiting.append((id, True))
            waiting.extend((each, False) for each in reversed(requires.get(id, ())) if each not in order)
    return list(order)


def circle(requires: Mapping[str, Sequence[str]]) -> list[str]:
    """The ids that require each other in a circle, one circle of them; empty where there is none."""
    finished: set[str] = set()
    for start in requires:
        path: dict[str, None] = {}
        waiting = [(start, False)]
        while waiting:
            id, left = waiting.pop()
            if left:
                del path[id]
                finished.add(id)
            elif id in path:
                names = list(path)
                return names[names.index(id) :]
            elif id not in finished:
                path[id] = None
                waiting.append((id, True))
                waiting.extend((each, False) for each in requires.get(id, ()))
    return []
