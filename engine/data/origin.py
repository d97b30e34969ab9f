"""The only place that says where a change comes from: who made it, in which process, and under which signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Who(Protocol):
    """A person, as far as the data factory must know one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def serial_number(self) -> str | None: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def groups(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Origin:
    """Who changes data, and from where.

    person                 written to history by serial number, or by id when there is none
    process                the key of the process definition
    process_definition_id  the version of it that runs
    process_instance_id    the instance
    activity               the id of the element in the model
    activity_instance_id   this turn of that element
    """

    person: Who
    source_system: str = "Low-code Platform"
    source_application: str = "ratchet"
    process: str | None = None
    process_definition_id: str | None = None
    process_instance_id: str | None = None
    activity: str | None = None
    activity_instance_id: str | None = None


@dataclass(frozen=True)
class Signed:
    """The documents that stand for a change: the person's own signature and the server's ("derived") one, each by its storage key."""

    key: str | None
    derived_key: str | None


UNSIGNED = Signed(None, None)


@dataclass(frozen=True)
class Stamp:
    """What history keeps about a change beside the row: its origin, its moment, and the signatures as they were when checked."""

    origin: Origin
    at: datetime
    signed: Signed = UNSIGNED
    checksum: str | None = None
    derived_checksum: str | None = None
