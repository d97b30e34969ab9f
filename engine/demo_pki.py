"""The only place that plays the certificate authority: keys and certificates for demonstrations and tests, never for real officers.

A root authority certifies an issuing one, which certifies people and the system's seal. In the folder:
    authority/   the authorities' keys            trust/   what signing.Trust reads: roots.pem, issuing.pem, root.crl, issuing.crl
    seal/        what signing.SystemSigner reads  people/  the officers' .p12 files
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from engine.clock import SystemClock
from engine.keyfiles import PrivateKey, certificates, new_key, private_file, private_key, revocation_list

# Wide enough that neither a test clock nor an old demonstration falls out of it.
PAST, FUTURE = timedelta(days=365), timedelta(days=3650)
ORGANIZATION = "Ratchet demonstration"


@dataclass(frozen=True)
class DemoPki:
    """The folder of one demonstration authority."""

    folder: Path

    @property
    def trust(self) -> Path:
        return self.folder / "trust"

    @property
    def seal(self) -> Path:
        return self.folder / "seal"

    @property
    def people(self) -> Path:
        return self.folder / "people"

    @property
    def root(self) -> _Authority:
        return _authority(self.folder / "authority" / "root.key", self.trust / "roots.pem")

    @property
    def issuing(self) -> _Authority:
        return _authority(self.folder / "authority" / "issuing.key", self.trust / "issuing.pem")


@dataclass(frozen=True)
class Holder:
    """Who gets a key file.

    serial_number  becomes the subject's serialNumber: what ties the certificate to a person of identity.
    filename       of the .p12 in the folder `people`.
    """

    name: str
    serial_number: str
    filename: str


@dataclass(frozen=True)
class _Authority:
    key: PrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True)
class _Span:
    begin: datetime
    end: datetime


def make_pki(folder: Path, people: Iterable[tuple[str, str, str]] = (), password: str = "", at: datetime | None = None) -> DemoPki:
    """A demonstration authority in `folder`, with a key file for each of `people`: (name, serial number, file name).

    What is there already is kept: calling it again adds only what is missing. `at` is the moment that the certificates are made
    around: a year before to ten years after.
    """
    pki, at = DemoPki(folder), at or SystemClock().now()
    if not (pki.trust / "issuing.crl").exists():
        _found(pki, at)
    for person in people:
        holder = Holder(*person)
        if not (pki.people / holder.filename).exists():
            issue(pki, holder, password, at)
    return pki


def issue(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A good key file (.p12, AES-256) for one more person."""
    return _key_file(pki, holder, password, pki.issuing, _around(at))


def issue_expired(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A key file whose certificate ended a day before `at`."""
    return _key_file(pki, holder, password, pki.issuing, _Span(at - PAST, at - timedelta(days=1)))


def issue_early(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A key file whose certificate begins a day after `at`."""
    return _key_file(pki, holder, password, pki.issuing, _Span(at + timedelta(days=1), at + FUTURE))


def issue_unfit(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A key file whose certificate is for encryption, not for signing."""
    return _key_file(pki, holder, password, pki.issuing, _around(at), _usage("key_encipherment"))


def issue_revoked(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A key file that is good but for its certificate's having been revoked a day before `at`."""
    path = issue(pki, holder, password, at)
    revoke(pki, path, password, at - timedelta(days=1))
    return path


def issue_rogue(pki: DemoPki, holder: Holder, password: str, at: datetime) -> Path:
    """A key file of an impostor: authorities of the same names, with keys of their own."""
    root = _self_certified(pki.root.certificate.subject, at)
    return _key_file(pki, holder, password, _certified(pki.issuing.certificate.subject, root, at), _around(at))


def revoke(pki: DemoPki, key_file: Path, password: str, at: datetime) -> None:
    """Put the certificate of a key file on the issuing authority's revocation list: it is good no more after `at`."""
    certificate = pkcs12.load_pkcs12(key_file.read_bytes(), password.encode()).cert
    if certificate is None:
        raise ValueError(f"{key_file}: has no certificate")
    path = pki.trust / "issuing.crl"
    number = certificate.certificate.serial_number
    entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(at.replace(microsecond=0)).build()
    path.write_bytes(_revocation_list(pki.issuing, at, [*revocation_list(path), entry]))


def _found(pki: DemoPki, at: datetime) -> None:
    keys = pki.folder / "authority"
    root = _self_certified(_name("Demonstration Root CA"), at, keys / "root.key")
    issuing = _certified(_name("Demonstration Issuing CA"), root, at, keys / "issuing.key")
    seal_key = _key(pki.seal / "seal.key")
    seal = _certificate(_name("Ratchet system seal"), seal_key, issuing, _around(at), _usage("digital_signature", "content_commitment"))
    private_file(pki.seal / "seal.crt", lambda: seal.public_bytes(Encoding.PEM))
    pki.trust.mkdir(parents=True, exist_ok=True)
    (pki.trust / "roots.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (pki.trust / "issuing.pem").write_bytes(issuing.certificate.public_bytes(Encoding.PEM))
    (pki.trust / "root.crl").write_bytes(_revocation_list(root, at))
    (pki.trust / "issuing.crl").write_bytes(_revocation_list(issuing, at))


def _around(at: datetime) -> _Span:
    return _Span(at - PAST, at + FUTURE)


def _authority(key: Path, certificate: Path) -> _Authority:
    return _Authority(private_key(key, key.read_bytes()), certificates(certificate)[0])


def _key(path: Path | None = None) -> PrivateKey:
    """The key in that file, made when missing; without a path a key that is kept nowhere."""
    return private_key(path, private_file(path, new_key)) if path else ec.generate_private_key(ec.SECP256R1())


def _self_certified(name: x509.Name, at: datetime, path: Path | None = None) -> _Authority:
    key = _key(path)
    builder = _builder(name, key, name, _around(at), x509.BasicConstraints(True, 1), _usage("key_cert_sign", "crl_sign"))
    return _Authority(key, builder.sign(key, hashes.SHA256()))


def _certified(name: x509.Name, by: _Authority, at: datetime, path: Path | None = None) -> _Authority:
    key = _key(path)
    return _Authority(key, _certificate(name, key, by, _around(at), _usage("key_cert_sign", "crl_sign"), x509.BasicConstraints(True, 0)))


def _certificate(
    name: x509.Name, key: PrivateKey, by: _Authority, span: _Span, usage: x509.KeyUsage, constraints: x509.BasicConstraints | None = None
) -> x509.Certificate:
    builder = _builder(name, key, by.certificate.subject, span, constraints or x509.BasicConstraints(False, None), usage)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.certificate.public_key())  # type: ignore[arg-type]  # EC, as made here
    return builder.add_extension(issuer, critical=False).sign(by.key, hashes.SHA256())


def _builder(
    name: x509.Name, key: PrivateKey, issuer: x509.Name, span: _Span, constraints: x509.BasicConstraints, usage: x509.KeyUsage
) -> x509.CertificateBuilder:
    number, public = x509.random_serial_number(), key.public_key()
    return (
        x509.CertificateBuilder(issuer, name, public, number, span.begin.replace(microsecond=0), span.end.replace(microsecond=0))
        .add_extension(constraints, critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in allowed for usage in _USAGES})


def _name(common_name: str, serial_number: str | None = None) -> x509.Name:
    parts = {NameOID.ORGANIZATION_NAME: ORGANIZATION, NameOID.SERIAL_NUMBER: serial_number, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts.items() if value])


def _revocation_list(by: _Authority, at: datetime, entries: Iterable[x509.RevokedCertificate] = ()) -> bytes:
    span, entries = _around(at.replace(microsecond=0)), list(entries)
    builder = (
        x509.CertificateRevocationListBuilder(by.certificate.subject, span.begin, span.end, revoked_certificates=entries)
        .add_extension(x509.CRLNumber(len(entries) + 1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False)
    )
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _key_file(pki: DemoPki, holder: Holder, password: str, by: _Authority, span: _Span, usage: x509.KeyUsage | None = None) -> Path:
    key, usage = _key(), usage or _usage("digital_signature", "content_commitment")
    certificate = _certificate(_name(holder.name, holder.serial_number), key, by, span, usage)
    encryption = BestAvailableEncryption(password.encode())
    content = pkcs12.serialize_key_and_certificates(holder.name.encode(), key, certificate, [by.certificate], encryption)
    path = pki.people / holder.filename
    private_file(path, lambda: content)
    return path
