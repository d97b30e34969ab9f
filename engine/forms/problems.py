"""The only place that finds what is wrong with a form file before it is deployed. Nothing here looks at data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.expressions import feel
from engine.expressions.patterns import JAVASCRIPT, BrokenPattern, compiled
from engine.forms.schema import EMPTY, GROUP, LIST, TYPES, Component, Path, get, steps_of
from engine.forms.scope import is_expression
from engine.forms.values import Misfit, as_decimal, units

MAX_COMPONENTS = 1_000
MAX_DEPTH = 20
KEY = re.compile(r"\w+(\.\w+)*")
NUMBERS = ("min", "max", "minLength", "maxLength")
CONDITIONS = ("conditional.hide", "readonly")
MAY_BE_EXPRESSIONS = (
    *CONDITIONS,
    *("expression", "valuesExpression", "dataSource", "columnsExpression"),
    *("label", "dateLabel", "timeLabel", "description", "text", "content", "source", "url", "alt"),
    *("appearance.prefixAdorner", "appearance.suffixAdorner"),
    *(f"validate.{name}" for name in NUMBERS),
)
CHOICES = frozenset({"radio", "select", "checklist", "taglist"})
FILES = "Files cannot be handed in with a form: take the file picker out, and keep the file's number or address in a text field."


def check(schema: Any) -> list[str]:
    """What is wrong with a form, one sentence each, with the component it is about; empty when it can be deployed."""
    if not isinstance(schema, Mapping) or not isinstance(schema.get("components"), list):
        return ["This is not a form: it must be a JSON object with a list of components."]
    every = list(_components(schema, (), 0))
    if len(every) > MAX_COMPONENTS:
        return [f"The form has more than {MAX_COMPONENTS} components."]
    problems = [f"{_called(component)}: {problem}" for component, _ in every for problem in _wrong(component)]
    return [*_wrong_types(every), *problems, *_wrong_paths(every)]


def _components(container: Component, around: Path, depth: int) -> Iterator[tuple[Any, Path]]:
    """Every component with the path of its value; those of the rows of a list stand under "[]"."""
    for component in _list(container.get("components")):
        path = around + (steps_of(component) if isinstance(component, Mapping) else ())
        yield component, path
        if isinstance(component, Mapping) and depth < MAX_DEPTH:
            yield from _components(component, (*path, "[]") if component.get("type") == LIST else path, depth + 1)
        elif isinstance(component, Mapping) and _list(component.get("components")):
            yield {"type": "too deep"}, ()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _called(component: Any) -> str:
    if not isinstance(component, Mapping):
        return "A component"
    return str(next((component[name] for name in ("key", "path", "id", "label") if component.get(name)), component.get("type")))


def _wrong_types(every: list[tuple[Any, Path]]) -> list[str]:
    unknown = {
        str(component.get("type")) for component, _ in every if isinstance(component, Mapping) and component.get("type") not in TYPES
    }
    return [f"Unknown types of components: {', '.join(sorted(unknown))}."] if unknown else []


def _wrong(component: Any) -> Iterator[str]:
    if not isinstance(component, Mapping):
        yield "it must be a JSON object."
        return
    for rule in RULES:
        yield from rule(component)


def _wrong_name(component: Component) -> Iterator[str]:
    kind = component.get("type")
    name = component.get("path" if kind in (GROUP, LIST) else "key")
    if name is None or name == "":
        if kind in EMPTY or kind == LIST:
            yield f"it has no {'path' if kind == LIST else 'key'}: give it the name that its value shall have."
    elif (kind in EMPTY or kind in (GROUP, LIST)) and not (isinstance(name, str) and KEY.fullmatch(name)):
        yield f"its {'path' if kind in (GROUP, LIST) else 'key'} {name!r} must be letters, digits and _, with dots between the parts."


def _wrong_limits(component: Component) -> Iterator[str]:
    validate = component.get("validate")
    if validate is None:
        return
    if not isinstance(validate, Mapping):
        yield "validate must be a JSON object."
        return
    for name in NUMBERS:
        limit = validate.get(name)
        if limit not in (None, "") and not is_expression(limit) and not _is_number(limit):
            yield f"validate.{name} must be a number or an expression, not {limit!r}."


def _is_number(value: Any) -> bool:
    try:
        as_decimal(value)
    except Misfit:
        return False
    return True


def _wrong_pattern(component: Component) -> Iterator[str]:
    validate = component.get("validate")
    pattern = validate.get("pattern") if isinstance(validate, Mapping) else None
    if pattern in (None, ""):
        return
    try:
        compiled(units(str(pattern)), JAVASCRIPT)
    except BrokenPattern as broken:
        yield broken.reason


def _wrong_choices(component: Component) -> Iterator[str]:
    if component.get("type") in CHOICES and not component.get("valuesKey") and not component.get("valuesExpression"):
        if not isinstance(component.get("values"), list):
            yield "it offers nothing to choose: give it values, a valuesKey or a valuesExpression."
        elif any(isinstance(value, Mapping) and value.get("value") is None for value in component["values"]):
            yield "one of its values has no value."
    if component.get("valuesExpression") and not is_expression(component["valuesExpression"]):
        yield "its valuesExpression must start with =."


def _wrong_file(component: Component) -> Iterator[str]:
    if component.get("type") == "filepicker":
        yield FILES


def _wrong_expressions(component: Component) -> Iterator[str]:
    for name in MAY_BE_EXPRESSIONS:
        value = get(component, tuple(name.split(".")))
        for problem in feel.check(value[1:], unary=name in CONDITIONS) if is_expression(value) else ():
            yield f"the expression of {name} is broken: {problem}"


RULES: tuple[Callable[[Component], Iterator[str]], ...] = (
    _wrong_name,
    _wrong_limits,
    _wrong_pattern,
    _wrong_choices,
    _wrong_file,
    _wrong_expressions,
)


def _wrong_paths(every: list[tuple[Any, Path]]) -> Iterator[str]:
    """Two fields must not have one name, and a field must not stand where others have their group."""
    taken: set[Path] = set()
    fields = [path for component, path in every if path and isinstance(component, Mapping) and component.get("type") in {*EMPTY, LIST}]
    for path in fields:
        if path in taken:
            yield f"{_dotted(path)}: two components have this name; give one of them another."
        taken.add(path)
    for path in sorted(taken, key=str):
        above = next((path[:length] for length in range(1, len(path)) if path[:length] in taken and path[length] != "[]"), None)
        if above:
            yield f"{_dotted(path)}: {_dotted(above)} is a field of its own, so nothing can stand inside it."


def _dotted(path: Path) -> str:
    return ".".join(map(str, path)).replace(".[]", "[]")
