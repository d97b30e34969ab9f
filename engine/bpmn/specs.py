"""How tokens move: one SpiffWorkflow task spec per kind of BPMN element, and what of a process can be looked up once for all instances.

SpiffWorkflow's core (`Workflow`, `Task`, `TaskSpec`) is the token machine. A token is a `Task` below its scope's task; it carries no data
and predicts nothing, and a finished one leaves the tree at once, so that the state is what is live. The library's own BPMN specs are not
used: they scan the tree at each step, predict exponentially and get several constructs wrong.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, Protocol

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from engine.bpmn.model import CallWork, Element, Flow, JobWork, Process, UserWork
from engine.bpmn.triggers import CompensateEvent, ConditionalEvent, LinkEvent
from engine.bpmn.values import Expression

ROOT = "(process)"


class Machine(Protocol):
    """What a spec asks of the workflow that its token lives in."""

    def token_ready(self, token: Task) -> None: ...
    def perform(self, token: Task) -> bool | None: ...
    def leave(self, token: Task) -> None: ...
    def waiting_at(self, token: Task) -> list[Task]: ...
    def wait(self, token: Task) -> None: ...
    def absorb(self, token: Task) -> None: ...


class Root(TaskSpec):  # type: ignore[misc]  # the library is untyped
    """The process itself: the scope above its tokens."""

    element: Element | None = None

    def _predict(self, my_task: Task, *_: Any, **__: Any) -> None:
        """Nothing is predicted: a token knows only where it is."""

    def _on_ready(self, my_task: Task) -> None:
        """The readers have checked the model, and assignments are ours."""
        my_task.workflow.token_ready(my_task)

    def _update(self, my_task: Task) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _run(self, my_task: Task) -> bool | None:
        answer: bool | None = my_task.workflow.perform(my_task)
        return answer

    def _on_complete(self, my_task: Task) -> None:
        my_task.workflow.leave(my_task)


class Node(Root):
    """A flow node: what comes in runs at once, what is done there is asked of the machine, and what leaves takes the flows it names."""

    def __init__(self, spec: WorkflowSpec, element: Element):
        super().__init__(spec, element.id, description=element.name)
        self.element: Element = element

    def _update_hook(self, my_task: Task) -> bool:
        return True


def one_of_each_flow(there: list[Task]) -> list[Task]:
    """The first of the tokens that came on each flow, and those that came on none."""
    first: dict[str, Task] = {}
    for token in there:
        first.setdefault(token.internal_data.get("flow", token.id), token)
    return list(first.values())


class ParallelGateway(Node):
    """Waits for one token on each incoming flow; excess tokens stay for the next round (BPMN 2.0.2, 13.4.1).

    A token that came by no flow, put there by a person, stands for any flow that is still empty. Camunda 7 counts tokens of whatever flow.
    """

    def _update_hook(self, my_task: Task) -> bool:
        machine = my_task.workflow
        joined = self.complete([my_task, *machine.waiting_at(my_task)])
        if not joined:
            machine.wait(my_task)
            return False
        for other in joined:
            if other is not my_task:
                machine.absorb(other)
        return True

    def complete(self, there: list[Task]) -> list[Task]:
        """The tokens of those there that go on as one; none while some are missing."""
        needed = len(self.element.incoming)
        if self._wf_spec.process.dialect == "camunda":
            return there[:needed] if len(there) >= needed else []
        arrived: dict[str, Task] = {}
        for token in there:
            arrived.setdefault(token.internal_data.get("flow", ""), token)
        arrived.pop("", None)
        put = [token for token in there if "flow" not in token.internal_data]
        missing = needed - len(arrived)
        return [*arrived.values(), *put[:missing]] if missing <= len(put) else []


class InclusiveGateway(Node):
    """Waits until no other token can arrive any more; the machine asks `is_due` whenever nothing else can run (BPMN 2.0.2, 13.4.3)."""

    def _update_hook(self, my_task: Task) -> bool:
        if len(self.element.incoming) < 2:
            return True
        my_task.workflow.wait(my_task)
        return False

    def complete(self, there: list[Task]) -> list[Task]:
        """The tokens that go on as one: all of those there in Camunda 7, else one of each flow."""
        if self._wf_spec.process.dialect == "camunda":
            return list(there)
        return one_of_each_flow(there)

    def is_due(self, arrived: set[str], elsewhere: set[str], put: int = 0) -> bool:
        """Whether the gateway may go on: `arrived` are its flows with tokens, `elsewhere` the elements of its scope where tokens are.

        So many tokens were `put` there by a person; each stands for a flow that is still empty.
        """
        reaching_arrived = set().union(*(self._reaching[flow] for flow in arrived))
        empty = set(self.element.incoming) - arrived
        return len(empty) <= put or not any((elsewhere & self._reaching[flow]) - reaching_arrived for flow in empty)

    @cached_property
    def _reaching(self) -> dict[str, set[str]]:
        """For each incoming flow the elements from which a token can come to it without passing the gateway."""
        spec: ProcessSpec = self._wf_spec
        found = {}
        for flow in self.element.incoming:
            seen, rest = set[str](), [spec.process.flows[flow].source]
            while rest:
                id = rest.pop()
                if id not in seen and id != self.element.id:
                    seen.add(id)
                    rest += spec.before(spec.process.elements[id])
            found[flow] = seen
        return found


_SPECS: dict[str, type[Node]] = {"parallelGateway": ParallelGateway, "inclusiveGateway": InclusiveGateway}
_SCOPES = {"subProcess", "transaction", "adHocSubProcess"}
_RESTS = {"receiveTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity", "adHocSubProcess"}


class ProcessSpec(WorkflowSpec):  # type: ignore[misc]
    """The executable form of a process: made once, shared by all its instances, never changed.

    boundaries    activity -> the events on its edge
    begins        scope (None: the process) -> the elements that begin when it does
    event_starts  scope -> the start events of its event sub-processes
    begins_by_event  event sub-process -> its start event
    links         (scope, name) -> the link event that catches
    paths         (element, part) -> the stages of a token there, as engine.runtime.stages finds them
    own_types are the job types that are done in the step's own transaction.
    """

    def __init__(self, process: Process, own_types: frozenset[str] = frozenset()):
        super().__init__(process.key)
        self.process, self._own_types = process, own_types
        self.start = Root(self, ROOT)
        self.boundaries: dict[str, list[Element]] = defaultdict(list)
        self.event_starts: dict[str | None, list[Element]] = defaultdict(list)
        self.begins_by_event: dict[str, str] = {}
        self.links: dict[tuple[str | None, str], Element] = {}
        self._within: dict[str | None, list[Element]] = defaultdict(list)
        for element in process.elements.values():
            _SPECS.get(element.kind, Node)(self, element)
            self._index(element)
        self.paths: dict[tuple[str, str], tuple[str, ...]] = {}
        self.begins = {scope: _beginnings(inside) for scope, inside in self._within.items()}

    def _index(self, element: Element) -> None:
        self._within[element.parent].append(element)
        if element.attached_to is not None:
            self.boundaries[element.attached_to].append(element)
        if isinstance(element.event, LinkEvent) and element.kind == "intermediateCatchEvent":
            self.links[element.parent, element.event.name] = element
        above = self.process.elements.get(element.parent or "")
        if element.kind == "startEvent" and above is not None and above.event_driven:
            self.event_starts[above.parent].append(element)
            self.begins_by_event[above.id] = element.id

    def within(self, scope: str | None) -> list[Element]:
        """The elements directly inside a scope."""
        return self._within.get(scope, [])

    def flows_from(self, element: Element) -> list[Flow]:
        """The outgoing flows in the order of the file."""
        return [self.process.flows[id] for id in element.outgoing]

    def before(self, element: Element) -> list[str]:
        """The elements from which a token comes to this one by one move: flows, the host of a boundary event, the throws of a link."""
        sources = [self.process.flows[id].source for id in element.incoming]
        if element.attached_to is not None:
            sources.append(element.attached_to)
        if isinstance(element.event, LinkEvent) and element.kind == "intermediateCatchEvent":
            sources += [other.id for other in self.within(element.parent) if other.event == element.event and other is not element]
        return sources

    @cached_property
    def handlers(self) -> dict[str, Element]:
        """Activity -> what compensates it: the handler that its edge leads to, else the event sub-process inside it."""
        undoing = [one for one in self.process.elements.values() if isinstance(one.event, CompensateEvent)]
        elements = self.process.elements
        inside = {elements[one.parent or ""].parent: elements[one.parent or ""] for one in undoing if one.kind == "startEvent"}
        on_edge = {one.attached_to: elements[one.handler] for one in undoing if one.attached_to and one.handler}
        both = [*inside.items(), *on_edge.items()]
        return {host: handler for host, handler in both if host is not None}

    @cached_property
    def atomic(self) -> frozenset[str]:
        """The transaction sub-processes that are database transactions: nothing inside rests, nothing inside compensates."""
        return frozenset(one.id for one in self.process.elements.values() if one.kind == "transaction" and self._is_atomic(one))

    def _is_atomic(self, transaction: Element) -> bool:
        rest = list(self.within(transaction.id))
        while rest:
            element = rest.pop()
            if element.compensates or self._may_rest(element):
                return False
            rest += self.within(element.id)
        return True

    def _may_rest(self, element: Element) -> bool:
        work, listens = element.work, any(one.retries is not None for one in element.listeners)
        if element.async_before or element.async_after or element.kind in _RESTS or listens:
            return True
        if isinstance(work, JobWork):
            return not (isinstance(work.type, Expression) and work.type.language == "text" and work.type.source in self._own_types)
        return isinstance(work, (UserWork, CallWork))

    @cached_property
    def own_scopes(self) -> frozenset[str]:
        """The elements that have variables of their own in Camunda 7."""
        return frozenset(one.id for one in self.process.elements.values() if self._has_scope(one))

    def _has_scope(self, element: Element) -> bool:
        mapped, waits = element.inputs or element.outputs, element.kind in _RESTS and (element.event or element.kind != "receiveTask")
        return bool(mapped or waits or element.kind in _SCOPES or isinstance(element.work, JobWork) or self.boundaries.get(element.id))

    @cached_property
    def watches(self) -> bool:
        """Whether any event of the process waits for a condition."""
        return any(isinstance(element.event, ConditionalEvent) for element in self.process.elements.values())


def _beginnings(inside: list[Element]) -> list[Element]:
    """The start event that nothing triggers; without one, whatever no flow leads to."""
    starts = [element for element in inside if element.kind == "startEvent"]
    if starts:
        return [element for element in starts if element.event is None]
    aside = {"boundaryEvent"}
    return [
        element for element in inside
        if not element.incoming and element.kind not in aside and not element.event_driven and not element.compensates
        and not isinstance(element.event, LinkEvent)
    ]  # fmt: skip
