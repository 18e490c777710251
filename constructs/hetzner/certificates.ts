import type * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import type { NodePlan } from '../tier/plan';
import type { HetznerTierPlan } from './plan';

/** The tier's own CA. */
export interface Authority {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** A certificate with its key. */
export interface CertificatePair {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** Ten years: nothing reissues certificates on a schedule yet, and an expired one takes the tier down. */
const VALID_HOURS = 10 * 365 * 24;

/** Elliptic keys: a handshake of a new connection costs a fraction of one with RSA. */
const key: tls.PrivateKeyArgs = { algorithm: 'ECDSA', ecdsaCurve: 'P256' };

/** Makes the CA that clients and nodes of this tier trust, and nobody else. */
export function defineAuthority(name: string, plan: HetznerTierPlan, opts: pulumi.CustomResourceOptions): Authority {
  const privateKey = new tls.PrivateKey(`${name}-ca-key`, key, opts).privateKeyPem;
  const certificate = new tls.SelfSignedCert(
    `${name}-ca`,
    {
      privateKeyPem: privateKey,
      subject: { commonName: `${plan.target.primaryName} cache tier CA` },
      isCaCertificate: true,
      setSubjectKeyId: true,
      validityPeriodHours: VALID_HOURS,
      allowedUses: ['cert_signing', 'crl_signing'],
    },
    opts,
  ).certPem;
  return { certificate, privateKey };
}

/** Names are contract: those of the first generation stay as they were before there was another. */
export function generationName(name: string, generation: number): string {
  return generation === 1 ? name : `${name}-${generation}`;
}

/** Makes the certificate of a node: server towards clients, client towards the other nodes. */
export function defineNodeCertificate(
  name: string,
  node: NodePlan,
  authority: Authority,
  generation: number,
  opts: pulumi.CustomResourceOptions,
): CertificatePair {
  const named = (what: string): string => generationName(`${name}-${node.letter}-${what}`, generation);
  const privateKey = new tls.PrivateKey(named('key'), key, opts).privateKeyPem;
  const request = new tls.CertRequest(
    named('request'),
    {
      privateKeyPem: privateKey,
      subject: { commonName: node.name },
      dnsNames: [node.name, 'localhost'],
      ipAddresses: [node.address, '127.0.0.1'],
    },
    opts,
  );
  const certificate = new tls.LocallySignedCert(
    named('certificate'),
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.certificate,
      caPrivateKeyPem: authority.privateKey,
      setSubjectKeyId: true,
      validityPeriodHours: VALID_HOURS,
      allowedUses: ['digital_signature', 'key_encipherment', 'server_auth', 'client_auth'],
    },
    opts,
  ).certPem;
  return { certificate, privateKey };
}
