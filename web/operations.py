"""The REST API of what analysts do with instances that are under way, one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from engine.core import Outcome, Planned
from engine.runtime.modification import Instruction
from engine.runtime.selection import IncidentInfo, Selection
from web import bodies
from web.asked import engine, person
from web.verbs import blueprint, checked, verb

__all__ = ["FILTERS", "blueprint", "selection"]
FILTERS = ("key", "state", "version", "business_key", "element", "incident", "started_after", "started_before")


def selection(asked: Mapping[str, str | None]) -> Selection:
    """The instances that a query means. Raises InvalidData that names what cannot be read."""
    return _selected(checked(bodies.Select, {name: value for name, value in asked.items() if value is not None}))


def _selected(body: bodies.Select) -> Selection:
    return Selection(**{**body.model_dump(), "ids": tuple(body.ids)})


@verb("PUT", "/instances/<instance_id>/suspension")
def suspend(instance_id: str) -> None:
    """Stop an instance for a while, with all that it called."""
    engine().suspend(instance_id, person())


@verb("DELETE", "/instances/<instance_id>/suspension")
def resume(instance_id: str) -> None:
    """Let a suspended instance go on."""
    engine().resume(instance_id, person())


@verb("PATCH", "/instances/<instance_id>/variables", takes=bodies.Change)
def change_variables(instance_id: str, body: bodies.Change) -> None:
    """Set and remove variables of an instance, or of an element that is under way."""
    engine().set_variables(instance_id, body.variables, person(), body.element, body.removed)


@verb("POST", "/instances/<instance_id>/modification", takes=bodies.Modify)
def modify(instance_id: str, body: bodies.Modify) -> None:
    """Begin before or after elements, cancel tokens: all of it, or none and the reasons why not."""
    asked = [Instruction(**one.model_dump()) for one in body.instructions]
    engine().modify(instance_id, asked, person(), body.variables)


@verb("POST", "/instances/<instance_id>/migration", takes=bodies.Migrate)
def migrate(instance_id: str, body: bodies.Migrate) -> None:
    """Take an instance to another version of its process; 400 with the reasons when it cannot go."""
    engine().migrate(instance_id, person(), body.version, body.mapping, body.renew)


@verb("POST", "/instances/<instance_id>/rerun", 201, takes=bodies.Rerun)
def rerun(instance_id: str, body: bodies.Rerun) -> dict[str, str]:
    """Start a new instance like this one; gives its id."""
    return {"id": engine().rerun(instance_id, person(), **body.model_dump())}


@verb("POST", "/migration-plans", takes=bodies.PlanMigration)
def plan_migration(body: bodies.PlanMigration) -> Planned:
    """What would become of the open instances of a version: the mapping, and what stands in the way of whom. Changes nothing."""
    chosen = _selected(body.selection) if body.selection else None
    return engine().plan_migration(body.key, body.from_version, person(), body.to_version, body.mapping, chosen)


@verb("POST", "/batches", takes=bodies.Batch)
def batch(body: bodies.Batch) -> list[Outcome]:
    """Do the same with every instance that is selected, each in a transaction of its own; what came of each."""
    model, act = _BATCHES[body.operation]
    arguments = checked(model, body.arguments, "arguments.")
    return engine().each(_selected(body.selection), lambda id: act(id, arguments), person())


@verb("GET", "/incidents", asks=FILTERS)
def incidents(**asked: str | None) -> list[IncidentInfo]:
    """What failed and is not tried again by itself, the longest open first."""
    return engine().incidents(person(), selection(asked))


@verb("POST", "/incidents/<incident_id>/retry")
def retry_incident(incident_id: str) -> None:
    """Try one incident once more."""
    engine().retry_job(incident_id, person())


@verb("POST", "/signals", takes=bodies.Signal)
def signal(body: bodies.Signal) -> dict[str, list[str]]:
    """Broadcast a signal to everything that waits for it now. Gives the instances that it reached."""
    return {"reached": engine().signal(body.name, body.variables, person())}


@verb("DELETE", "/definitions/<definition_id>", asks=("with_instances",))
def delete_definition(definition_id: str, with_instances: str | None) -> None:
    """Delete a version of a process that nobody uses; with `with_instances=true` also its instances that have finished."""
    engine().delete_definition(definition_id, person(), with_instances == "true")


@verb("POST", "/clean-up")
def clean_up() -> dict[str, int]:
    """Forget the instances that finished longer ago than their process keeps them. Gives how many."""
    return {"instances": engine().clean_up(person())}


def _rerun(id: str, body: Any) -> str:
    return engine().rerun(id, person(), **body.model_dump())


def _modify(id: str, body: Any) -> None:
    engine().modify(id, [Instruction(**one.model_dump()) for one in body.instructions], person(), body.variables)


_BATCHES: dict[str, tuple[type[BaseModel], Callable[[str, Any], str | None]]] = {
    "suspend": (bodies.Nothing, lambda id, _: engine().suspend(id, person())),
    "resume": (bodies.Nothing, lambda id, _: engine().resume(id, person())),
    "cancel": (bodies.Nothing, lambda id, _: engine().cancel(id, person())),
    "retry": (bodies.Nothing, lambda id, _: engine().retry(id, person())),
    "change-variables": (
        bodies.Change, lambda id, body: engine().set_variables(id, body.variables, person(), body.element, body.removed)
    ),
    "modify": (bodies.Modify, _modify),
    "migrate": (bodies.Migrate, lambda id, body: engine().migrate(id, person(), body.version, body.mapping, body.renew)),
    "rerun": (bodies.Rerun, _rerun),
}  # fmt: skip
