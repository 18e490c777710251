import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** An SSH key pair in OpenSSH's own formats. */
export interface SshKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Bytes of the header that Node puts before the 32 bytes of an Ed25519 key. */
const SPKI_HEADER = 12;
const PKCS8_HEADER = 16;

/**
 * A fresh Ed25519 key. Node exports no OpenSSH format, and sshd of Debian 13 reads no other for Ed25519.
 *
 * Format: github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export function makeSshKey(): SshKey {
  const pair = generateKeyPairSync('ed25519');
  const open = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_HEADER);
  const seed = pair.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8_HEADER);
  const type = Buffer.from('ssh-ed25519');
  const blob = Buffer.concat([field(type), field(open)]);
  const check = randomBytes(4);
  const plain = Buffer.concat([
    check,
    check,
    field(type),
    field(open),
    field(Buffer.concat([seed, open])),
    field(Buffer.alloc(0)),
  ]);
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field(Buffer.from('none')),
    field(Buffer.from('none')),
    field(Buffer.alloc(0)),
    number(1),
    field(blob),
    field(padded(plain)),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
  };
}

function number(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function field(content: Buffer): Buffer {
  return Buffer.concat([number(content.length), content]);
}

/** Padded with 1, 2, 3… to a multiple of eight, as the format has it. */
function padded(content: Buffer): Buffer {
  const missing = (8 - (content.length % 8)) % 8;
  return Buffer.concat([content, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
