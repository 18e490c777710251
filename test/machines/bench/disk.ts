import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { tools } from '../../support/tools';
import { run } from '../../../constructs/local/run';
import { must, shell } from './shell';

/** What cloud-init finds on the disk of a new machine. */
export interface Seed {
  readonly metaData: string;
  readonly userData: string;
  readonly networkConfig: string;
}

/**
 * The disk of a machine: an ext4 file system in a file, laid over the image. It can be cut off with what was not yet
 * written, filled, and replaced by a new one, as that of a real server.
 */
export class Disk {
  constructor(
    private readonly folder: string,
    private readonly image: string,
    private readonly size: string,
  ) {}

  /** Root of the machine as seen from the host, while it is mounted. */
  get root(): string {
    return join(this.folder, 'root');
  }

  private get own(): string {
    return join(this.folder, 'disk');
  }

  private get file(): string {
    return join(this.folder, 'disk.img');
  }

  /** A new, empty disk with a seed for cloud-init. */
  async create(seed: Seed): Promise<void> {
    await this.unmount();
    rmSync(this.file, { force: true });
    for (const folder of [this.own, this.root]) mkdirSync(folder, { recursive: true });
    await shell(`truncate -s ${this.size} '${this.file}'; mkfs.ext4 -q -m 0 '${this.file}'`);
    await this.mount();
    const target = join(this.root, 'var/lib/cloud/seed/nocloud');
    mkdirSync(target, { recursive: true, mode: 0o700 });
    writeFileSync(join(target, 'meta-data'), seed.metaData, { mode: 0o600 });
    writeFileSync(join(target, 'user-data'), seed.userData, { mode: 0o600 });
    writeFileSync(join(target, 'network-config'), seed.networkConfig, { mode: 0o600 });
    await must('sync', ['-f', this.own]);
  }

  async mount(): Promise<void> {
    await shell(`
      mount -o loop '${this.file}' '${this.own}'
      mkdir -p '${this.own}/upper' '${this.own}/work'
      mount -t overlay overlay -o 'lowerdir=${this.image},upperdir=${this.own}/upper,workdir=${this.own}/work' '${this.root}'`);
  }

  /**
   * Returns once the file system is gone: processes that are ending keep it for a moment, and a mount meanwhile would
   * be of the very one that was cut off.
   */
  async unmount(): Promise<void> {
    for (const folder of [this.root, this.own]) {
      if (existsSync(folder)) await run('umount', ['-R', folder]);
    }
    if (!existsSync(this.file)) return;
    await eventually(
      async () => {
        const { stdout } = await must('losetup', ['-j', this.file]);
        if (stdout !== '') throw new Error(`${this.file} is still in use`);
      },
      { withinMs: 20_000, everyMs: 20 },
    );
  }

  /**
   * What was not written to the disk by now never will be: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH. Ending the
   * processes alone would leave the page cache, and every write would seem to have been durable.
   */
  async loseWhatIsNotWritten(): Promise<void> {
    const { file, env } = await tools();
    const script =
      "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";
    await must(file('python3'), ['-c', script, this.own], { env });
  }

  /** Leaves only so many bytes, or none. */
  async fill(leaveBytes: number): Promise<void> {
    // A file that is reserved at once needs room for its own list of blocks; the rest is written until nothing fits.
    await shell(`
      free=$(df --output=avail -B1 '${this.own}' | tail -n 1)
      fallocate -l $((free - ${leaveBytes} - 8388608)) '${this.own}/filler'
      if [ ${leaveBytes} = 0 ]; then cat /dev/zero >'${this.own}/filler-rest' 2>/dev/null || true; fi`);
  }

  free(): void {
    for (const name of ['filler', 'filler-rest']) rmSync(join(this.own, name), { force: true });
  }

  async remove(): Promise<void> {
    await this.unmount();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
