"""Everything that one verb moves: the instances of one tree of calls, locked together, with the transaction and the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from engine.delegates.call import World
from engine.errors import Refused
from engine.identity import Person
from engine.prepared import Answer, Row, in_one, together
from engine.runtime import scopes, starts, store
from engine.runtime.definitions import Definition, Definitions
from engine.runtime.run import Run
from engine.runtime.store import Instance
from engine.runtime.suspension import Suspended
from engine.runtime.tokens import Token

FindPerson = Callable[[Connection, str], Person | None]


class Case:
    """The instances in hand. `open` takes one up, `begin` starts one, `settle` runs and writes all of them."""

    def __init__(self, tx: Connection, world: World, definitions: Definitions, who: Person, find_person: FindPerson):
        self.tx, self.world, self.definitions, self.who, self.find_person = tx, world, definitions, who, find_person
        self.now: datetime = world.clock.now()
        self.runs: dict[str, Run] = {}
        self._held: dict[str, Instance] = {}
        self._variables: dict[str, list[Row]] = {}

    def open(self, instance_id: str) -> Run:
        """An instance to be moved, held for this verb; refused when it has ended or is suspended."""
        found = self.open_any(instance_id)
        if found.suspended:
            raise Suspended(instance_id)
        return found

    def hold(self, instance_id: str, *asking: Callable[[Connection], Answer]) -> list[Answer]:
        """Nobody else moves an instance, what it calls or what calls it until the transaction ends; what is then asked goes along."""
        with together(self.tx):
            if instance_id not in self._held:
                store.lock(self.tx, instance_id)
                instance, variables = store.ask(self.tx, instance_id), scopes.ask(self.tx, instance_id)
            asked = [ask(self.tx) for ask in asking]
        if instance_id not in self._held:
            self._held[instance_id] = store.read(instance, instance_id)
            self._variables[instance_id] = variables.rows()
        return asked

    def variables(self, instance_id: str) -> list[Row]:
        """The saved variables of an instance."""
        found = self._variables.pop(instance_id, None)
        return scopes.ask(self.tx, instance_id).rows() if found is None else found

    def open_any(self, instance_id: str) -> Run:
        """An instance that has not ended, even a suspended one, held for this verb."""
        if instance_id in self.runs:
            return self.runs[instance_id]
        self.hold(instance_id)
        found = self._held[instance_id]
        if found.state not in (*store.OPEN, store.SUSPENDED):
            raise Refused(f"The instance {instance_id} has ended ({found.state}).")
        return self.take(found)

    def open_if_going(self, instance_id: str) -> Run | None:
        """An instance held for this verb; None where it has ended or been suspended since somebody looked."""
        self.hold(instance_id)
        found = self._held[instance_id]
        return self.open_any(instance_id) if found.state in store.OPEN else None

    def take(self, found: Instance) -> Run:
        """An instance as it was read, in whatever state it is."""
        if found.id not in self.runs:
            self.runs[found.id] = Run(self, self.definitions.get(self.tx, found.definition_id), found)
        return self.runs[found.id]

    def new(self, definition: Definition, business_key: str | None, caller: Run | None = None, token: Token | None = None) -> Run:
        """A new instance, which has not begun; one that is called belongs to its caller's tree."""
        above = (caller.instance.root_id or caller.instance.id, caller.instance.id, token.id) if caller and token else (None, None, None)
        made = Instance(str(uuid4()), definition.id, business_key, store.ACTIVE, None, 0, self.who.id, self.now, None, *above)
        run = self.take(made)
        run.is_new = True
        return run

    def advance(self) -> None:
        """Run every instance in hand to its next rest."""
        going = True
        while going:
            going = False
            for run in list(self.runs.values()):
                going |= not run.suspended and run.tokens.run()
                going |= run.hand_back()

    def settle(self) -> None:
        """Run everything to its next rest and write it; what then follows on an end, too."""
        over: set[str] = set()
        going = True
        while going:
            self.advance()
            with in_one(self.tx):
                written = [(run, run.save()) for run in self.runs.values() if run.instance.id not in over]
            for run, jobs in written:
                run.save_jobs(jobs)
            ended = [run for run in self.runs.values() if run.ended and run.instance.id not in over]
            over |= {run.instance.id for run in ended}
            followed = [starts.follow(self, run) for run in ended]
            going = any(followed)
