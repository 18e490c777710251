import { randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { NodeSecrets } from '../node';

/** Certificates of a tier. */
export type Certificates = Pick<NodeSecrets, 'caCertificate' | 'nodes'>;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A local tier is thrown away long before; nothing renews its certificates. */
const VALID_YEARS = 10;

/**
 * A CA and a certificate for each node, valid for `127.0.0.1` and `localhost`.
 *
 * The key of the CA is forgotten: it is needed once, and whoever trusts this CA trusts nothing signed later.
 */
export async function makeCertificates(tier: string, letters: readonly string[]): Promise<Certificates> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await makeKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(`${tier} CA`),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const nodes: Record<string, { certificate: string; privateKey: string }> = {};
  for (const letter of letters) nodes[letter] = await issue(`${tier}-${letter}`, ca, keys);
  return { caCertificate: `${ca.toString('pem')}\n`, nodes };
}

async function issue(
  name: string,
  ca: x509.X509Certificate,
  caKeys: webcrypto.CryptoKeyPair,
): Promise<NodeSecrets['nodes'][string]> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...common(name),
    subject: `CN=${name}`,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function common(name: string): {
  serialNumber: string;
  name: string;
  notBefore: Date;
  notAfter: Date;
  signingAlgorithm: typeof algorithm;
} {
  const now = Date.now();
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  // Clocks of one machine agree, but a certificate from this very second looks not yet valid when its clock steps back.
  return {
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    name: `CN=${name}`,
    notBefore: new Date(now - 3_600_000),
    notAfter,
    signingAlgorithm: algorithm,
  };
}
