"""The only place that knows the bytes of a signature: detached CMS (RFC 5652) with the signed attributes of CAdES-B (EN 319 122-1).

It reads and composes them; whether a signature is to be believed is the business of `signing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from asn1crypto.parser import emit

from engine.errors import Refused

# SHA-1 and MD5 are broken; DSA and the national algorithms have no reader here.
DIGESTS = frozenset({"sha256", "sha384", "sha512"})
SIGNATURES = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa"})

# What asn1crypto and pyHanko raise at bytes that are no well-formed signature.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, NotImplementedError, RecursionError)

_UNIVERSAL, _CONTEXT, _CONSTRUCTED = 0, 2, 1
_OCTET_STRING, _SEQUENCE, _SET = 4, 16, 17


class SignatureRefused(Refused):
    """The signature was not accepted. The message is a sentence for the person who signed; facts["reason"] is a word for programs."""

    @property
    def reason(self) -> str:
        return str(self.facts.get("reason", "malformed"))


@dataclass(frozen=True)
class Cades:
    """A signature of the only shape that is read here: one signer, content outside, CAdES-B attributes.

    signed_data  the whole, as asn1crypto has it.
    signer       the one SignerInfo in it.
    attributes   signed attribute name → its one value.
    certificate  the signer's, from the signature; its hash is among the signed attributes.
    """

    signed_data: cms.SignedData
    signer: cms.SignerInfo
    attributes: dict[str, Any]
    certificate: x509.Certificate

    @property
    def signed_bytes(self) -> bytes:
        """What the signature value is over: the signed attributes as a DER SET OF."""
        return bytes(self.signer["signed_attrs"].untag().dump())

    @property
    def signature(self) -> bytes:
        return bytes(self.signer["signature"].native)

    @property
    def signed_at(self) -> datetime | None:
        """What the signer's own clock said. Nothing vouches for it."""
        moment = self.attributes.get("signing_time")
        return moment.native if moment else None

    def is_over(self, content: bytes) -> bool:
        """Whether the digest that was signed is that of `content`."""
        digest = hashlib.new(self.signer["digest_algorithm"]["algorithm"].native, content).digest()
        return bool(self.attributes["message_digest"].native == digest)


def malformed(detail: str) -> SignatureRefused:
    message = f"This signature cannot be read ({detail}). Sign once more; if that does not help, tell your administrator."
    return SignatureRefused(message, reason="malformed", detail=detail)


def read(der: bytes) -> Cades:
    """Take a signature apart. Raises SignatureRefused: `malformed` for any other shape, `algorithm` for a weak or unknown one."""
    try:
        return _read(der)
    except UNREADABLE as error:
        raise malformed("it is damaged or no signature at all") from error


def _read(der: bytes) -> Cades:
    info = cms.ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        raise malformed("it holds no signed data")
    signed_data = info["content"]
    signers = list(signed_data["signer_infos"])
    if len(signers) != 1:
        raise malformed(f"it has {len(signers)} signers instead of one")
    _check_detached(signed_data["encap_content_info"])
    attributes = _attributes(signers[0])
    _check_algorithms(signers[0], attributes)
    certificate = _signing_certificate(signed_data, signers[0], attributes)
    found = Cades(signed_data, signers[0], attributes, certificate)
    _ = found.signature, found.signed_at, certificate.native  # parsing is lazy: what is broken shall show here
    return found


def _check_detached(content: Any) -> None:
    if content["content"] is not core.VOID and content["content"].native is not None:
        raise malformed("it carries a document of its own")
    if content["content_type"].native != "data":
        raise malformed("it is not over plain data")


def _attributes(signer: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in attributes or len(attribute["values"]) != 1:
            raise malformed(f"the attribute {name} is not there exactly once")
        attributes[name] = attribute["values"][0]
    missing = {"content_type", "message_digest", "signing_certificate_v2"}.difference(attributes)
    if missing:
        raise malformed(f"it lacks {', '.join(sorted(missing))}")
    if attributes["content_type"].native != "data":
        raise malformed("it is not over plain data")
    return attributes


def _check_algorithms(signer: Any, attributes: dict[str, Any]) -> None:
    digests = {signer["digest_algorithm"]["algorithm"].native, _mentioned(attributes)["hash_algorithm"]["algorithm"].native}
    refused = (digests - DIGESTS) | ({signer["signature_algorithm"].signature_algo} - SIGNATURES)
    if refused:
        message = f"The signature was made in a way that is not safe any more ({', '.join(sorted(refused))}). Ask for a new key file."
        raise SignatureRefused(message, reason="algorithm")


def _mentioned(attributes: dict[str, Any]) -> Any:
    """The ESSCertIDv2 of the signer (RFC 5035): always the first."""
    return attributes["signing_certificate_v2"]["certs"][0]


def _signing_certificate(signed_data: Any, signer: Any, attributes: dict[str, Any]) -> x509.Certificate:
    mentioned = _mentioned(attributes)
    algorithm, wanted = mentioned["hash_algorithm"]["algorithm"].native, mentioned["cert_hash"].native
    for choice in signed_data["certificates"]:
        if choice.name == "certificate" and hashlib.new(algorithm, choice.chosen.dump()).digest() == wanted:
            return _identified(signer["sid"], choice.chosen)
    raise malformed("the signer's certificate is not in it")


def _identified(sid: Any, certificate: x509.Certificate) -> x509.Certificate:
    if sid.name != "issuer_and_serial_number":
        same = sid.chosen.native == certificate.key_identifier
    else:
        same = (sid.chosen["issuer"], sid.chosen["serial_number"].native) == (certificate.issuer, certificate.serial_number)
    if not same:
        raise malformed("it names two different certificates")
    return certificate


class Composer:
    """Composes signatures of one key and its certificate.

    Almost all of a signature is the same each time, so that is encoded once; asn1crypto would take milliseconds for each signature.

    certificate  DER.
    algorithm    asn1crypto's name of key type and hash: "sha256_ecdsa" or "sha256_rsa".
    sign         bytes → signature value.
    """

    def __init__(self, certificate: bytes, algorithm: str, sign: Callable[[bytes], bytes]):
        parsed = x509.Certificate.load(certificate)
        identifier = cms.IssuerAndSerialNumber({"issuer": parsed.issuer, "serial_number": parsed.serial_number})
        digest = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
        mention = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(certificate).digest()}]})
        self._constant_attributes = [
            _attribute("content_type", cms.ContentType("data").dump()),
            _attribute("signing_certificate_v2", mention.dump()),
        ]
        self._version = core.Integer(1).dump()
        self._before_attributes = self._version + identifier.dump() + digest
        self._after_attributes = algos.SignedDigestAlgorithm({"algorithm": algorithm}).dump()
        plain_data = emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, cms.ContentType("data").dump())
        certificates = emit(_CONTEXT, _CONSTRUCTED, 0, certificate)
        self._before_signer = self._version + emit(_UNIVERSAL, _CONSTRUCTED, _SET, digest) + plain_data + certificates
        self._signed_data = cms.ContentType("signed_data").dump()
        self._sign = sign

    def compose(self, content: bytes, at: datetime) -> bytes:
        """A detached CAdES-B signature over `content`, DER; `at` becomes its signing time."""
        digest = emit(_UNIVERSAL, 0, _OCTET_STRING, hashlib.sha256(content).digest())
        varying = [_attribute("message_digest", digest), _attribute("signing_time", cms.Time({"utc_time": at}).dump())]
        attributes = b"".join(sorted(self._constant_attributes + varying))
        value = self._sign(emit(_UNIVERSAL, _CONSTRUCTED, _SET, attributes))
        return self._around(attributes, emit(_UNIVERSAL, 0, _OCTET_STRING, value))

    def _around(self, attributes: bytes, signature: bytes) -> bytes:
        tagged = emit(_CONTEXT, _CONSTRUCTED, 0, attributes)
        signer = emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, self._before_attributes + tagged + self._after_attributes + signature)
        signed_data = emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, self._before_signer + emit(_UNIVERSAL, _CONSTRUCTED, _SET, signer))
        return bytes(emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, self._signed_data + emit(_CONTEXT, _CONSTRUCTED, 0, signed_data)))


def _attribute(name: str, value: bytes) -> bytes:
    kind = cms.CMSAttributeType(name).dump()
    return bytes(emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, kind + emit(_UNIVERSAL, _CONSTRUCTED, _SET, value)))
