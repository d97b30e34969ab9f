"""The only place that knows how a form-js schema is built: types of components, keys, and where each field stands in the data.

Follows form-js 1.23 (`@bpmn-io/form-js`). A field's path is its key cut at the dots, behind the paths of the groups and the row
numbers of the lists around it: ("owners", 0, "name"), written owners[0].name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

Component = Mapping[str, Any]
Path = tuple[str | int, ...]

# What a field holds before anybody touches it; ask `empty` for it.
EMPTY: dict[str, Any] = {
    "textfield": "",
    "textarea": "",
    "number": None,
    "datetime": None,
    "checkbox": False,
    "checklist": [],
    "taglist": [],
    "radio": None,
    "select": None,
    "expression": None,
    "filepicker": None,
}
LIST, GROUP = "dynamiclist", "group"
SHOWN_ONLY = frozenset(["default", "text", "html", "image", "table", "iframe", "spacer", "separator", "button", "documentPreview"])
TYPES = frozenset({*EMPTY, *SHOWN_ONLY, LIST, GROUP})
MISSING: Any = object()


@dataclass(frozen=True)
class Place:
    """A field or list of the form, once for each row that it stands in.

    path    where its value stands in the data
    this    the data of the row around it; None outside lists
    parent  the row around that row; None where there is none
    rows    the numbers of the rows around it, from 1
    """

    component: Component
    path: Path
    this: Any = None
    parent: Any = None
    rows: tuple[int, ...] = ()

    @property
    def type(self) -> str:
        return str(self.component.get("type"))

    @property
    def written(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")


def places(schema: Component, data: Any, visible: Callable[[Place], bool] = lambda place: True) -> Iterator[Place]:
    """Every visible field and list. A list comes before its rows, which are read from `data` only then: the caller may put them there."""
    return _within(schema, Place(schema, ()), data, visible)


def _within(container: Component, around: Place, data: Any, visible: Callable[[Place], bool]) -> Iterator[Place]:
    for component in container.get("components") or ():
        steps = steps_of(component)
        place = Place(component, around.path + steps, around.this, around.parent, around.rows)
        if not visible(place):
            continue
        if place.type == GROUP:
            yield from _within(component, place, data, visible)
        elif place.type == LIST and steps:
            yield place
            yield from _rows(place, data, visible)
        elif place.type in EMPTY and steps:
            yield place


def _rows(around: Place, data: Any, visible: Callable[[Place], bool]) -> Iterator[Place]:
    rows = get(data, around.path)
    parent = data if around.this is None else around.this
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        place = Place(around.component, (*around.path, number), row, parent, (*around.rows, number + 1))
        yield from _within(around.component, place, data, visible)


def steps_of(component: Component) -> tuple[str, ...]:
    """A component's own part of the path: of a field its key, of a group or list its path, of anything else nothing."""
    name = component.get("path" if component.get("type") in (GROUP, LIST) else "key")
    return tuple(name.split(".")) if isinstance(name, str) and name else ()


def empty(kind: str) -> Any:
    """What a field of this type holds when it holds nothing."""
    return copy(EMPTY[kind])


def get(data: Any, path: Path) -> Any:
    """What stands there, or MISSING."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else MISSING
        else:
            data = data.get(step, MISSING) if isinstance(data, Mapping) else MISSING
    return data


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Put it there. Groups on the way are made; rows of lists must be there already."""
    *way, last = path
    at: Any = data
    for step in way:
        at = at[step] if isinstance(step, int) else at.setdefault(step, {})
    at[last] = value
