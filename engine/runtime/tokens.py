"""The tokens of one instance: SpiffWorkflow's workflow with our run loop, and its saved form, which holds only what is live.

A token's children are the tokens inside it: those of a sub-process, the turns of a multi-instance activity. A *passive* token only waits
for an event on behalf of another (its host): a boundary event, the start of an event sub-process, a choice of an event-based gateway.
Passive tokens do not keep their scope alive.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from os import urandom
from typing import Any, Protocol

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn.model import Element, Flow
from engine.bpmn.specs import InclusiveGateway, ParallelGateway, ProcessSpec
from engine.errors import RatchetError
from engine.runtime.values import from_json, to_json

MAX_STEPS = 100_000
READY, WAITING, RESTING = TaskState.READY, TaskState.WAITING, TaskState.STARTED
Saved = list[list[Any]]
ARRIVED = "arrived"


class RunsInCircles(RatchetError):
    """The process ran 100,000 steps without coming to a rest; look for a loop that nothing ends."""


def new_id() -> str:
    """A random UUID (version 4) as text, several times as fast as the library makes one."""
    bits = urandom(16).hex()
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


class _Ids(dict[str, None]):
    """The ids of a token's children, in order; taking one out costs the same however many there are."""

    def append(self, id: str) -> None:
        self[id] = None

    def remove(self, id: str) -> None:
        del self[id]


class Token(Task):  # type: ignore[misc]  # the library is untyped
    """A place where the process is. `notes` is what is saved with it, and `arrived`: what an event brought that it has not taken yet.

    Within one verb only: `flows` are those that it takes next, `person` is who completed it;
    `alone` is a transaction in one savepoint while its inside runs; `in_hand` is a user task that its listeners may change;
    `taking` is the flow whose listeners are called; `canceled`: it is taken out without having finished.
    """

    flows: list[Flow] = []  # noqa: RUF012  # replaced as a whole, never changed
    person: str | None = None
    alone: bool = False
    in_hand: Any = None
    taking: str | None = None
    canceled: bool = False

    def __init__(self, tokens: Tokens, spec: Any, parent: Token | None, state: int, id: str | None = None):
        # in place of the library's: without data, threads, clocks and logs
        self.id = id or new_id()
        self.workflow = tokens
        self.task_spec = spec
        self.element: Element = spec.element
        self.scope: Any = parent
        self.notes: dict[str, Any] = {}
        self.internal_data = self.notes
        self.arrived: dict[str, Any] | None = None
        self._state = state
        self._parent = parent.id if parent is not None else None
        self._children: Any = _Ids()
        tokens.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    def _set_state(self, value: int) -> None:
        self._state = value

    @property
    def passive(self) -> bool:
        return "host" in self.notes

    def is_inside(self, other: Token) -> bool:
        at = self.scope
        while at is not None and at is not other:
            at = at.scope
        return at is not None

    @property
    def inside(self) -> list[Token]:
        """The tokens directly inside, passive ones too."""
        return [self.workflow.tasks[id] for id in self._children]


class Outside(Protocol):
    """What the tokens need of the world: work done, flows chosen, moves written down."""

    def perform(self, token: Token) -> bool | None: ...
    def flows_after(self, token: Token) -> list[Flow]: ...
    def moved(self, token: Token, flow: Flow) -> None: ...
    def at_join(self, token: Token) -> None: ...
    def merged(self, token: Token) -> None: ...
    def gone(self, token: Token) -> None: ...
    def emptied(self, scope: Token) -> None: ...
    def stepped(self) -> None: ...


class Tokens(Workflow):  # type: ignore[misc]
    """All tokens of one instance. `run` moves them until each one rests."""

    def __init__(self, spec: ProcessSpec, outside: Outside, saved: Saved | None = None):
        # in place of the library's, which builds events and data that nothing here uses
        self.spec = spec
        self.tasks: dict[str, Token] = {}
        self._outside = outside
        self._queues: list[tuple[Token | None, deque[Token]]] = [(None, deque())]
        self._passive: dict[str, dict[str, Token]] = {}
        self._waiting: dict[tuple[str | None, str], list[Token]] = {}
        self._steps = 0
        if saved is None:
            self.task_tree = Token(self, spec.start, None, RESTING)
        else:
            self._restore(saved)

    def run(self) -> bool:
        """Run every ready token, and those that follow, until all rest; whether anything ran."""
        before, queue = self._steps, self._queues[-1][1]
        self._outside.stepped()
        while queue or self._wake_inclusive():
            token = queue.popleft()
            if token._state == READY and token.id in self.tasks:
                self._steps += 1
                token.run()
                self._outside.stepped()
            if self._steps > MAX_STEPS:
                raise RunsInCircles()
        return self._steps > before

    @contextmanager
    def alone(self, within: Token) -> Iterator[None]:
        """Let only what is inside a token run; what becomes ready outside has its turn later."""
        self._queues.append((within, deque()))
        try:
            yield
        finally:
            self._queues.pop()

    def is_aside(self, token: Token) -> bool:
        """Whether only something else runs now, which the token is not inside."""
        within = self._queues[-1][0]
        return within is not None and not token.is_inside(within)

    @property
    def ready(self) -> bool:
        return any(queue for _, queue in self._queues)

    def live(self) -> list[Token]:
        """The tokens that are somewhere, without the process itself."""
        return [token for token in self.tasks.values() if token is not self.task_tree]

    def find(self, id: str) -> Token | None:
        return self.tasks.get(id)

    def again(self, token: Token) -> None:
        """Make a resting token go on."""
        token._state = READY
        self.token_ready(token)

    def put(self, element_id: str, scope: Token, **notes: Any) -> Token:
        """A new token at an element, which takes its way at once."""
        token = Token(self, self.spec.task_specs[element_id], scope, TaskState.FUTURE)
        token.notes.update(notes)
        token.task_spec._update(token)
        return token

    def place(self, element_id: str, scope: Token, **notes: Any) -> Token:
        """A new token that rests at an element and does nothing of itself."""
        token = Token(self, self.spec.task_specs[element_id], scope, RESTING)
        token.notes.update(notes)
        if token.passive:
            self._passive.setdefault(notes["host"], {})[token.id] = token
        return token

    def drop(self, token: Token) -> None:
        """Take a token out, and all that is inside it or waits for it, the innermost first."""
        for other in [*token.inside, *self.waiting_for(token)]:
            if other.id in self.tasks:
                self.drop(other)
        if token.id in self.tasks:
            self._outside.gone(token)
            self._take_out(token)

    def waiting_for(self, host: Token) -> list[Token]:
        """The passive tokens that wait on behalf of another."""
        return list(self._passive.get(host.id, {}).values())

    def alive(self, scope: Token) -> bool:
        """Whether anything inside keeps the scope going."""
        return any("host" not in self.tasks[id].notes for id in scope._children)

    def discard(self, token: Token) -> None:
        """Take a token out that has done its part, with what waits for it."""
        for other in self.waiting_for(token):
            self.drop(other)
        self._take_out(token)

    def saved(self) -> Saved:
        """Five values per live token, parents first: id, parent's id, element, state, notes."""
        return [[token.id, token._parent, token.task_spec.name, token._state, _notes(token) or None] for token in self.tasks.values()]

    def _restore(self, saved: Saved) -> None:
        for id, parent, name, state, notes in saved:
            token = Token(self, self.spec.task_specs[name], self.tasks[parent] if parent else None, state, id)
            token.notes.update(notes or {})
            arrived = token.notes.pop(ARRIVED, None)
            token.arrived = from_json(arrived) if arrived is not None else None
            if token.passive:
                self._passive.setdefault(token.notes["host"], {})[id] = token
            if parent is None:
                self.task_tree = token
            elif state == WAITING:
                self._waiting.setdefault((parent, name), []).append(token)

    def _take_out(self, token: Token) -> None:
        if token.scope is not None:
            token.scope._children.remove(token.id)
        del self.tasks[token.id]
        if token.passive and (beside := self._passive[token.notes["host"]]):
            del beside[token.id]
            if not beside:
                del self._passive[token.notes["host"]]
        if token._state == WAITING:
            self._waiting[token._parent, token.task_spec.name].remove(token)

    def _wake_inclusive(self) -> bool:
        """Let the inclusive gateways go on that nothing can reach any more; whether there was one."""
        within = self._queues[-1][0]
        for (scope, name), waiting in self._waiting.items():
            gateway = self.spec.task_specs[name]
            if not waiting or not isinstance(gateway, InclusiveGateway) or (within is not None and not waiting[0].is_inside(within)):
                continue
            around = (self.tasks[id] for id in self.tasks[scope or ""]._children)
            elsewhere = {other.element.id for other in around if other.element is not gateway.element and not other.passive}
            arrived = [token.notes["flow"] for token in waiting if "flow" in token.notes]
            if gateway.is_due(set(arrived), elsewhere, len(waiting) - len(arrived)):
                self.merge(waiting, gateway.complete(waiting))
                return True
        return False

    def waiting_in(self, scope: Token, element_id: str) -> list[Token]:
        """The tokens that wait at a join of a scope."""
        return self._waiting.get((scope.id, element_id), [])

    def wake_joins(self) -> None:
        """Let the parallel joins go on that have all that they wait for, which only another version of the process can bring about."""
        for (_, name), waiting in list(self._waiting.items()):
            gateway = self.spec.task_specs[name]
            if waiting and isinstance(gateway, ParallelGateway):
                self.merge(waiting, gateway.complete(waiting))

    def merge(self, waiting: list[Token], joined: list[Token]) -> None:
        """Some of the tokens that wait at a join go on as one."""
        for other in joined[1:]:
            self.absorb(other)
        for first in joined[:1]:
            waiting.remove(first)
            self.again(first)

    # What the specs ask (engine.bpmn.specs.Machine)

    def token_ready(self, token: Token) -> None:
        for within, queue in reversed(self._queues):
            if within is None or token.is_inside(within):
                queue.append(token)
                return

    def perform(self, token: Token) -> bool | None:
        return self._outside.perform(token)

    def leave(self, token: Token) -> None:
        scope, flows = token.scope, self._outside.flows_after(token)
        for other in self.waiting_for(token) if self.spec.boundaries.get(token.task_spec.name) else ():
            self.drop(other)
        self._take_out(token)
        for flow in flows:
            self._outside.moved(token, flow)
            self.put(flow.target, scope, flow=flow.id)
        if not flows and not self.alive(scope):
            self._outside.emptied(scope)

    def waiting_at(self, token: Token) -> list[Token]:
        return self._waiting.get((token._parent, token.task_spec.name), [])

    def wait(self, token: Token) -> None:
        token._state = WAITING
        self._waiting.setdefault((token._parent, token.task_spec.name), []).append(token)
        self._outside.at_join(token)

    def absorb(self, token: Token) -> None:
        self._outside.merged(token)
        self._outside.gone(token)
        self._take_out(token)


def _notes(token: Token) -> dict[str, Any]:
    return token.notes if token.arrived is None else {**token.notes, ARRIVED: to_json(token.arrived)}
