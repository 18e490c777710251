/**
 * Size of the user data of every example that runs on servers, against Hetzner's limit of 32 KiB. Goal: below 16 KiB.
 */
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { loadConfig } = require('../dist/cli/load');
const { renderUserData } = require('../dist/constructs/node');
const { check } = require('../dist/constructs/tier');

const folder = join(__dirname, '../examples');
const key = { privateKey: 'k'.repeat(400), publicKey: `ssh-ed25519 ${'A'.repeat(68)}` };
for (const file of readdirSync(folder).filter((name) => /\.(ts|yaml|json)$/.test(name))) {
  const { plan } = check(loadConfig(join(folder, file)), { kind: 'hetzner' });
  if (!plan) continue;
  const bytes = Buffer.byteLength(renderUserData(plan, 'a', { sshHostKey: key }));
  console.log(`${file.padEnd(24)} ${String(bytes).padStart(6)} bytes, ratio to 16 KiB ${(bytes / 16384).toFixed(2)}`);
}
