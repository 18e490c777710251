import { randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { NodeSecrets } from '../../constructs/node';
import type { NodesTierPlan } from '../../constructs/node';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Secrets of a tier: fresh passwords, a CA and a certificate for each node, any key for each bucket. */
export async function makeSecrets(plan: NodesTierPlan): Promise<NodeSecrets> {
  x509.cryptoProvider.set(webcrypto as never);
  const ca = await keyPair();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=test CA ${randomBytes(4).toString('hex')}`,
    keys: ca,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const nodes = await Promise.all(
    plan.target.nodes.map(async ({ letter, address }) => {
      const keys = await keyPair();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${letter}`,
        issuer: authority.subject,
        signingKey: ca.privateKey,
        publicKey: keys.publicKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'ip', value: address },
            { type: 'ip', value: '127.0.0.1' },
          ]),
        ],
      });
      return [letter, { certificate: certificate.toString('pem'), privateKey: await privatePem(keys) }] as const;
    }),
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
    caCertificate: authority.toString('pem'),
    nodes: Object.fromEntries(nodes),
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
