"""The system's own signature."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine import demo_pki, seal
from engine.clock import TestClock
from engine.keyfiles import KeysUnreadable
from engine.signing import SignatureRefused, SystemSigner, Trust, verify
from tests.signing_client import needs_openssl, openssl_says, sign_with_p12

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DOCUMENT = b'{"task":"Approve","amount":1200}'


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> demo_pki.DemoPki:
    return demo_pki.make_pki(tmp_path_factory.mktemp("pki"), [("Olena Officer", "TINUA-1", "olena.p12")], "1234", AT)


def test_seal(tmp_path: Path) -> None:
    signer = SystemSigner.load(tmp_path / "seal", TestClock(AT))
    sealed = signer.sign(DOCUMENT)
    signer.verify(DOCUMENT, sealed)
    SystemSigner.load(tmp_path / "seal").verify(DOCUMENT, sealed)
    assert stat.S_IMODE((tmp_path / "seal" / "seal.key").stat().st_mode) == 0o600


def test_seal_is_a_good_cades_signature_too(pki: demo_pki.DemoPki) -> None:
    sealed = SystemSigner.load(pki.seal, TestClock(AT)).sign(DOCUMENT)
    signatory = verify(DOCUMENT, sealed, Trust.load(pki.trust), AT)
    assert (signatory.name, signatory.signed_at, signatory.serial_number) == (seal.NAME, AT, None)


def seal_refused(signer: SystemSigner, content: bytes, made: bytes) -> str:
    with pytest.raises(SignatureRefused) as caught:
        signer.verify(content, made)
    return caught.value.reason


def test_seal_refuses_what_it_did_not_make(pki: demo_pki.DemoPki, tmp_path: Path) -> None:
    officers = sign_with_p12((pki.people / "olena.p12").read_bytes(), "1234", DOCUMENT)
    ours, other = SystemSigner.load(pki.seal), SystemSigner.load(tmp_path)
    sealed = ours.sign(DOCUMENT)
    assert seal_refused(ours, DOCUMENT + b" ", sealed) == "changed"
    assert seal_refused(ours, DOCUMENT, other.sign(DOCUMENT)) == "not-ours"
    assert seal_refused(ours, DOCUMENT, officers) == "not-ours"
    assert seal_refused(ours, DOCUMENT, sealed + b"x") == seal_refused(ours, DOCUMENT, b"") == "malformed"


def test_every_changed_byte_of_a_seal_is_refused_or_means_nothing(pki: demo_pki.DemoPki) -> None:
    signer = SystemSigner.load(pki.seal)
    sealed = signer.sign(DOCUMENT)
    signed = slice(sealed.index(core.ObjectIdentifier("1.2.840.113549.1.9.3").dump()), len(sealed))
    for place in range(signed.start, signed.stop):
        changed = bytearray(sealed)
        changed[place] ^= 1
        refusal = _refusal_of(signer, bytes(changed))
        parsed = cms.ContentInfo.load(sealed)["content"]["signer_infos"][0]
        in_algorithm = place in _range_of(sealed, parsed["signature_algorithm"].dump())
        assert refusal in {"changed", "malformed", "not-ours", "algorithm"} or in_algorithm, place


def _refusal_of(signer: SystemSigner, made: bytes) -> str | None:
    try:
        signer.verify(DOCUMENT, made)
    except SignatureRefused as refusal:
        return refusal.reason
    return None


def _range_of(whole: bytes, part: bytes) -> range:
    return range(whole.rindex(part), whole.rindex(part) + len(part))


def test_seal_with_an_rsa_key(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "seal.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signer = SystemSigner.load(tmp_path)
    sealed = signer.sign(DOCUMENT)
    signer.verify(DOCUMENT, sealed)
    assert seal_refused(signer, b"other", sealed) == "changed"


def test_seals_of_an_earlier_key_stay_good(tmp_path: Path) -> None:
    old = SystemSigner.load(tmp_path).sign(DOCUMENT)
    (tmp_path / "seal.crt").rename(tmp_path / "earlier.crt")
    (tmp_path / "seal.key").unlink()
    renewed = SystemSigner.load(tmp_path)
    renewed.verify(DOCUMENT, old)
    renewed.verify(DOCUMENT, renewed.sign(DOCUMENT))


def test_a_seal_folder_with_half_a_pair_is_refused(tmp_path: Path) -> None:
    SystemSigner.load(tmp_path / "one"), SystemSigner.load(tmp_path / "two")
    shutil.copy(tmp_path / "one" / "seal.crt", tmp_path / "two" / "seal.crt")
    with pytest.raises(KeysUnreadable, match=r"is not the certificate of seal\.key"):
        SystemSigner.load(tmp_path / "two")
    (tmp_path / "one" / "seal.key").unlink()
    with pytest.raises(KeysUnreadable, match="Bring it back"):
        SystemSigner.load(tmp_path / "one")


def test_processes_that_start_together_share_one_seal(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        signers = list(pool.map(SystemSigner.load, [tmp_path / "seal"] * 8))
    for each in signers:
        signers[0].verify(DOCUMENT, each.sign(DOCUMENT))


def test_broken_seal_key_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "seal.key").write_text("nonsense")
    with pytest.raises(KeysUnreadable, match=r"seal\.key"):
        SystemSigner.load(tmp_path)


@needs_openssl
@pytest.mark.parametrize("kind", ["ours", "issued"])
def test_openssl_agrees(kind: str, pki: demo_pki.DemoPki, tmp_path: Path) -> None:
    folder = {"ours": tmp_path / "seal", "issued": pki.seal}[kind]
    sealed = SystemSigner.load(folder, TestClock(AT)).sign(DOCUMENT)
    authorities = tmp_path / "authorities.pem"
    trusted = (pki.trust / "roots.pem", pki.trust / "issuing.pem", folder / "seal.crt")
    authorities.write_bytes(b"".join(path.read_bytes() for path in trusted))
    options = ("-CAfile", str(authorities), "-purpose", "any", "-attime", str(int(AT.timestamp())))
    assert openssl_says(tmp_path, DOCUMENT, sealed, *options)
    assert not openssl_says(tmp_path, DOCUMENT + b"x", sealed, *options)
