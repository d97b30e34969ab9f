"""What there is when a scenario expects something: the instances that are meant, and the same in words for a failure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from engine.bpmn.triggers import TerminateEvent
from engine.errors import RatchetError
from engine.jobs import table as jobs
from engine.runtime import store, views
from engine.scenarios.records import Records
from engine.scenarios.stage import Stage

Values = dict[str, Any]


class Unmet(RatchetError):
    """Something is not as the scenario expects."""


class Seen:
    """What there is to compare with. `all` are the instances that are meant, `top` those of them that nobody called."""

    def __init__(self, stage: Stage, name: str | None):
        self.stage, self.name, self.records = stage, name, Records(stage.reader)
        only = stage.named(name) if name is not None else None
        self.all = [row for row in self.records.instances if only in (None, row.id)]
        self.top = [row for row in self.all if row.parent_id is None or only]
        self.ids = {row.id for row in self.all}

    def states(self, instance: Any) -> set[str]:
        """What an instance has come to: an open one is in an incident, too, when something that it called is; and what ended by a
        terminate end event was terminated, as was what was canceled."""
        found = {instance.state}
        if instance.state == store.CANCELED or (instance.state == store.COMPLETED and self._is_terminated(instance)):
            found.add("terminated")
        if instance.ended_at is None:
            below = self.records.tree(instance.id)
            found |= {store.INCIDENT} & {row.state for row in self.records.instances if row.id in below}
        return found

    def _is_terminated(self, instance: Any) -> bool:
        elements = self.stage.engine.process_of(instance.definition_id, self.stage.reader).elements
        ends = {id for id, element in elements.items() if isinstance(element.event, TerminateEvent) and element.parent is None}
        return any(
            row.instance_id == instance.id and row.element_id in ends and row.state == "completed" for row in self.records.activities
        )

    # What expectations compare

    def tokens(self) -> Counter[str]:
        return Counter(name for row in self.all for _, _, name, _, _ in views.seen_tokens(row.tokens))

    def innermost(self) -> Counter[str]:
        """The tokens without the sub-processes around them and without the calls of what is meant itself."""
        found: Counter[str] = Counter()
        for row in self.all:
            around = {parent for _, parent, _, _, notes in row.tokens or [] if "host" not in (notes or {})}
            for id, _, name, _, notes in views.seen_tokens(row.tokens):
                if id not in around and (notes or {}).get("called") not in self.ids:
                    found[name] += 1
        return found

    def activities(self) -> list[Any]:
        return [row for row in self.records.activities if row.instance_id in self.ids]

    def counts(self, *states: str) -> Counter[str]:
        """How often each element was entered, or came to one of these states."""
        return Counter(row.element_id for row in self.activities() if not states or row.state in states)

    def ends(self) -> list[str]:
        """The end events that were reached."""
        return [row.element_id for row in self.activities() if (row.kind, row.state) == ("endEvent", "completed")]

    def visited(self) -> list[str]:
        """Elements and flows, also activities done several times that had no turn."""
        return [row.element_id for row in self.records.history if row.instance_id in self.ids]

    def orders(self) -> list[list[str]]:
        """The elements as they were entered, and as they were left."""
        diary = self.stage.engine.diary
        return [[element for id, element in places if id in self.ids] for places in (diary.entered, diary.left)]

    def variables(self, instances: Iterable[Any]) -> dict[str, list[Any]]:
        """The values of each variable of the instances themselves."""
        found: dict[str, list[Any]] = defaultdict(list)
        for row in instances:
            for name, value in self.own_variables(row).items():
                found[name].append(value)
        return found

    def own_variables(self, instance: Any) -> Values:
        return self.records.variables.get(instance.id, {})

    def variables_at(self, element: str) -> list[Values]:
        """What is seen from each token at an element, and what those that have left had of their own."""
        found = [self._seen_from(row, token[0]) for row in self.all for token in row.tokens or [] if token[2] == element]
        return found + [scope for row in self.all for scope in self.stage.engine.diary.scopes.get((row.id, element), ())]

    def _seen_from(self, instance: Any, token_id: str) -> Values:
        above = {id: parent for id, parent, *_ in instance.tokens}
        seen: Values = {}
        at: str | None = token_id
        while at is not None:  # the outermost token is the process itself, whose variables are the instance's
            seen = {**self.records.variables.get(instance.id if above[at] is None else at, {}), **seen}
            at = above[at]
        return seen

    def open_tasks(self) -> list[Any]:
        return [row for row in self.records.open_tasks if row.instance_id in self.ids]

    def incidents(self) -> list[str]:
        """The messages of everything without tries left, also of starts that never became an instance."""
        meant = self.ids if self.name is not None else {*self.ids, ""}
        return [f"{job.element_id}: {job.last_error}" for job in self.records.jobs if job.retries <= 0 and job.instance_id in meant]

    def timers(self) -> list[int]:
        """How many timers wait in the instances, and how many with those that start instances."""
        waiting = sum(job.kind == jobs.TIMER and job.instance_id in self.ids for job in self.records.jobs)
        starts = sum(job.kind == jobs.START for job in self.records.jobs)
        return [waiting, waiting + starts] if self.name is None else [waiting]

    def subscriptions(self) -> list[int]:
        """How many messages and signals are waited for in the instances, and how many with those that start instances."""
        waiting = sum(row.instance_id in self.ids for row in self.records.subscriptions)
        return [waiting, len(self.records.subscriptions)] if self.name is None else [waiting]

    def rows(self, table: str) -> list[Values]:
        found = self.records.table(table)
        if found is None:
            raise Unmet(f"expect rows: there is no table {table}.")
        return found
