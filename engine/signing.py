"""The only place that judges officers' signatures. The system's own is made by `seal`.

pyHanko gives the verdict on an officer's signature (EN 319 102-1: integrity, chain, validity, revocation, key usage); this module makes
sentences of it that an officer understands. Signatures are CAdES-B, detached: `cades` knows their bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext

from engine import cades
from engine.cades import Cades
from engine.cades import SignatureRefused as SignatureRefused
from engine.keyfiles import certificates, revocation_list
from engine.seal import SystemSigner as SystemSigner

# A refused signature is reported by an exception of ours; the library's own log of it would only say it twice.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Signatory:
    """Who signed, as the checked certificate says.

    serial_number       the subject's serialNumber (the person's number); None when the subject has not exactly one.
    certificate_serial  the certificate's own number, hexadecimal.
    signed_at           what the signer's clock said; nothing vouches for it.
    """

    name: str
    serial_number: str | None
    certificate_subject: str
    certificate_serial: str
    issuer: str
    signed_at: datetime | None


@dataclass(frozen=True)
class Trust:
    """Whom to believe. All fields are DER.

    anchors        certificates that are believed as they are.
    intermediates  certificates that may stand between an anchor and a signer.
    crls           revocation lists. With any given, every certificate in a chain must be covered by one; with none, none is checked.
    """

    anchors: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> Trust:
        """The `*.pem` (self-signed ones are anchors) and `*.crl` (DER or PEM) files of a folder; nobody is trusted when there are none.

        Reads again only what has changed, so it may be called for each signature. Raises KeysUnreadable.
        """
        paths = sorted(path for path in folder.glob("*") if path.suffix in (".pem", ".crl"))
        return _load_trust(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=16)
def _load_trust(files: tuple[tuple[Path, int, int], ...]) -> Trust:
    found = [certificate for path, *_ in files if path.suffix == ".pem" for certificate in certificates(path)]
    lists = [revocation_list(path) for path, *_ in files if path.suffix == ".crl"]
    anchors, others = ([each for each in found if (each.subject == each.issuer) is own] for own in (True, False))
    return Trust(_der(anchors), _der(others), _der(lists))


def _der(things: Iterable[x509.Certificate | x509.CertificateRevocationList]) -> tuple[bytes, ...]:
    return tuple(thing.public_bytes(Encoding.DER) for thing in things)


def sha256(content: bytes) -> str:
    """The SHA-256 digest, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def verify(content: bytes, cms: bytes, trust: Trust, at: datetime) -> Signatory:
    """Who signed exactly `content`, judged at the moment `at`.

    `cms` is a detached CAdES-B signature in DER. Raises SignatureRefused, whose `reason` is one of: malformed, algorithm, changed,
    untrusted, expired, not-yet-valid, revoked, revocation-unknown, usage.
    """
    signature = cades.read(cms)
    if not signature.is_over(content):
        raise _refusal("changed")
    if not trust.anchors:
        raise _refusal("untrusted", issuer=_called(signature.certificate.issuer))
    status = _judge(content, cms, trust, at)
    if not (status.intact and status.valid):
        raise _refusal("changed")
    if not status.trusted:
        raise _distrust(content, cms, trust, at, status)
    return _signatory(signature)


def same_person(signatory: Signatory, serial_number: str | None) -> None:
    """Raises SignatureRefused (`other-person`) unless the signer's certificate is of the person with this serial number."""
    if not serial_number:
        raise _refusal("other-person", sentence="no-number")
    if signatory.serial_number != serial_number:
        raise _refusal("other-person", name=signatory.name)


_SENTENCES = {
    "changed": "The signature does not fit the document: one of them was changed after signing. Open the task again and sign it there.",
    "untrusted": "The certificate's issuer is not trusted here ({issuer}). Sign with the key file that you were given for this system.",
    "expired": "The certificate expired on {day}. Ask for a new key file.",
    "not-yet-valid": "The certificate is valid only from {day}. Sign with another key file, or wait until then.",
    "revoked": "The certificate was revoked on {day}. Ask for a new key file.",
    "revocation-unknown": "Nobody can tell whether the certificate was revoked: the list of {issuer} is missing or out of date. "
    "Tell your administrator.",
    "usage": "This certificate is not made for signing documents. Sign with the key file that you were given for signing.",
    "algorithm": "The certificate was made in a way that is not safe any more. Ask for a new key file.",
    "other-person": "This key file belongs to {name}. Sign with your own.",
    "no-number": "You cannot sign yet: your account does not say which certificate is yours. Tell your administrator.",
}

_REASONS: dict[object, str] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "untrusted",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "usage",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "algorithm",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "algorithm",
    AdESIndeterminate.TRY_LATER: "revocation-unknown",
}


def _refusal(reason: str, sentence: str | None = None, **facts: Any) -> SignatureRefused:
    return SignatureRefused(_SENTENCES[sentence or reason].format(**facts), reason=reason, **facts)


def _judge(content: bytes, cms: bytes, trust: Trust, at: datetime, revocation: str | None = None) -> StandardCMSSignatureStatus:
    """pyHanko's verdict.

    It is given objects of its own: those of asn1crypto change while they are read, so threads must not share them.
    """
    context = ValidationContext(
        trust_roots=_parsed(trust.anchors),
        other_certs=_parsed(trust.intermediates),
        crls=list(trust.crls),
        moment=at,
        allow_fetching=False,
        revocation_mode=revocation or ("require" if trust.crls else "soft-fail"),
    )
    usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
    signed_data = asn1_cms.ContentInfo.load(cms, strict=True)["content"]
    try:
        return asyncio.run(async_validate_detached_cms(content, signed_data, context, key_usage_settings=usage))
    except (*cades.UNREADABLE, UnsupportedAlgorithm) as error:
        raise cades.malformed("it is damaged") from error


def _parsed(certificates: Iterable[bytes]) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(der) for der in certificates]


def _distrust(content: bytes, cms: bytes, trust: Trust, at: datetime, status: StandardCMSSignatureStatus) -> SignatureRefused:
    certificate = status.signing_cert
    issuer = _called(certificate.issuer)
    if status.revocation_details:
        return _refusal("revoked", day=_day(status.revocation_details.revocation_date))
    if reason := _REASONS.get(status.trust_problem_indic):
        return _refusal(reason, issuer=issuer)
    for link in (certificate, *(status.validation_path or ())):
        if at < link.not_valid_before:
            return _refusal("not-yet-valid", day=_day(link.not_valid_before))
        if at > link.not_valid_after:
            return _refusal("expired", day=_day(link.not_valid_after))
    # The library says no more than "the chain does not hold": asked without revocation, it tells which half of it.
    holds = trust.crls and _judge(content, cms, trust, at, revocation="none").trusted
    return _refusal("revocation-unknown" if holds else "untrusted", issuer=issuer)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _signatory(signature: Cades) -> Signatory:
    subject = signature.certificate.subject
    numbers = _parts(subject, "serial_number")
    return Signatory(
        name=_called(subject),
        serial_number=numbers[0] if len(numbers) == 1 else None,
        certificate_subject=subject.human_friendly,
        certificate_serial=f"{signature.certificate.serial_number:x}",
        issuer=signature.certificate.issuer.human_friendly,
        signed_at=signature.signed_at,
    )


def _called(name: Any) -> str:
    """What a person would call the bearer of this distinguished name."""
    return next(iter(_parts(name, "common_name")), None) or str(name.human_friendly)


def _parts(name: Any, wanted: str) -> list[str]:
    return [part["value"].native for rdn in name.chosen for part in rdn if part["type"].native == wanted]
