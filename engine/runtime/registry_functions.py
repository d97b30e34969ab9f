"""The registry platform's functions for JUEL and Groovy beyond people and submissions: messages, callers, stored files, signatures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from engine import containers, signing
from engine.data import files
from engine.data.errors import DataError
from engine.data.files import File
from engine.errors import Refused
from engine.expressions.exposed import Exposed
from engine.expressions.spin import JsonNode
from engine.runtime.values import from_json, plain

if TYPE_CHECKING:
    from engine.runtime.functions import Setting


class NotHere(Refused):
    """This function needs a system that Ratchet does not talk to."""


@dataclass(frozen=True)
class MessagePayload(Exposed):
    """What a message brought with which the instance began."""

    exposed: ClassVar[frozenset[str]] = frozenset({"data"})
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ProcessCaller(Exposed):
    """The instance that called this one; nothing where nobody did."""

    exposed: ClassVar[frozenset[str]] = frozenset({"id"})
    id: str | None = None


@dataclass(frozen=True)
class DocumentMetadata(Exposed):
    """A stored file as models see it."""

    exposed: ClassVar[frozenset[str]] = frozenset({"id", "name", "type", "checksum", "size"})
    id: str
    name: str
    type: str
    checksum: str
    size: int


def functions(at: Setting) -> dict[str, Callable[..., Any]]:
    """The functions by the names that models call them."""
    return {
        "message_payload": lambda start_event_id: _message_payload(at, start_event_id),
        "process_caller": lambda: ProcessCaller(at.parent_id),
        "save_digital_document": lambda content, name: _save(at, content, name),
        "save_digital_document_from_url": _save_from_url,
        "load_digital_document": lambda id: files.content(at.tx, _id(id)),
        "get_digital_document_metadata": lambda id: _metadata(at, _id(id)),
        "signature_content": lambda data, container=containers.ALL: _shown(_opened(data, container)[0]),
        "signature_details": lambda data, container=containers.ALL: _details(at, data, container),
        "get_trembita_auth_token": _no_trembita,
    }


def _message_payload(at: Setting, start_event_id: str) -> MessagePayload:
    began = at.began()
    return MessagePayload(from_json(began.get("variables", {}))) if began.get("start") == start_event_id else MessagePayload()


def _save(at: Setting, content: Any, name: str) -> DocumentMetadata:
    made = files.put(at.tx, str(name), _bytes(content), at.clock.now(), person=at.who.id, instance=at.instance_id)
    return _as_metadata(made)


def _metadata(at: Setting, id: str) -> DocumentMetadata:
    found = files.facts(at.tx, id)
    if found is None:
        raise DataError("FILE_NOT_FOUND", f"There is no file {id!r}.")
    return _as_metadata(found)


def _as_metadata(found: File) -> DocumentMetadata:
    return DocumentMetadata(found.id, found.name, found.type, found.checksum, found.size)


def _id(named: Any) -> str:
    """A file is named by its id, or by what is known of it."""
    if isinstance(named, JsonNode):
        named = named.data.get("id") if named.isObject() else named.data
    return str(getattr(named, "id", named))


def _bytes(content: Any) -> bytes:
    """Bytes, the numbers of bytes as Java has them, or text in UTF-8."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, list):
        return bytes(int(number) & 0xFF for number in content)
    return str(content).encode()


def _opened(data: Any, container: str) -> tuple[bytes, bytes]:
    return containers.opened(containers.decoded(data), str(container).upper())


def _shown(content: bytes) -> str:
    """Text where it is text, else Base64."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return b64encode(content).decode()


def _details(at: Setting, data: Any, container: str) -> JsonNode:
    """Who signed, judged now by the server's own trust anchors."""
    content, cms = _opened(data, container)
    found = signing.verify(content, cms, at.trust(), at.clock.now())
    return JsonNode.of(plain(vars(found)))


def _save_from_url(url: Any, name: Any) -> None:
    raise NotHere(f"save_digital_document_from_url: Ratchet fetches nothing from other hosts ({url}). Upload the file, or store its bytes.")


def _no_trembita(name: Any) -> None:
    raise NotHere(f"get_trembita_auth_token: Ratchet is not connected to Trembita ({name}). Put the token into a secret or a variable.")
