import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** A fresh Ed25519 key pair in OpenSSH format, as Pulumi's tls provider gives it. */
export function makeSshKey(): { readonly privateKey: string; readonly publicKey: string } {
  const pair = generateKeyPairSync('ed25519');
  const { x = '', d = '' } = pair.privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url');
  const type = field(Buffer.from('ssh-ed25519'));
  const blob = Buffer.concat([type, field(publicKey)]);
  const check = randomBytes(4);
  const secret = field(Buffer.concat([Buffer.from(d, 'base64url'), publicKey]));
  const open = Buffer.concat([check, check, type, field(publicKey), secret, field(Buffer.alloc(0))]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (open.length % 8)) % 8));
  const none = field(Buffer.from('none'));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    none,
    none,
    field(Buffer.alloc(0)),
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(Buffer.concat([open, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
  };
}

/** A string of the SSH protocol: its length, then itself. */
function field(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
