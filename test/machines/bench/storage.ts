import { Minio } from '../../support/minio';
import { type Authority, issue, makeAuthority } from '../../node/secrets';
import type { Bench } from './bench';
import { publicSide } from './network';

/** The bucket provider of the lab: a real S3 server with TLS on an address of its own. */
export class Storage {
  private constructor(
    readonly server: Minio,
    private readonly authority: Authority,
  ) {}

  /** Starts it beside the machines, which trust its certificate from then on. */
  static async start(bench: Bench, onProgress: (message: string) => void): Promise<Storage> {
    const authority = await makeAuthority();
    const tls = await issue(authority, { letter: 'storage', address: publicSide.storage });
    const server = await Minio.start(
      {
        tls,
        address: publicSide.storage,
        port: storagePort,
        within: (command) => bench.network.within('storage', command),
      },
      onProgress,
    );
    const storage = new Storage(server, authority);
    for (const letter of bench.letters) await storage.introduce(bench, letter);
    return storage;
  }

  /** A machine of this lab trusts the certificate, as every machine trusts that of a real provider. */
  async introduce(bench: Bench, letter: string): Promise<void> {
    await bench
      .machine(letter)
      .exec('cat >/usr/local/share/ca-certificates/lab.crt && update-ca-certificates >/dev/null 2>&1', {
        input: this.authorityPem,
      });
  }

  /** The same for programs of this host. */
  get authorityPem(): string {
    return this.authority.certificate.toString('pem');
  }

  /** Issued by the same authority, for another server on the same address. */
  certificate(): ReturnType<typeof issue> {
    return issue(this.authority, { letter: 'storage', address: publicSide.storage });
  }
}

export const storagePort = 9000;

/** Where the buckets of the lab are. */
export const storageEndpoint = `https://${publicSide.storage}:${storagePort}`;
