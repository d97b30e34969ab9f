"""The only place that opens what a signature may come in together with its content: an enveloping CMS (CAdES), or an ASiC-S container.

CAdES: the CMS holds the content (ETSI EN 319 122-1). ASiC-S: a ZIP of one file and META-INF/signature.p7s over it (EN 319 162-1).
"""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from asn1crypto import cms

from engine.cades import UNREADABLE, malformed

LARGEST = 20 * 1024 * 1024
_ZIP = b"PK"
_SIGNATURE = "META-INF/signature.p7s"
CADES, ASIC, ALL = "CADES", "ASIC", "ALL"


def decoded(data: object) -> bytes:
    """A container from its bytes, or from Base64. SignatureRefused (`malformed`) for anything else."""
    if isinstance(data, bytes):
        return data
    try:
        return b64decode("".join(str(data).split()), validate=True)
    except ValueError as error:
        raise malformed("it is not in Base64") from error


def opened(container: bytes, kind: str = ALL) -> tuple[bytes, bytes]:
    """The content and the detached signature over it. SignatureRefused (`malformed`) when the container is not of that kind."""
    looks = ASIC if container.startswith(_ZIP) else CADES
    if kind not in (looks, ALL):
        raise malformed(f"it is a container of the kind {looks}, not {kind}")
    return _READERS[looks](container)


def _enveloping(container: bytes) -> tuple[bytes, bytes]:
    try:
        info = cms.ContentInfo.load(container, strict=True)
        held = info["content"]["encap_content_info"]["content"].native
        if not isinstance(held, bytes):
            raise malformed("it holds no content")
        info["content"]["encap_content_info"] = {"content_type": "data"}
        return held, bytes(info.dump(force=True))
    except UNREADABLE as error:
        raise malformed("it is no CMS") from error


def _zipped(container: bytes) -> tuple[bytes, bytes]:
    try:
        with ZipFile(BytesIO(container)) as archive:
            names = [name for name in archive.namelist() if not name.startswith("META-INF/") and name != "mimetype"]
            if len(names) != 1 or sum(archive.getinfo(name).file_size for name in (*names, _SIGNATURE)) > LARGEST:
                raise malformed("it does not hold exactly one file of at most 20 MB")
            return archive.read(names[0]), archive.read(_SIGNATURE)
    except (BadZipFile, KeyError, RuntimeError, EOFError) as error:
        raise malformed("it is no ASiC-S container") from error


_READERS = {CADES: _enveloping, ASIC: _zipped}
