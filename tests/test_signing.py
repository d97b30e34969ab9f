"""Signatures: what is good passes, and everything that can be wrong with one is refused for its own reason."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from engine import demo_pki, signing
from engine.keyfiles import KeysUnreadable
from engine.signing import SignatureRefused, Trust, verify
from tests.signing_client import KeyFile, attributes, needs_openssl, openssl_says, sign_with_p12, signature, signer

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSWORD = "1234"
DOCUMENT = b'{"task":"Approve","amount":1200}'
OLENA = demo_pki.Holder("Olena Officer", "TINUA-1234567890", "olena.p12")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> demo_pki.DemoPki:
    return demo_pki.make_pki(tmp_path_factory.mktemp("pki"), [dataclasses.astuple(OLENA)], PASSWORD, AT)


@pytest.fixture(scope="module")
def trust(pki: demo_pki.DemoPki) -> Trust:
    return Trust.load(pki.trust)


@pytest.fixture(scope="module")
def olena(pki: demo_pki.DemoPki) -> KeyFile:
    return KeyFile.open((pki.people / OLENA.filename).read_bytes(), PASSWORD)


@pytest.fixture(scope="module")
def good(pki: demo_pki.DemoPki) -> bytes:
    return sign_with_p12((pki.people / OLENA.filename).read_bytes(), PASSWORD, DOCUMENT)


def refused(content: bytes, signature: bytes, trust: Trust, at: datetime = AT) -> str:
    with pytest.raises(SignatureRefused) as caught:
        verify(content, signature, trust, at)
    assert caught.value.message.endswith("."), "an officer reads whole sentences"
    assert caught.value.reason == caught.value.facts["reason"]
    return caught.value.reason


def test_good_signature_names_the_signer(good: bytes, trust: Trust) -> None:
    signatory = verify(DOCUMENT, good, trust, AT)
    assert (signatory.name, signatory.serial_number) == (OLENA.name, OLENA.serial_number)
    assert signatory.issuer == "Common Name: Demonstration Issuing CA, Organization: Ratchet demonstration"
    assert int(signatory.certificate_serial, 16) > 0
    assert signatory.signed_at is not None and signatory.signed_at.tzinfo is not None


def test_empty_and_large_documents(pki: demo_pki.DemoPki, trust: Trust) -> None:
    p12 = (pki.people / OLENA.filename).read_bytes()
    for content in (b"", b"\x00" * 1_000_000):
        assert verify(content, sign_with_p12(p12, PASSWORD, content), trust, AT).name == OLENA.name


def test_every_changed_byte_of_the_document_is_noticed(good: bytes, trust: Trust) -> None:
    for place in range(len(DOCUMENT)):
        changed = bytearray(DOCUMENT)
        changed[place] ^= 1
        assert refused(bytes(changed), good, trust) == "changed"
    assert refused(DOCUMENT + b" ", good, trust) == refused(b"", good, trust) == "changed"


def test_a_changed_signature_is_refused_or_says_the_same(good: bytes, trust: Trust) -> None:
    """Nothing but SignatureRefused comes out of damaged bytes, and no damage changes who signed."""
    expected = verify(DOCUMENT, good, trust, AT)
    for place in range(0, len(good), 5):
        changed = bytearray(good)
        changed[place] ^= 1 << place % 8
        try:
            assert verify(DOCUMENT, bytes(changed), trust, AT) == expected
        except SignatureRefused as refusal:
            assert refusal.reason in {"malformed", "algorithm", "changed", "untrusted", "revocation-unknown"}


def test_changed_signature_value(good: bytes, trust: Trust) -> None:
    value = cms.ContentInfo.load(good)["content"]["signer_infos"][0]["signature"].native
    changed = bytearray(good)
    changed[good.index(value) + len(value) - 3] ^= 1
    assert refused(DOCUMENT, bytes(changed), trust) == "changed"


def test_changed_signing_time(olena: KeyFile, trust: Trust) -> None:
    moment = datetime(2026, 3, 10, 11, tzinfo=UTC)
    made = signature([signer(olena, attributes(olena, DOCUMENT, at=moment))], [olena.certificate])
    assert made.count(b"260310110000Z") == 1
    assert refused(DOCUMENT, made.replace(b"260310110000Z", b"260310100000Z"), trust) == "changed"


@pytest.mark.parametrize("garbage", [b"", b"nonsense", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30" * 5000, b"\x00" * 100])
def test_garbage(garbage: bytes, trust: Trust) -> None:
    assert refused(DOCUMENT, garbage, trust) == "malformed"


def test_trailing_and_missing_bytes(good: bytes, trust: Trust) -> None:
    assert refused(DOCUMENT, good + b"x", trust) == "malformed"
    assert refused(DOCUMENT, good + good, trust) == "malformed"
    for length in range(0, len(good), 37):
        assert refused(DOCUMENT, good[:length], trust) == "malformed"


def test_attached_document(olena: KeyFile, trust: Trust) -> None:
    """A signature that carries a document must not vouch for another one, nor for its own."""
    whole = signature([signer(olena, attributes(olena, DOCUMENT))], [olena.certificate], attached=DOCUMENT)
    assert refused(DOCUMENT, whole, trust) == refused(b"other", whole, trust) == "malformed"


def test_not_exactly_one_signer(olena: KeyFile, trust: Trust) -> None:
    one = signer(olena, attributes(olena, DOCUMENT))
    other = signer(olena, attributes(olena, DOCUMENT, at=AT))
    assert refused(DOCUMENT, signature([], [olena.certificate]), trust) == "malformed"
    assert refused(DOCUMENT, signature([one, other], [olena.certificate]), trust) == "malformed"


@pytest.mark.parametrize("missing", ["content_type", "message_digest", "signing_certificate_v2"])
def test_missing_attribute(missing: str, olena: KeyFile, trust: Trust) -> None:
    signed = {name: value for name, value in attributes(olena, DOCUMENT).items() if name != missing}
    assert refused(DOCUMENT, signature([signer(olena, signed)], [olena.certificate]), trust) == "malformed"


@pytest.mark.parametrize("twice", ["content_type", "message_digest", "signing_time", "signing_certificate_v2"])
def test_attribute_twice(twice: str, olena: KeyFile, trust: Trust) -> None:
    signed = [*attributes(olena, DOCUMENT).items(), (twice, attributes(olena, b"other")[twice])]
    assert refused(DOCUMENT, signature([signer(olena, signed)], [olena.certificate]), trust) == "malformed"


def test_attributes_passed_off_as_the_document(olena: KeyFile, good: bytes, trust: Trust) -> None:
    """The signed attributes of one signature are no document signed by a signature without attributes."""
    info = cms.ContentInfo.load(good)["content"]["signer_infos"][0]
    signed = info["signed_attrs"].untag().dump()
    bare = cms.SignerInfo({name: info[name] for name in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")})
    assert refused(signed, signature([bare], [olena.certificate]), trust) == "malformed"


def test_signature_over_something_else_than_data(olena: KeyFile, trust: Trust) -> None:
    signed = attributes(olena, DOCUMENT) | {"content_type": "signed_data"}
    assert refused(DOCUMENT, signature([signer(olena, signed)], [olena.certificate]), trust) == "malformed"


def test_weak_digest(olena: KeyFile, trust: Trust) -> None:
    weak = signature([signer(olena, attributes(olena, DOCUMENT, "sha1"), "sha1")], [olena.certificate])
    assert refused(DOCUMENT, weak, trust) == "algorithm"


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_stronger_digests(digest: str, olena: KeyFile, trust: Trust) -> None:
    strong = signature([signer(olena, attributes(olena, DOCUMENT, digest), digest)], [olena.certificate, *olena.chain])
    assert verify(DOCUMENT, strong, trust, AT).name == OLENA.name


def test_certificate_swapped_for_another_of_the_same_person(pki: demo_pki.DemoPki, olena: KeyFile, trust: Trust) -> None:
    path = demo_pki.issue(pki, dataclasses.replace(OLENA, filename="second.p12"), PASSWORD, AT)
    second = KeyFile.open(path.read_bytes(), PASSWORD)
    info = signer(olena, attributes(olena, DOCUMENT))
    assert refused(DOCUMENT, signature([info], [second.certificate]), trust) == "malformed"
    mentions_second = attributes(olena, DOCUMENT) | {"signing_certificate_v2": attributes(second, DOCUMENT)["signing_certificate_v2"]}
    both = signature([signer(olena, mentions_second)], [olena.certificate, second.certificate])
    assert refused(DOCUMENT, both, trust) == "malformed"


def test_signing_certificate_by_a_weak_hash(olena: KeyFile, trust: Trust) -> None:
    weak = tsp.SigningCertificateV2({"certs": [{"hash_algorithm": {"algorithm": "sha1"}, "cert_hash": olena.certificate.sha1}]})
    signed = attributes(olena, DOCUMENT) | {"signing_certificate_v2": weak}
    assert refused(DOCUMENT, signature([signer(olena, signed)], [olena.certificate]), trust) == "algorithm"


def test_signed_with_a_key_that_is_not_the_certificates(pki: demo_pki.DemoPki, olena: KeyFile, trust: Trust) -> None:
    path = demo_pki.issue(pki, dataclasses.replace(OLENA, filename="third.p12"), PASSWORD, AT)
    other_key = dataclasses.replace(olena, key=KeyFile.open(path.read_bytes(), PASSWORD).key)
    made = signature([signer(other_key, attributes(olena, DOCUMENT))], [olena.certificate])
    assert refused(DOCUMENT, made, trust) == "changed"


@pytest.mark.parametrize(
    ("kind", "reason", "sentence"),
    [
        ("expired", "expired", "The certificate expired on 9 March 2026. Ask for a new key file."),
        ("early", "not-yet-valid", "The certificate is valid only from 11 March 2026."),
        ("unfit", "usage", "not made for signing"),
        ("revoked", "revoked", "The certificate was revoked on 9 March 2026. Ask for a new key file."),
        ("rogue", "untrusted", "issuer is not trusted here (Demonstration Issuing CA)"),
    ],
)
def test_bad_certificates(kind: str, reason: str, sentence: str, tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, at=AT)
    path = getattr(demo_pki, f"issue_{kind}")(pki, OLENA, PASSWORD, AT)
    made = sign_with_p12(path.read_bytes(), PASSWORD, DOCUMENT)
    with pytest.raises(SignatureRefused) as caught:
        verify(DOCUMENT, made, Trust.load(pki.trust), AT)
    assert caught.value.reason == reason
    assert sentence in caught.value.message


def test_rogue_that_brings_its_whole_chain(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path / "ours", at=AT)
    theirs = demo_pki.make_pki(tmp_path / "theirs", [dataclasses.astuple(OLENA)], PASSWORD, AT)
    rogue = KeyFile.open((theirs.people / OLENA.filename).read_bytes(), PASSWORD)
    root = x509.load_pem_x509_certificate((theirs.trust / "roots.pem").read_bytes()).public_bytes(Encoding.DER)
    chain = [rogue.certificate, *rogue.chain, type(rogue.certificate).load(root)]
    made = signature([signer(rogue, attributes(rogue, DOCUMENT))], chain)
    assert refused(DOCUMENT, made, Trust.load(pki.trust)) == "untrusted"
    assert verify(DOCUMENT, made, Trust.load(theirs.trust), AT).name == OLENA.name


def test_validity_is_judged_at_the_given_moment(good: bytes, trust: Trust) -> None:
    without_lists = dataclasses.replace(trust, crls=())
    assert refused(DOCUMENT, good, without_lists, AT + timedelta(days=4000)) == "expired"
    assert refused(DOCUMENT, good, without_lists, AT - timedelta(days=400)) == "not-yet-valid"


def test_nobody_is_trusted_without_anchors(good: bytes, trust: Trust, tmp_path: Path) -> None:
    assert Trust.load(tmp_path / "missing") == Trust()
    assert refused(DOCUMENT, good, Trust()) == "untrusted"
    assert refused(DOCUMENT, good, dataclasses.replace(trust, anchors=())) == "untrusted"


def test_missing_or_stale_revocation_lists(good: bytes, trust: Trust, tmp_path: Path) -> None:
    assert verify(DOCUMENT, good, dataclasses.replace(trust, crls=()), AT).name == OLENA.name
    for missing in range(2):
        kept = trust.crls[:missing] + trust.crls[missing + 1 :]
        assert refused(DOCUMENT, good, dataclasses.replace(trust, crls=kept)) == "revocation-unknown"
    other = demo_pki.make_pki(tmp_path, at=AT)
    forged = dataclasses.replace(trust, crls=Trust.load(other.trust).crls)
    assert refused(DOCUMENT, good, forged) == "revocation-unknown", "a list that another authority of the same name signed"


def test_trust_notices_a_new_revocation(tmp_path: Path) -> None:
    pki = demo_pki.make_pki(tmp_path, [dataclasses.astuple(OLENA)], PASSWORD, AT)
    path = pki.people / OLENA.filename
    made = sign_with_p12(path.read_bytes(), PASSWORD, DOCUMENT)
    assert verify(DOCUMENT, made, Trust.load(pki.trust), AT)
    demo_pki.revoke(pki, path, PASSWORD, AT - timedelta(seconds=1))
    assert refused(DOCUMENT, made, Trust.load(pki.trust)) == "revoked"


@pytest.mark.parametrize("name", ["broken.pem", "broken.crl"])
def test_unreadable_trust_names_the_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("nonsense")
    with pytest.raises(KeysUnreadable, match=name):
        Trust.load(tmp_path)


def test_same_person(good: bytes, trust: Trust) -> None:
    signatory = verify(DOCUMENT, good, trust, AT)
    signing.same_person(signatory, OLENA.serial_number)
    nobody = dataclasses.replace(signatory, serial_number=None)
    belongs, unknown = "belongs to Olena Officer", "your account does not say"
    cases = [(signatory, "TINUA-1", belongs), (signatory, "tinua-1234567890", belongs), (nobody, OLENA.serial_number, belongs)]
    for who, number, said in [*cases, (signatory, None, unknown), (signatory, "", unknown), (nobody, None, unknown)]:
        with pytest.raises(SignatureRefused, match=said) as caught:
            signing.same_person(who, number)
        assert caught.value.reason == "other-person"


def test_many_threads_judge_alike(good: bytes, trust: Trust) -> None:
    changed = DOCUMENT.replace(b"1200", b"9200")
    with ThreadPoolExecutor(8) as pool:
        verdicts = [pool.submit(verify, DOCUMENT, good, trust, AT) for _ in range(20)]
        refusals = [pool.submit(refused, changed, good, trust) for _ in range(20)]
    assert {verdict.result().name for verdict in verdicts} == {OLENA.name}
    assert {refusal.result() for refusal in refusals} == {"changed"}


@needs_openssl
def test_openssl_agrees(pki: demo_pki.DemoPki, good: bytes, tmp_path: Path) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes((pki.trust / "roots.pem").read_bytes() + (pki.trust / "issuing.pem").read_bytes())
    options = ("-CAfile", str(authorities), "-purpose", "any", "-attime", str(int(AT.timestamp())))
    assert openssl_says(tmp_path, DOCUMENT, good, *options)
    assert not openssl_says(tmp_path, DOCUMENT + b"x", good, *options)


def test_sha256() -> None:
    assert signing.sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert hashes.SHA256().digest_size * 2 == len(signing.sha256(b"x"))
