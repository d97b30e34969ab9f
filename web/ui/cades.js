// The only place that makes a signature: CAdES-B (ETSI EN 319 122-1), detached, over exactly the bytes it is given.
import { ObjectIdentifier, OctetString, Sequence, UTCTime } from 'asn1js';
import { Attribute, ContentInfo, EncapsulatedContentInfo, IssuerAndSerialNumber, SignedAndUnsignedAttributes, SignedData, SignerInfo } from 'pkijs';

const DIGEST = 'SHA-256';
const OID = {
  data: '1.2.840.113549.1.7.1', signedData: '1.2.840.113549.1.7.2', contentType: '1.2.840.113549.1.9.3', messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5', signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
};
const SIGNED = 0;   // PKI.js: signed attributes, not unsigned ones

/** The CMS SignedData (DER) for `bytes`, by what openP12 gave. */
export async function signDetached(bytes, { key, certificate, chain }) {
  const attributes = await signedAttributes(bytes, certificate);
  const signed = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: OID.data }),   // no content inside: detached
    certificates: setOf([certificate, ...chain]),
    signerInfos: [new SignerInfo({
      version: 1,
      sid: new IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
      signedAttrs: new SignedAndUnsignedAttributes({ type: SIGNED, attributes }),
    })],
  });
  await signed.sign(key, 0, DIGEST, bytes);
  return new ContentInfo({ contentType: OID.signedData, content: signed.toSchema(true) }).toSchema().toBER(false);
}

async function signedAttributes(bytes, certificate) {
  const digest = of => crypto.subtle.digest(DIGEST, of);
  const attribute = (type, value) => new Attribute({ type, values: [value] });
  return setOf([
    attribute(OID.contentType, new ObjectIdentifier({ value: OID.data })),
    attribute(OID.signingTime, new UTCTime({ valueDate: new Date() })),
    attribute(OID.messageDigest, new OctetString({ valueHex: await digest(bytes) })),
    attribute(OID.signingCertificateV2, signingCertificate(await digest(certificate.toSchema().toBER(false)))),
  ]);
}

// RFC 5035: SigningCertificateV2 > certs > ESSCertIDv2 > certHash; SHA-256 is the default and is left out
function signingCertificate(hash) {
  const nested = value => new Sequence({ value: [value] });
  return nested(nested(nested(new OctetString({ valueHex: hash }))));
}

// DER orders a SET OF by the encoding of its members; PKI.js keeps the order it is given
function setOf(members) {
  const encoded = members.map(member => ({ member, bytes: new Uint8Array(member.toSchema().toBER(false)) }));
  return encoded.sort((a, b) => compare(a.bytes, b.bytes)).map(each => each.member);
}

function compare(a, b) {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1);
}
