// The only place that opens an officer's key file (.p12, RFC 7292). The key stays in this browser: it is imported
// non-extractable, so that not even our own page can read it again.
import { PFX } from 'pkijs';

const OID = {
  keyBag: '1.2.840.113549.1.12.10.1.1', shroudedKeyBag: '1.2.840.113549.1.12.10.1.2', certBag: '1.2.840.113549.1.12.10.1.3',
  oldEncryption: '1.2.840.113549.1.12.1.', encryptedData: '1.2.840.113549.1.7.6',
  rsa: '1.2.840.113549.1.1.1', ec: '1.2.840.10045.2.1', keyUsage: '2.5.29.15', basicConstraints: '2.5.29.19', commonName: '2.5.4.3',
};
const CURVES = { '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384', '1.3.132.0.35': 'P-521' };
const LARGEST = 1024 * 1024;   // bytes; real key files have a few thousand
const NON_REPUDIATION = 0x40;  // second bit of KeyUsage (RFC 5280, 4.2.1.3)

const SAYS = {
  notAKeyFile: 'This is not a key file. Choose the file that ends in .p12 or .pfx and was given to you with your certificate.',
  wrongPassword: 'The password does not open this key file. Check the keyboard layout and Caps Lock, and type it again.',
  oldFormat: 'This key file is protected in an old way (3DES or RC2), which browsers no longer open. '
    + 'Ask whoever issued it to export it again with AES-256, or do it yourself with OpenSSL: '
    + 'openssl pkcs12 -legacy -in old.p12 -out key.pem, then openssl pkcs12 -export -in key.pem -out new.p12, then delete key.pem.',
  noKey: 'There is no private key in this file, only certificates. Choose the file that holds your key.',
  noCertificate: 'There is no certificate in this file that belongs to its key. Ask whoever issued it for a complete file.',
  unknownKey: 'Browsers cannot sign with a key of this kind. RSA keys and keys on the curves P-256, P-384 and P-521 work.',
  insecurePage: 'Signing needs a secure connection. Open this page by https (or on localhost).',
};

/** Why a key file was not opened, in words for officers; `reason` is one of the keys of SAYS. */
export class KeyRefused extends Error {
  constructor(reason, cause) {
    super(SAYS[reason], { cause });
    Object.assign(this, { name: 'KeyRefused', reason });
  }
}

/** The key, its certificate and the other certificates of a .p12: {key, certificate, chain, name}. Throws KeyRefused. */
export async function openP12(buffer, password) {
  if (!globalThis.crypto?.subtle) throw new KeyRefused('insecurePage');
  const secret = new TextEncoder().encode(password).buffer;
  const bags = await safeBags(readPfx(buffer), secret);
  const certificates = bags.filter(bag => bag.bagId === OID.certBag).map(bag => bag.bagValue.parsedValue);
  const keys = await Promise.all(bags.filter(isKey).map(bag => pkcs8(bag, secret)));
  if (!keys.length) throw new KeyRefused('noKey');
  const { key, certificate } = await signingPair(keys, certificates);
  return { key, certificate, chain: certificates.filter(other => other !== certificate), name: commonName(certificate) };
}

function readPfx(buffer) {
  if (buffer.byteLength > LARGEST) throw new KeyRefused('notAKeyFile');
  try {
    return PFX.fromBER(buffer);
  } catch (cause) {
    throw new KeyRefused('notAKeyFile', cause);
  }
}

async function safeBags(pfx, password) {
  await unlocked(() => pfx.parseInternalValues({ password, checkIntegrity: false }));
  const safe = pfx.parsedValue.authenticatedSafe;
  if (safe.safeContents.some(isOld)) throw new KeyRefused('oldFormat');
  await unlocked(() => pfx.parseInternalValues({ password, checkIntegrity: Boolean(pfx.macData) }));
  const opened = pfx.parsedValue.authenticatedSafe;
  await unlocked(() => opened.parseInternalValues({ safeContents: opened.safeContents.map(() => ({ password })) }));
  return opened.parsedValue.safeContents.flatMap(content => content.value.safeBags);
}

const oldAlgorithm = id => id.startsWith(OID.oldEncryption);
const isKey = bag => bag.bagId === OID.keyBag || bag.bagId === OID.shroudedKeyBag;

function isOld(content) {
  if (content.contentType !== OID.encryptedData) return false;
  return oldAlgorithm(content.content.valueBlock.value[1].valueBlock.value[1].valueBlock.value[0].valueBlock.toString());
}

async function pkcs8(bag, password) {
  if (bag.bagId === OID.keyBag) return bag.bagValue.toSchema().toBER(false);
  if (oldAlgorithm(bag.bagValue.encryptionAlgorithm.algorithmId)) throw new KeyRefused('oldFormat');
  await unlocked(() => bag.bagValue.parseInternalValues({ password }));
  return bag.bagValue.parsedValue.toSchema().toBER(false);
}

// what cannot be decrypted was locked with another password
async function unlocked(step) {
  try {
    await step();
  } catch (cause) {
    throw new KeyRefused('wrongPassword', cause);
  }
}

/** The first key with a certificate of its own, those made for signing documents before the others. */
async function signingPair(keys, certificates) {
  const own = certificates.filter(certificate => !isAuthority(certificate)).sort((a, b) => signsDocuments(b) - signsDocuments(a));
  const usable = own.filter(algorithm);
  for (const certificate of usable) {
    for (const encoded of keys) {
      const key = await matching(encoded, certificate);
      if (key) return { key, certificate };
    }
  }
  throw new KeyRefused(own.length && !usable.length ? 'unknownKey' : 'noCertificate');
}

/** The key, when the certificate's public key verifies what it signs; null for a stranger's key. */
async function matching(encoded, certificate) {
  const { subtle } = crypto, kind = algorithm(certificate), probe = crypto.getRandomValues(new Uint8Array(32));
  const own = await subtle.importKey('spki', certificate.subjectPublicKeyInfo.toSchema().toBER(false), kind, false, ['verify']);
  const key = await subtle.importKey('pkcs8', encoded, kind, false, ['sign']).catch(() => null);   // a key of another kind
  return key && await subtle.verify(kind, own, await subtle.sign(kind, key, probe), probe) ? key : null;
}

function algorithm(certificate) {
  const { algorithmId, algorithmParams } = certificate.subjectPublicKeyInfo.algorithm;
  if (algorithmId === OID.rsa) return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const namedCurve = algorithmId === OID.ec && CURVES[algorithmParams.valueBlock.toString()];
  return namedCurve ? { name: 'ECDSA', namedCurve, hash: 'SHA-256' } : null;
}

const extension = (certificate, id) => certificate.extensions?.find(each => each.extnID === id)?.parsedValue;
const isAuthority = certificate => extension(certificate, OID.basicConstraints)?.cA === true;
const signsDocuments = certificate => Number(Boolean(extension(certificate, OID.keyUsage)?.valueBlock.valueHexView[0] & NON_REPUDIATION));

function commonName(certificate) {
  const parts = certificate.subject.typesAndValues;
  return (parts.find(part => part.type === OID.commonName) ?? parts[0])?.value.valueBlock.value ?? '';
}
