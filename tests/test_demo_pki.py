"""The demonstration authority: what it writes can be used, is kept, and is for the owner's eyes where it holds keys."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from engine import demo_pki
from engine.signing import SystemSigner, Trust, verify
from tests.signing_client import sign_with_p12

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
PEOPLE = [("Olena Officer", "TINUA-1", "olena.p12"), ("Андрій Аналітик", "TINUA-2", "andrii.p12")]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_layout(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE, "1234", AT)
    assert {path.name for path in pki.trust.iterdir()} == {"roots.pem", "issuing.pem", "root.crl", "issuing.crl"}
    assert {path.name for path in pki.seal.iterdir()} == {"seal.key", "seal.crt"}
    assert {path.name for path in pki.people.iterdir()} == {"olena.p12", "andrii.p12"}
    trust = Trust.load(pki.trust)
    assert (len(trust.anchors), len(trust.intermediates), len(trust.crls)) == (1, 1, 2)


def test_everybody_can_sign(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE, "пароль", AT)
    for name, serial_number, filename in PEOPLE:
        made = sign_with_p12((pki.people / filename).read_bytes(), "пароль", b"document")
        signatory = verify(b"document", made, Trust.load(pki.trust), AT)
        assert (signatory.name, signatory.serial_number) == (name, serial_number)


def test_an_existing_folder_is_kept_and_completed(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE[:1], "1234", AT)
    before = contents(tmp_path)
    assert demo_pki.make_pki(tmp_path, PEOPLE, "other", AT + timedelta(days=100)) == pki
    after = contents(tmp_path)
    assert {path: after[path] for path in before} == before
    assert {path.name for path in after.keys() - before.keys()} == {"andrii.p12"}


def test_an_interrupted_beginning_is_completed(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, at=AT)
    (pki.trust / "issuing.crl").unlink()
    demo_pki.make_pki(tmp_path, PEOPLE, "1234", AT)
    made = sign_with_p12((pki.people / "olena.p12").read_bytes(), "1234", b"document")
    assert verify(b"document", made, Trust.load(pki.trust), AT)
    seal = SystemSigner.load(pki.seal)
    seal.verify(b"document", seal.sign(b"document"))


def test_keys_are_for_their_owner(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE, "1234", AT)
    private = [*pki.people.iterdir(), *(tmp_path / "authority").iterdir(), pki.seal / "seal.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_key_file_is_what_browsers_can_open(tmp_path: Path) -> None:
    """Encrypted the modern way (PBES2), with a P-256 key and its issuer's certificate; a wrong password opens nothing."""
    pki = demo_pki.make_pki(tmp_path, PEOPLE[:1], "1234", AT)
    content = (pki.people / "olena.p12").read_bytes()
    found = pkcs12.load_pkcs12(content, b"1234")
    assert isinstance(found.key, ec.EllipticCurvePrivateKey)
    assert len(found.additional_certs) == 1
    pbes2 = bytes.fromhex("06092a864886f70d01050d")
    assert content.count(pbes2) >= 1
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(content, b"4321")


def test_seal_has_no_person(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, at=AT)
    certificate = SystemSigner.load(pki.seal).certificate
    assert not certificate.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)
    certificate.verify_directly_issued_by(pki.issuing.certificate)


def test_two_revocations(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE, "1234", AT)
    for *_, filename in PEOPLE:
        demo_pki.revoke(pki, pki.people / filename, "1234", AT)
    listed = x509.load_der_x509_crl((pki.trust / "issuing.crl").read_bytes())
    assert len(listed) == 2
    assert listed.is_signature_valid(pki.issuing.certificate.public_key())  # type: ignore[arg-type]


def test_present_moment_by_default(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, PEOPLE[:1], "1234")
    now = datetime.now(UTC)
    made = sign_with_p12((pki.people / "olena.p12").read_bytes(), "1234", b"document")
    assert verify(b"document", made, Trust.load(pki.trust), now)
