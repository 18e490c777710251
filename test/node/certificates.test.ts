import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { besideKeeper } from './beside-keeper';
import { issue, makeAuthority } from './secrets';

/** What the keeper says of the certificates that servers show, as seconds since 1970. */
const main = `
import json, sys, types
from certificates import expiries
given = json.load(sys.stdin)
own = types.SimpleNamespace(address="127.0.0.1", valkey_port=given["valkey"], sentinel_port=given["sentinel"])
print(json.dumps(expiries(types.SimpleNamespace(own=own, ca=given["ca"], nodes=[1, 2, 3]), {})))
`;

test('the keeper tells when the certificates run out that its servers show, one that has run out as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cachetier-certificates-'));
  const servers: Server[] = [];
  try {
    const authority = await makeAuthority();
    const ca = join(folder, 'ca.crt');
    writeFileSync(ca, authority.certificate.toString('pem'));
    const pairs = await Promise.all(
      [90, 0].map((days) => issue(authority, { letter: 'a', address: '127.0.0.1' }, days)),
    );
    for (const { certificate, privateKey } of pairs) {
      const server = createServer({ cert: certificate, key: privateKey });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      servers.push(server);
    }
    const [valkey, sentinel] = servers.map((server) => (server.address() as AddressInfo).port);
    const [good, ended] = pairs.map(({ certificate }) => Date.parse(new X509Certificate(certificate).validTo) / 1000);
    expect(ended).toBeLessThan(Date.now() / 1000);
    expect(await besideKeeper(main, { valkey, sentinel, ca })).toEqual({
      valkey: good,
      sentinel: ended,
      ca: Math.floor(authority.certificate.notAfter.getTime() / 1000),
    });
    for (const server of servers) server.close();
    expect(await besideKeeper(main, { valkey, sentinel, ca })).toEqual({});
  } finally {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  }
});
