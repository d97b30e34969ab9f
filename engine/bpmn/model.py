"""What a process model says, free of XML and dialect: the frozen data that the readers make and everything above reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.triggers import Event, ThrownIf
from engine.bpmn.values import Assign, Expression, Value


@dataclass(frozen=True)
class FormRef:
    """The form of a user task or start event: its key among the deployed forms, or a schema that stands in the model itself.

    chosen   the key as an expression, where only the task itself knows it
    defaults expressions that give fields their values where nothing else does
    takes_more   what is submitted beside its fields is taken, too
    binding says which version is meant: `latest`, `deployment` (deployed together), `version` or `versionTag`; these two with `version`.
    """

    key: str
    embedded: str | None = None
    binding: str = "latest"
    version: str | None = None
    chosen: Expression | None = None
    defaults: tuple[Assign, ...] = ()
    takes_more: bool = False


@dataclass(frozen=True)
class UserWork:
    """A person does it. All is evaluated when the task is reached. `signed` asks for a signature; `name` stands for the element's."""

    form: FormRef | None = None
    name: Value | None = None
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
    """A job of this type: done in the step's own transaction where the type is ours, else it waits for an external worker.

    `retries` where an expression says how often it is tried, which is evaluated when the job begins. `errors`: what its answer may become.
    """

    type: Value
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: Value | None = None
    errors: tuple[ThrownIf, ...] = ()


@dataclass(frozen=True)
class Binding:
    """Which version of a called process or decision is meant: `latest`, `deployment` (deployed together), `version` or `versionTag`."""

    kind: str = "latest"
    value: Value | None = None


@dataclass(frozen=True)
class DecisionWork:
    """A decision is evaluated; `mapping` says how its result becomes the value of `result` (value, or one of Camunda 7's four)."""

    key: Value
    result: str | None = None
    mapping: str = "value"
    binding: Binding = Binding()


@dataclass(frozen=True)
class CallWork:
    """Another process is called and waited for. `all_inputs`/`all_outputs`: every variable goes in or comes back, before the mappings.

    local_inputs   what goes in is looked up in the call activity's own scope only
    local_outputs  what comes back stays in the call activity's own scope, for its output mappings
    """

    key: Value
    binding: Binding = Binding()
    business_key: Value | None = None
    inputs: tuple[Assign, ...] = ()
    outputs: tuple[Assign, ...] = ()
    all_inputs: bool = False
    all_outputs: bool = False
    local_inputs: bool = False
    local_outputs: bool = False


@dataclass(frozen=True)
class AdHocWork:
    """An ad-hoc sub-process: the elements that begin, when it is over, and what it collects of each (as in a multi-instance)."""

    active: Value | None = None
    condition: Value | None = None
    cancels_rest: bool = True
    output: str | None = None
    output_item: Value | None = None


Work = UserWork | ScriptWork | DelegateWork | JobWork | DecisionWork | CallWork | AdHocWork


@dataclass(frozen=True)
class MultiInstance:
    """An activity done once for each item of `collection`, or `cardinality` times: one after the other or all at once.

    `item` names the item's variable, `output` the list that gets `output_item` of each; `condition` ends it early.
    `counts_from` is the first turn's loopCounter: 0 in Camunda 7, 1 in Camunda 8.
    `undone_as_one`: a compensation handler is called once, as in Camunda 8, not for each turn, as in Camunda 7.
    """

    sequential: bool
    collection: Value | None = None
    cardinality: Value | None = None
    item: str | None = None
    output: str | None = None
    output_item: Value | None = None
    condition: Expression | None = None
    async_before: bool = False
    async_after: bool = False
    counts_from: int = 1
    undone_as_one: bool = True


@dataclass(frozen=True)
class StandardLoop:
    """An activity repeated while `condition` holds, at most `maximum` times; tested before or after each turn."""

    condition: Value | None = None
    maximum: Value | None = None
    test_before: bool = False


@dataclass(frozen=True)
class Listener:
    """Work done when something happens to an element: start, end, take; a user task's create, assignment, update, complete, delete."""

    event: str
    work: Work
    retries: int | None = None


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: Expression | None
    line: int | None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True)
class Element:
    """A flow node.

    parent        the sub-process that it stands in; None for the process itself
    retries       None where a failure undoes the whole verb (Camunda 7), a number where only the job fails and is tried again (Camunda 8)
    retry_cycle   Camunda 7's failedJobRetryTimeCycle, for its async jobs and timers
    keeps_results with output mappings the results stay in the activity's own scope and only the mappings pass on
    event         what it catches or throws; `attached_to` and `interrupting` are a boundary event's
                  (`interrupting` also that of the start event of an event sub-process)
    event_driven  an event sub-process
    compensates   an activity that only compensates another; `handler` is on the compensation boundary event: the activity that it leads to
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
    parent: str | None = None
    event: Event | None = None
    attached_to: str | None = None
    interrupting: bool = True
    event_driven: bool = False
    compensates: bool = False
    handler: str | None = None
    loop: MultiInstance | StandardLoop | None = None
    async_before: bool = False
    async_after: bool = False
    retry_cycle: Value | None = None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True)
class Process:
    """One executable process of a file. `elements` and `flows` hold those of its sub-processes, too; ids are unique in a file.

    history_days is how long a finished instance is kept; None: for ever.
    """

    key: str
    name: str
    dialect: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    initiator: str | None = None
    start_form: FormRef | None = None
    version_tag: str | None = None
    history_days: int | None = None
    listeners: tuple[Listener, ...] = ()

    def inside(self, parent: str | None) -> list[Element]:
        """The elements that stand directly in a sub-process, or in the process itself."""
        return [element for element in self.elements.values() if element.parent == parent]

    @property
    def start(self) -> str:
        """The start event that nothing triggers, where a person begins; else the first one."""
        starts = [element for element in self.inside(None) if element.kind == "startEvent"]
        return next((element.id for element in starts if element.event is None), starts[0].id if starts else "")

    def expressions(self) -> list[tuple[str, Expression]]:
        """Every expression with the id of the element, flow or process where it stands."""
        places = {self.key: (self.listeners,), **{id: vars(one).values() for id, one in {**self.flows, **self.elements}.items()}}
        return [(id, expression) for id, inside in places.items() for expression in _expressions_in(inside)]


def _expressions_in(thing: Any) -> list[Expression]:
    if isinstance(thing, Expression):
        return [thing]
    if isinstance(thing, Iterable) and not isinstance(thing, (str, Mapping)):
        return [found for item in thing for found in _expressions_in(item)]
    if hasattr(thing, "__dataclass_fields__"):
        return [found for name in thing.__dataclass_fields__ for found in _expressions_in(getattr(thing, name))]
    return []
