"""The tokens of one instance: SpiffWorkflow's workflow with our run loop, and its saved form, which holds only what is live."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn.model import Flow
from engine.bpmn.specs import ProcessSpec
from engine.errors import RatchetError

MAX_STEPS = 100_000
Token: TypeAlias = Task
Saved: TypeAlias = list[list[Any]]


class RunsInCircles(RatchetError):
    """The process ran 100,000 steps without coming to a rest; look for a loop that nothing ends."""


class Outside(Protocol):
    """What the tokens need of the world: work done, flows chosen, moves written down."""

    def perform(self, token: Token) -> bool | None: ...
    def flows_after(self, token: Token) -> list[Flow]: ...
    def moved(self, token: Token, flow: Flow) -> None: ...
    def absorbed(self, token: Token) -> None: ...


class Tokens(Workflow):  # type: ignore[misc]  # the library is untyped
    """All tokens of one instance. `run` moves them until each one rests."""

    def __init__(self, spec: ProcessSpec, outside: Outside, saved: Saved | None = None):
        super().__init__(spec, deserializing=True)
        self._outside = outside
        self._queue: deque[Token] = deque()
        if saved is None:
            self.task_tree = Task(self, spec.start, state=TaskState.STARTED)
        else:
            self._restore(saved)

    def begin(self) -> None:
        """Put the first token on the start event."""
        self._put(self.spec.process.start, self.task_tree, None)

    def run(self) -> None:
        """Run every ready token, and those that follow, until all rest."""
        for _ in range(MAX_STEPS):
            if not self._queue:
                return
            token = self._queue.popleft()
            if token.state == TaskState.READY:
                token.run()
        raise RunsInCircles()

    def live(self) -> list[Token]:
        """The tokens that are somewhere, without the process itself."""
        return [task for task in self.tasks.values() if task is not self.task_tree]

    def find(self, id: str) -> Token | None:
        return self.tasks.get(UUID(id))

    def again(self, token: Token) -> None:
        """Make a resting token run its work once more."""
        token._set_state(TaskState.READY)
        self._queue.append(token)

    def saved(self) -> Saved:
        """Five values per live token, parents first: id, parent's id, element, state, notes."""
        return [
            [str(task.id), str(task.parent.id) if task.parent else None, task.task_spec.name, task.state, task.internal_data or None]
            for task in self.tasks.values()
        ]

    def _restore(self, saved: Saved) -> None:
        for id, parent, name, state, notes in saved:
            above = self.tasks[UUID(parent)] if parent else None
            task = Task(self, self.spec.task_specs[name], parent=above, state=state, id=UUID(id))
            task.internal_data.update(notes or {})
            if above is None:
                self.task_tree = task

    def _put(self, element_id: str, scope: Task, flow: Flow | None) -> None:
        token = scope._add_child(self.spec.task_specs[element_id], TaskState.FUTURE)
        if flow is not None:
            token.internal_data["flow"] = flow.id
        token.task_spec._update(token)

    def _take_out(self, token: Token) -> None:
        token.parent._children.remove(token.id)
        del self.tasks[token.id]

    # What the specs ask (engine.bpmn.specs.Machine)

    def token_ready(self, token: Token) -> None:
        self._queue.append(token)

    def perform(self, token: Token) -> bool | None:
        return self._outside.perform(token)

    def leave(self, token: Token) -> None:
        scope, flows = token.parent, self._outside.flows_after(token)
        self._take_out(token)
        for flow in flows:
            self._outside.moved(token, flow)
            self._put(flow.target, scope, flow)

    def waiting_at(self, token: Token) -> list[Token]:
        siblings = (self.tasks[id] for id in token.parent._children)
        return [other for other in siblings if other.task_spec is token.task_spec and other.state == TaskState.WAITING]

    def absorb(self, token: Token) -> None:
        self._take_out(token)
        self._outside.absorbed(token)

    def _task_completed_notify(self, task: Task) -> None:
        """The library would look through the whole tree here; our specs have already done what follows."""
