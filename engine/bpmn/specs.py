"""How tokens move: one SpiffWorkflow task spec per kind of BPMN element.

SpiffWorkflow's core (`Workflow`, `Task`, `TaskSpec`) is the token machine. A token is a `Task` below its scope's task; it carries no data
and predicts nothing, and a finished one leaves the tree at once, so that the state is what is live. The library's own BPMN specs are not
used: they scan the tree at each step, predict exponentially and get several constructs wrong.
"""

from __future__ import annotations

from typing import Any, Protocol

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Element, Flow, Process

ROOT = "(process)"


class Machine(Protocol):
    """What a spec asks of the workflow that its token lives in."""

    def token_ready(self, token: Task) -> None: ...
    def perform(self, token: Task) -> bool | None: ...
    def leave(self, token: Task) -> None: ...
    def waiting_at(self, token: Task) -> list[Task]: ...
    def absorb(self, token: Task) -> None: ...


class Root(TaskSpec):  # type: ignore[misc]  # the library is untyped
    """The process itself: the scope above its tokens."""

    def _predict(self, my_task: Task, *_: Any, **__: Any) -> None:
        """Nothing is predicted: a token knows only where it is."""

    def test(self) -> None:
        """The readers have checked the model."""


class Node(Root):
    """A flow node: what comes in runs at once, what is done there is asked of the machine, and what leaves takes the flows it names."""

    def __init__(self, spec: WorkflowSpec, element: Element):
        super().__init__(spec, element.id, description=element.name)
        self.element = element

    def _update_hook(self, my_task: Task) -> bool:
        return True

    def _on_ready_hook(self, my_task: Task) -> None:
        my_task.workflow.token_ready(my_task)

    def _run_hook(self, my_task: Task) -> bool | None:
        answer: bool | None = my_task.workflow.perform(my_task)
        return answer

    def _on_complete_hook(self, my_task: Task) -> None:
        my_task.workflow.leave(my_task)


class ParallelGateway(Node):
    """Waits for one token on each incoming flow; excess tokens stay for the next round (BPMN 2.0.2, 13.4.1)."""

    def _update_hook(self, my_task: Task) -> bool:
        arrived = {my_task.internal_data.get("flow"): my_task}
        for other in my_task.workflow.waiting_at(my_task):
            arrived.setdefault(other.internal_data.get("flow"), other)
        if not set(self.element.incoming) <= set(arrived):
            my_task._set_state(TaskState.WAITING)
            return False
        for other in arrived.values():
            if other is not my_task:
                my_task.workflow.absorb(other)
        return True


_SPECS: dict[str, type[Node]] = {"parallelGateway": ParallelGateway}


class ProcessSpec(WorkflowSpec):  # type: ignore[misc]
    """The executable form of a process: made once, shared by all its instances, never changed."""

    def __init__(self, process: Process):
        super().__init__(process.key)
        self.process = process
        self.start = Root(self, ROOT)
        for element in process.elements.values():
            _SPECS.get(element.kind, Node)(self, element)

    def flows_from(self, element: Element) -> list[Flow]:
        """The outgoing flows in the order of the file."""
        return [self.process.flows[id] for id in element.outgoing]
