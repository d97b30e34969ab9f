"""The only place that makes and checks the system's own signature, the seal (the "derived" one of the data factory's contract)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from engine import cades
from engine.cades import Cades, SignatureRefused
from engine.clock import Clock, SystemClock
from engine.keyfiles import KeysUnreadable, PrivateKey, PublicKey, certificates, new_key, private_file, private_key

NAME = "Ratchet system seal"
YEARS = 10


@dataclass(frozen=True)
class _Kind:
    """How keys of one kind sign: asn1crypto's name of it, and what `cryptography` wants to be told."""

    keys: tuple[type, type]
    algorithm: str
    parameters: tuple[Any, ...]


_KINDS = (
    _Kind((ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey), "sha256_ecdsa", (ec.ECDSA(hashes.SHA256()),)),
    _Kind((rsa.RSAPrivateKey, rsa.RSAPublicKey), "sha256_rsa", (padding.PKCS1v15(), hashes.SHA256())),
)


class SystemSigner:
    """The system's own signature, the seal: made with the key in a folder, and checked against the certificates in it.

    `seal.key` signs; `seal.crt` is its certificate. Certificates of earlier keys stay beside them as further `*.crt` files, so that what
    they sealed is still known. Checking a seal is a direct look at these certificates: there is no chain to follow.
    """

    def __init__(
        self, key: PrivateKey, certificate: x509.Certificate, earlier: Iterable[x509.Certificate] = (), clock: Clock | None = None
    ):
        self.certificate = certificate
        self._clock = clock or SystemClock()
        self._keys = {_fingerprint(known): _public_key(known) for known in (certificate, *earlier)}
        kind, sign = _kind(key), cast(Any, key.sign)
        self._composer = cades.Composer(certificate.public_bytes(Encoding.DER), kind.algorithm, lambda data: sign(data, *kind.parameters))

    @classmethod
    def load(cls, folder: Path, clock: Clock | None = None) -> SystemSigner:
        """The seal of a folder; an empty or missing folder gets a new key (0600) and a self-signed certificate. Raises KeysUnreadable."""
        clock = clock or SystemClock()
        key_path, certificate_path = folder / "seal.key", folder / "seal.crt"
        if certificate_path.exists() and not key_path.exists():
            raise KeysUnreadable(f"{key_path}: the key of {certificate_path.name} is missing. Bring it back from the backup.")
        key = private_key(key_path, private_file(key_path, new_key))
        private_file(certificate_path, lambda: self_signed(key, clock.now()).public_bytes(Encoding.PEM))
        certificate, earlier = certificates(certificate_path)[0], [c for path in sorted(folder.glob("*.crt")) for c in certificates(path)]
        if certificate.public_key() != key.public_key():
            raise KeysUnreadable(f"{certificate_path}: is not the certificate of {key_path.name}. Put the right pair there.")
        return cls(key, certificate, earlier, clock)

    def sign(self, content: bytes) -> bytes:
        """A detached CAdES-B signature over `content`, DER."""
        return self._composer.compose(content, self._clock.now())

    def verify(self, content: bytes, cms: bytes) -> None:
        """Raises SignatureRefused unless `cms` is this system's seal on exactly `content`: changed, not-ours, malformed, algorithm."""
        signature = cades.read(cms)
        key = self._keys.get(signature.certificate.sha256)
        if key is None:
            raise SignatureRefused("This signature was not made by this system.", reason="not-ours")
        if not signature.is_over(content) or not _fits(key, signature):
            raise SignatureRefused("The document was changed after the system had signed it.", reason="changed")


def self_signed(key: PrivateKey, at: datetime) -> x509.Certificate:
    """A certificate for a seal that no authority vouches for."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), at, at + timedelta(days=365 * YEARS))
    return builder.sign(key, hashes.SHA256())


def _kind(key: PrivateKey | PublicKey) -> _Kind:
    return next(kind for kind in _KINDS if isinstance(key, kind.keys))


def _fits(key: PublicKey, signature: Cades) -> bool:
    verify: Any = key.verify
    try:
        verify(signature.signature, signature.signed_bytes, *_kind(key).parameters)
    except InvalidSignature:
        return False
    return True


def _public_key(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if not isinstance(key, PublicKey):
        raise KeysUnreadable("A seal certificate must have an elliptic-curve or RSA key.")
    return key


def _fingerprint(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())
