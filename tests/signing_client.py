"""A signer for tests, doing what the officer's browser does: a detached CAdES-B signature with the key from a .p12 file.

It shares no code with the engine. The pieces are exposed so that tests can make signatures that are wrong in one way.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12


@dataclass(frozen=True)
class KeyFile:
    """What an officer's .p12 holds."""

    key: Any
    certificate: x509.Certificate
    chain: list[x509.Certificate] = field(default_factory=list)

    @classmethod
    def open(cls, p12: bytes, password: str) -> KeyFile:
        found = pkcs12.load_pkcs12(p12, password.encode())
        assert found.cert is not None
        own, *chain = (x509.Certificate.load(each.certificate.public_bytes(Encoding.DER)) for each in (found.cert, *found.additional_certs))
        return cls(found.key, own, chain)

    def sign(self, data: bytes, digest: str = "sha256") -> tuple[str, bytes]:
        """asn1crypto's name of the algorithm, and the signature value."""
        chosen = getattr(hashes, digest.upper())()
        if isinstance(self.key, rsa.RSAPrivateKey):
            return f"{digest}_rsa", self.key.sign(data, padding.PKCS1v15(), chosen)
        return f"{digest}_ecdsa", self.key.sign(data, ec.ECDSA(chosen))


def sign_with_p12(p12: bytes, password: str, content: bytes) -> bytes:
    """A detached CAdES-B signature over `content`, DER."""
    keys = KeyFile.open(p12, password)
    return signature([signer(keys, attributes(keys, content))], [keys.certificate, *keys.chain])


def attributes(keys: KeyFile, content: bytes, digest: str = "sha256", at: datetime | None = None) -> dict[str, Any]:
    """The signed attributes of CAdES-B by name."""
    certificate_hash = hashlib.sha256(keys.certificate.dump()).digest()
    return {
        "content_type": "data",
        "signing_time": cms.Time({"utc_time": at or datetime.now(UTC)}),
        "message_digest": hashlib.new(digest, content).digest(),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [{"cert_hash": certificate_hash}]}),
    }


def signer(keys: KeyFile, signed: dict[str, Any] | list[tuple[str, Any]], digest: str = "sha256") -> cms.SignerInfo:
    pairs = signed.items() if isinstance(signed, dict) else signed
    signed_attrs = cms.CMSAttributes([cms.CMSAttribute({"type": name, "values": [value]}) for name, value in pairs])
    algorithm, value = keys.sign(signed_attrs.dump(), digest)
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": keys.certificate.issuer, "serial_number": keys.certificate.serial_number}}
            ),
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": signed_attrs,
            "signature_algorithm": {"algorithm": algorithm},
            "signature": value,
        }
    )


def signature(signers: Iterable[cms.SignerInfo], certificates: Iterable[x509.Certificate], attached: bytes | None = None) -> bytes:
    """The whole signature, DER; `attached` puts a document into it, which a detached one must not have."""
    signed_data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"} | ({} if attached is None else {"content": attached}),
            "certificates": list(certificates),
            "signer_infos": list(signers),
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump())


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl as an independent judge")


def openssl_says(folder: Path, content: bytes, made: bytes, *options: str) -> bool:
    """What `openssl cms -verify -cades` finds; `folder` is for its files."""
    (folder / "document").write_bytes(content)
    (folder / "document.p7s").write_bytes(made)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "document.p7s", "-content", "document", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
