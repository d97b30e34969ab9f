"""Files of keys: made once, whole, and for their owner."""

from __future__ import annotations

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from engine import keyfiles
from engine.keyfiles import KeysUnreadable


def test_everybody_gets_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "key"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keyfiles.private_file(path, lambda: secrets.token_bytes(10_000)), range(16)))
    assert found == {path.read_bytes()}
    assert [each.name for each in path.parent.iterdir()] == ["key"], "no drafts stay"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_stays_when_making_fails(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise OSError("no randomness")

    with pytest.raises(OSError, match="no randomness"):
        keyfiles.private_file(tmp_path / "key", fail)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_cannot_be_used_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    locked = keyfiles.private_key(path, keyfiles.new_key()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    other_kind = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for pem in (b"", b"nonsense", locked, other_kind):
        with pytest.raises(KeysUnreadable, match=r"seal\.key"):
            keyfiles.private_key(path, pem)


def test_certificates_and_lists_that_cannot_be_read_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"", b"nonsense", b"-----BEGIN X509 CRL-----\nx\n-----END X509 CRL-----\n", b"\x30\x03\x02\x01\x01"):
        path.write_bytes(content)
        for read in (keyfiles.certificates, keyfiles.revocation_list):
            with pytest.raises(KeysUnreadable, match="file"):
                read(path)
