"""The only place that reads and makes the files that keys, certificates and revocation lists are kept in: outside the database.

Who may read a key is up to its file, so it is made for its owner alone (0600).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from engine.errors import Refused

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class KeysUnreadable(Refused):
    """A file of certificates or keys cannot be used. The message names the file and what it must hold."""


def private_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; a missing one is made first, readable by its owner alone.

    Several processes may start at once: the file appears whole, and all of them read the one that appeared first.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _appear(path, make())
    return path.read_bytes()


def _appear(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with suppress(FileExistsError):  # somebody else made it in the meantime: theirs counts
            os.link(draft, path)
    finally:
        draft.unlink()


def certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError as error:
        raise KeysUnreadable(f"{path}: holds no certificates in PEM form.") from error


def revocation_list(path: Path) -> x509.CertificateRevocationList:
    content = path.read_bytes()
    load = x509.load_pem_x509_crl if content.startswith(b"-----") else x509.load_der_x509_crl
    try:
        return load(content)
    except ValueError as error:
        raise KeysUnreadable(f"{path}: is no certificate revocation list. Fetch it anew from the authority.") from error


def new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def private_key(path: Path, pem: bytes) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise KeysUnreadable(f"{path}: holds no private key in PEM form without a password.") from error
    if not isinstance(key, PrivateKey):
        raise KeysUnreadable(f"{path}: only elliptic-curve and RSA keys can seal.")
    return key
