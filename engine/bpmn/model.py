"""What a process model says, free of XML and dialect: the frozen data that the readers make and everything above reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expression:
    """A piece of text in a language: `text` is itself, `feel`, `juel` and `groovy` are evaluated. `line` is its line in the file."""

    language: str
    source: str
    line: int | None = None


@dataclass(frozen=True)
class ListOf:
    """A list whose items are evaluated one by one."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class MapOf:
    """A map whose values are evaluated one by one."""

    entries: tuple[tuple[str, Value], ...]


Value = Expression | ListOf | MapOf


@dataclass(frozen=True)
class Assign:
    """An input or output mapping: `target` (a name or a dotted path) gets `value`; a transient one is gone at the next rest."""

    target: str
    value: Value
    transient: bool = False


@dataclass(frozen=True)
class FormRef:
    """The form of a user task or start event: its key among the deployed forms, or a schema that stands in the model itself."""

    key: str
    embedded: str | None = None


@dataclass(frozen=True)
class UserWork:
    """A person does it. Assignee and candidates are evaluated when the task is reached; `signed` asks for a signature."""

    form: FormRef | None = None
    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    signed: bool = False


@dataclass(frozen=True)
class ScriptWork:
    """A script or expression is evaluated; its value goes to `result`."""

    expression: Expression
    result: str | None = None


@dataclass(frozen=True)
class DelegateWork:
    """A delegate of ours is called by its name, in the step's own transaction."""

    name: str


@dataclass(frozen=True)
class JobWork:
    """A job of this type: done in the step's own transaction where the type is ours, else it waits for an external worker."""

    type: Value
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MessageWork:
    """The token waits for a message of this name; `key` correlates it (None: the business key does)."""

    name: Value
    key: Value | None = None


Work = UserWork | ScriptWork | DelegateWork | JobWork | MessageWork


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: Expression | None
    line: int | None


@dataclass(frozen=True)
class Element:
    """A flow node.

    `retries` is None where a failure undoes the whole verb (Camunda 7), a number where only the job fails and is tried again (Camunda 8).
    `keeps_results` says that with output mappings the results stay in the activity's own scope and only the mappings pass on.
    """

    id: str
    name: str
    kind: str
    line: int | None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    inputs: tuple[Assign, ...] = ()
    outputs: tuple[Assign, ...] = ()
    work: Work | None = None
    retries: int | None = None
    keeps_results: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """One executable process of a file."""

    key: str
    name: str
    dialect: str
    start: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    initiator: str | None = None
    start_form: FormRef | None = None

    def expressions(self) -> list[tuple[str, Expression]]:
        """Every expression with the id of the element or flow where it stands."""
        found = [(flow.id, flow.condition) for flow in self.flows.values() if flow.condition]
        for element in self.elements.values():
            found += [(element.id, expression) for expression in _expressions_in((element.inputs, element.outputs, element.work))]
        return found


def _expressions_in(thing: Any) -> list[Expression]:
    if isinstance(thing, Expression):
        return [thing]
    if isinstance(thing, (tuple, list)):
        return [found for item in thing for found in _expressions_in(item)]
    if hasattr(thing, "__dataclass_fields__"):
        return [found for name in thing.__dataclass_fields__ for found in _expressions_in(getattr(thing, name))]
    return []
