"""The only place that reads the data factory's request headers: who changes data, from where, and under which signatures."""

from __future__ import annotations

from collections.abc import Mapping

from engine.data.errors import DataError
from engine.data.origin import Origin, Signed, Who

_SIGNATURE, _DERIVED = "X-Digital-Signature", "X-Digital-Signature-Derived"
_SYSTEM, _APPLICATION, _PROCESS = "X-Source-System", "X-Source-Application", "X-Source-Business-Process"
_MANDATORY = (_SYSTEM, _APPLICATION, _PROCESS)


def read(headers: Mapping[str, str], person: Who, signed: bool = True) -> tuple[Origin, Signed]:
    """The origin and signatures of a request that changes data; header names in any case. `signed`: both signatures are mandatory.

    `DataError`: HEADERS_ARE_MISSING names those that are not there; INVALID_HEADER_VALUE when the token's person has no serial number
    (claim `drfo`) or no full name.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    missing = [name for name in ((_SIGNATURE, _DERIVED) if signed else ()) + _MANDATORY if not given.get(name.lower())]
    if missing:
        raise DataError("HEADERS_ARE_MISSING", f"The request lacks the headers {', '.join(missing)}.")
    if not (person.serial_number and person.name):
        raise DataError("INVALID_HEADER_VALUE", "X-Access-Token: the token must carry the claims drfo and fullName.")
    return _origin(given, person), Signed(given.get(_SIGNATURE.lower()) or None, given.get(_DERIVED.lower()) or None)


def _origin(given: Mapping[str, str], person: Who) -> Origin:
    return Origin(
        person=person,
        source_system=given[_SYSTEM.lower()],
        source_application=given[_APPLICATION.lower()],
        process=given[_PROCESS.lower()],
        process_definition_id=given.get("x-source-business-process-definition-id"),
        process_instance_id=given.get("x-source-business-process-instance-id"),
        activity=given.get("x-source-business-activity"),
        activity_instance_id=given.get("x-source-business-activity-instance-id"),
    )
