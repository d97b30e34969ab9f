"""Verbs: what analysts do with instances that are under way, one by one or many at once, and running them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from engine import access, db
from engine.core.kernel import Kernel
from engine.errors import RatchetError, Refused
from engine.identity import Person
from engine.runtime import changing, definitions, modification, scopes, selection, store, submissions, suspension, views
from engine.runtime.case import Case
from engine.runtime.modification import Instruction
from engine.runtime.run import Run
from engine.runtime.scopes import Scopes
from engine.runtime.selection import IncidentInfo, Selection
from engine.runtime.store import Instance
from engine.runtime.values import from_json
from engine.runtime.views import InstanceInfo


@dataclass(frozen=True)
class Outcome:
    """What came of a batch for one instance: done, with the new instance's id where one was made, or the reason why not."""

    instance_id: str
    done: bool
    message: str | None = None
    made: str | None = None


class Operations(Kernel):
    """What analysts do with instances."""

    def suspend(self, instance_id: str, who: Person) -> None:
        """Stop an instance for a while, with all that it called: no job runs, nothing reaches it, no task can be completed."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            _at_the_top(case.open(instance_id), "suspend")
            for id in store.tree_of(tx, instance_id):
                suspension.suspend(case.open_any(id))
            case.settle()

    def resume(self, instance_id: str, who: Person) -> None:
        """Let a suspended instance go on, with all that it called. What fell due meanwhile runs, messages that are still kept reach it."""
        access.require_analyst(who)
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            found = case.open_any(instance_id)
            _at_the_top(found, "resume")
            if not found.suspended:
                raise Refused(f"The instance {instance_id} is not suspended.")
            for id in store.tree_of(tx, instance_id):
                suspension.resume(case.open_any(id))
            case.settle()

    def set_variables(
        self, instance_id: str, variables: Mapping[str, Any], who: Person, element_id: str | None = None, removed: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Change and remove variables of an instance, or of an element or token that is under way; conditional events see it.

        In a suspended instance they see it when it is resumed.
        """
        access.require_analyst(who)
        _require_names([*variables, *removed])
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            changing.change(case.open_any(instance_id), variables, element_id, removed)
            case.settle()

    def modify(
        self, instance_id: str, instructions: Sequence[Instruction], who: Person, variables: Mapping[str, Any] | None = None
    ) -> None:  # fmt: skip
        """Change where an instance stands; variables of the instance are set first. Raises ModificationRefused with reasons."""
        access.require_analyst(who)
        _require_names([name for given in (variables or {}, *(one.variables for one in instructions)) for name in given])
        with self._moving(who, instance_id) as tx:
            case = self._case(tx, who)
            found = case.open(instance_id)
            if variables:
                changing.change(found, variables)
            modification.apply(found, instructions)
            case.settle()

    def rerun(
        self, instance_id: str, who: Person, version: int | None = None, before: Sequence[str] = (), after: Sequence[str] = (),
        variables: Mapping[str, Any] | None = None, removed: Sequence[str] = (), as_it_is: bool = False,
    ) -> str:  # fmt: skip
        """A new instance like another one, which may have ended, linked to it; its id.

        version            of the process; default: the one that the other is on
        before, after      elements to begin at; default: where the other began
        variables, removed what is different from those that the other began with, or, with `as_it_is`, from those that it has now
        """
        access.require_analyst(who)
        _require_names(variables or {})
        with self._moving(who, instance_id) as tx:
            original = store.get(tx, instance_id)
            began = _began(tx, original, as_it_is)
            given = {name: value for name, value in {**began["variables"], **(variables or {})}.items() if name not in removed}
            new = self._like(self._case(tx, who), original, version)
            if before or after:
                new.begin(given, None, before, after)
            else:
                new.begin(given, began.get("start"), began.get("before", ()), began.get("after", ()))
            submissions.copy(tx, original.id, new.instance.id, only_start=not (before or after))
            new.case.settle()
            return new.instance.id

    def _like(self, case: Case, original: Instance, version: int | None) -> Run:
        key = self._definitions.get(case.tx, original.definition_id).key
        id = original.definition_id if version is None else definitions.find_id(case.tx, key, version)
        new = case.new(self._definitions.get(case.tx, id), original.business_key)
        new.instance = replace(new.instance, rerun_of=original.id)
        return new

    def incidents(self, who: Person, chosen: Selection = Selection()) -> list[IncidentInfo]:  # noqa: B008  # frozen
        """What failed and is not tried again by itself, the longest open first."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            return selection.incidents(tx, chosen)

    def select(self, chosen: Selection, who: Person) -> list[InstanceInfo]:
        """The instances that a batch would be about."""
        access.require_analyst(who)
        with db.read(self.database) as tx:
            return views.instances_of(tx, selection.ids(tx, chosen))

    def each(self, chosen: Selection, act: Callable[[str], str | None], who: Person) -> list[Outcome]:
        """Do something with every instance that is meant, each in a transaction of its own; what came of each."""
        access.require_analyst(who)
        if chosen.is_empty:
            raise Refused("Say which instances are meant: their process, version, state, element, business key, incident, start or ids.")
        with db.read(self.database) as tx:
            found = selection.ids(tx, chosen)
        return [_outcome(id, act) for id in found]


def _outcome(instance_id: str, act: Callable[[str], str | None]) -> Outcome:
    try:
        return Outcome(instance_id, True, made=act(instance_id))
    except RatchetError as refused:
        return Outcome(instance_id, False, str(refused))


def _at_the_top(found: Run, what: str) -> None:
    if found.instance.parent_id is not None:
        raise Refused(f"This instance was called by the instance {found.instance.parent_id}; {what} that one.")


def _began(tx: Connection, original: Instance, as_it_is: bool) -> dict[str, Any]:
    """What an instance began with; `as_it_is`: at the same place, with the variables that it has now."""
    if not as_it_is:
        began = store.began_with(tx, original.id)
        return {**began, "variables": from_json(began["variables"])}
    now = Scopes(original.id)
    now.load(scopes.ask(tx, original.id).rows())
    return {"variables": {name: value for name, value in now.local(original.id).items() if not name.startswith("(")}}


def _require_names(names: Sequence[str] | Mapping[str, Any]) -> None:
    wrong = [name for name in names if not name.strip() or name.startswith("(")]
    if wrong:
        raise Refused(f"“{wrong[0]}” is no name for a variable.")
