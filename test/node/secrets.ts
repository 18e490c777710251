import { randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { NodeSecrets } from '../../constructs/node';
import type { NodesTierPlan } from '../../constructs/node';
import { makeSshKey } from '../../cli/ssh-key';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A CA that can issue certificates. */
export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** A CA of its own. */
export async function makeAuthority(): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as never);
  const ca = await keyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=test CA ${randomBytes(4).toString('hex')}`,
    keys: ca,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return { certificate, keys: ca };
}

/**
 * A certificate and key for one node.
 *
 * @param days - how long it is valid from yesterday on; 0 for one that has expired
 */
export async function issue(
  authority: Authority,
  { letter, address }: { readonly letter: string; readonly address: string },
  days = 365,
): Promise<{ readonly certificate: string; readonly privateKey: string }> {
  const keys = await keyPair();
  const from = Date.now() - 2 * 86_400_000;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${letter}`,
    issuer: authority.certificate.subject,
    notBefore: new Date(from),
    notAfter: new Date(from + 86_400_000 * (days + 1)),
    signingKey: authority.keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: address },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await privatePem(keys) };
}

/** Secrets of a tier: fresh passwords, a CA and a certificate for each node, any key for each bucket. */
export async function makeSecrets(plan: NodesTierPlan, given?: Authority): Promise<NodeSecrets> {
  const authority = given ?? (await makeAuthority());
  const nodes = await Promise.all(
    plan.target.nodes.map(async (node) => [node.letter, await issue(authority, node)] as const),
  );
  return {
    users: Object.fromEntries(plan.access.users.map(({ name }) => [name, password()])),
    internal: {
      replication: password(),
      sentinel: password(),
      sentinelAdmin: password(),
      operator: password(),
      exporter: password(),
      backup: password(),
    },
    caCertificate: authority.certificate.toString('pem'),
    nodes: Object.fromEntries(nodes),
    backupKey: makeSshKey(),
    buckets: Object.fromEntries(
      plan.backup.destinations.map(({ id }) => [id, { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: password() }]),
    ),
  };
}

function password(): string {
  return randomBytes(24).toString('base64url');
}

async function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}
