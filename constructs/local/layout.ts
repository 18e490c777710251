import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { NodeAddress, NodePlacement } from '../node';
import { MachineError } from './errors';
import { stateFolder } from './folders';

/** Where everything of a local tier lies. */
export interface Layout {
  readonly folder: string;
  /** What the tier is: plan and ports. */
  readonly tier: string;
  readonly secrets: string;
  /** CA certificate for clients. */
  readonly ca: string;
  /** Lock beside the folder, so that the folder can be removed while it is held. */
  readonly lock: string;
}

/**
 * The layout of a tier.
 *
 * @param name - name, with the stage if there is one
 * @param folder - the tier's folder; by default `$XDG_STATE_HOME/cachetier/<name>`
 * @throws MachineError when the path holds a character that the config files cannot carry
 */
export function layoutOf(name: string, folder?: string): Layout {
  const path = folder === undefined ? join(stateFolder(), name) : resolve(folder);
  if (!/^[^\s"'\\#]+$/.test(path)) {
    throw new MachineError(
      `the folder ${JSON.stringify(path)} has a blank or a quote, which valkey.conf cannot carry; choose another by --dir`,
    );
  }
  return {
    folder: path,
    tier: join(path, 'tier.json'),
    secrets: join(path, 'secrets.json'),
    ca: join(path, 'ca.crt'),
    lock: `${path}.lock`,
  };
}

/** The file that holds a user's password. */
export function passwordFile(layout: Layout, user: string): string {
  return join(layout.folder, 'passwords', user);
}

/** Addresses of every node: Valkey of each node first, then Sentinel of each. */
export function addressesOf(
  letters: readonly string[],
  ports: readonly number[],
): Readonly<Record<string, NodeAddress>> {
  const port = (index: number): number => {
    const found = ports[index];
    if (found === undefined) throw new MachineError(`${2 * letters.length} ports are needed, got ${ports.length}`);
    return found;
  };
  return Object.fromEntries(
    letters.map((letter, index) => [
      letter,
      { address: '127.0.0.1', valkeyPort: port(index), sentinelPort: port(letters.length + index) },
    ]),
  );
}

/** The placement of one node: the machine's, with loopback, ports of its own and folders of its own. */
export function placementOf(layout: Layout, nodes: NodePlacement['nodes'], letter: string): NodePlacement {
  const folder = (name: string): string => join(layout.folder, letter, name);
  return {
    nodes,
    folders: {
      config: folder('config'),
      tls: folder('tls'),
      data: folder('data'),
      log: folder('log'),
      run: folder('run'),
    },
    user: accountName(),
  };
}

/** An account in a container may have a number only. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0);
  }
}
