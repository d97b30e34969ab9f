"""The only place that says what a delegate is: what it is handed (`Call`, `World`) and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from engine.clock import Clock
from engine.data.origin import Origin
from engine.data.schema import Registry
from engine.identity import Tokens
from engine.secrets import Secrets
from engine.signing import SystemSigner, Trust


@dataclass(frozen=True)
class World:
    """What outlives a call; built once by the engine's front.

    registry     the data factory's tables as they are now, seen through the caller's transaction
    secrets      what `secrets.NAME` stands for
    connections  "host:port/database" as a model writes it -> the URL that is really used
    seal         the server's own signature; None where none is configured
    tokens       reads the access tokens that forms and processes hand on
    clock        the only clock
    foreign      URL -> the pooled engine of a database that is not the engine's own
    remote_types which job types of ours are left to connector runtimes elsewhere
    trust        whom to believe when signatures are checked: nobody, where nothing says it
    has_registry whether the call's own transaction is one on a registry; a connector runtime has none
    """

    registry: Callable[[Connection], Registry]
    secrets: Secrets
    connections: Mapping[str, str]
    seal: SystemSigner | None
    tokens: Tokens
    clock: Clock
    foreign: Callable[[str], Engine]
    remote_types: frozenset[str] = frozenset()
    has_registry: bool = True
    trust: Callable[[], Trust] = Trust


@dataclass(frozen=True)
class Lasting:
    """A variable of the activity that is not transient: what an output parameter makes of it stays."""

    value: Any


@dataclass(frozen=True)
class ForInstance:
    """A result that is no local of the activity, but a variable of the instance itself, and stays."""

    value: Any


@dataclass(frozen=True)
class NewBusinessKey:
    """A result that is no variable at all, but the instance's business key from now on."""

    key: str


def _nothing(element_id: str | None) -> Any:
    return None


@dataclass(frozen=True)
class Call:
    """One activity's call of a delegate, inside the caller's transaction.

    tx                the transaction: the delegate writes on it and never commits
    inputs            the input parameters, by name
    origin            who acts, and in which process, instance and activity
    root_instance_id  the instance at the top of the call chain
    world             everything that outlives the call
    key               the same for every attempt of one activity instance: marks effects on foreign databases
    headers           the task headers of a Camunda-8 model
    secret_inputs     the dotted paths of the inputs whose text in the model names a secret: only there is one put in
    declared          the names of the inputs that the model itself gives; all others are variables that happen to be in sight
    written           those of them that are plain text in the model, so that no variable can have a part in them
    submitted         element id -> the JSON object that was submitted there in this instance; None means its start form
    """

    tx: Connection
    inputs: Mapping[str, Any]
    origin: Origin
    root_instance_id: str
    world: World
    key: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_inputs: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    submitted: Callable[[str | None], Any] = _nothing


Delegate = Callable[[Call], dict[str, Any]]
"""Gives the variables that the activity sets: `{"response": …}` for most."""
