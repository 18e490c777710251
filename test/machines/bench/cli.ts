import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { nodesPlan, smallest } from '../../node/plans';
import { Bench } from './bench';
import type { ImageName } from './image';

/** `npm run bench:machines`: a tier on booted machines, to look at by hand. */
const program = new Command('bench:machines')
  .description('Boots three machines from user data, and breaks them. Needs root. One bench is up at a time.')
  .enablePositionalOptions()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command('up')
  .description('boot the machines, deploy to them, and wait until the tier serves')
  .option('--image <name>', 'debian-13, or debian-testing with Valkey 9', 'debian-13')
  .option('--bare', 'let cloud-init install the packages, as a new server does')
  .option('--workload <name>', 'workload of the tier', 'job-queue')
  .option('--no-deploy', 'stop after the boot')
  .action(async (options: { image: ImageName; bare?: boolean; workload: 'job-queue'; deploy: boolean }) => {
    const started = Date.now();
    const say = (message: string): void =>
      print(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${message}`);
    const version = options.image === 'debian-13' ? '8.1' : '9.0';
    const plan = nodesPlan({ ...smallest, workload: options.workload, engine: { version } });
    const bench = await Bench.up({ plan, image: options.image, kind: options.bare ? 'bare' : 'warm', onProgress: say });
    say('booted');
    if (!options.deploy) return;
    await bench.deploy();
    say(`the tier serves; node ${await bench.primary()} is the primary`);
  });

program
  .command('status')
  .description('what each node says of the tier')
  .action(async () => {
    const bench = Bench.open();
    for (const letter of bench.letters) {
      const done = await bench.machine(letter).tryExec('cachetier-node status --why');
      print(`--- ${letter}\n${done.stdout}${done.stderr}`);
    }
  });

program
  .command('ssh <node> [command...]')
  .passThroughOptions()
  .description('a shell on a node, or one command, from the operator’s host')
  .action((node: string, command: string[]) => {
    const bench = Bench.open();
    bench.machine(node);
    const [program, ...args] = bench.network.within('operator', ['ssh', ...bench.sshArguments(node), ...command]);
    process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status ?? 3;
  });

program
  .command('exec <node> <command...>')
  .passThroughOptions()
  .description('a command on a node without the network')
  .action(async (node: string, command: string[]) => {
    const done = await Bench.open().machine(node).tryExec(command.join(' '));
    process.stdout.write(done.stdout);
    process.stderr.write(done.stderr);
    process.exitCode = done.status ?? 3;
  });

program
  .command('on <host> <command...>')
  .passThroughOptions()
  .description('a command in the network of client, prometheus, operator, outsider or stranger')
  .action((host: string, command: string[]) => {
    const [program, ...args] = Bench.open().network.within(host, command);
    process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status ?? 3;
  });

const faults: readonly (readonly [
  string,
  string,
  (bench: Bench, node: string, value: string | undefined) => Promise<unknown>,
])[] = [
  ['cut <node>', 'cut a node off from the private network', (bench, node) => bench.cut(node)],
  ['heal <node>', 'end the cut', (bench, node) => bench.heal(node)],
  [
    'power-cut <node>',
    'no process ends in order, and what the disk does not have is lost',
    (bench, node) => bench.machine(node).powerCut(),
  ],
  ['power-on <node>', 'switch a node on', (bench, node) => bench.machine(node).powerOn()],
  ['reboot <node>', 'restart a node in order', (bench, node) => bench.machine(node).reboot()],
  ['freeze <node>', 'every process of a node stands still', (bench, node) => bench.machine(node).freeze()],
  ['thaw <node>', 'end the freeze', (bench, node) => bench.machine(node).thaw()],
  ['stall <node> [seconds]', 'Valkey of a node stands still, 5 s unless told', stall],
  [
    'fill <node> [bytes]',
    'leave so many bytes on the disk, none unless told',
    (bench, node, bytes) => bench.machine(node).disk.fill(Number(bytes ?? 0)),
  ],
  ['free <node>', 'end the fill', (bench, node) => Promise.resolve(bench.machine(node).disk.free())],
  ['rebuild <node>', 'a new server with an empty disk on the same address, and the step of the deployment', rebuild],
];
for (const [words, description, run] of faults) {
  program
    .command(words)
    .description(description)
    .action(async (node: string, value?: string) => {
      const bench = Bench.open();
      bench.machine(node);
      await run(bench, node, typeof value === 'string' ? value : undefined);
    });
}

program
  .command('down')
  .description('end and remove everything')
  .action(() => Bench.down());

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function stall(bench: Bench, node: string, seconds = '5'): Promise<void> {
  const machine = bench.machine(node);
  await machine.signal('valkey-server', 'STOP');
  await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
  await machine.signal('valkey-server', 'CONT');
}

async function rebuild(bench: Bench, node: string): Promise<void> {
  await bench.rebuild(node);
  await bench.apply(node);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`bench:machines: ${(error as Error).message}\n`);
  process.exitCode = 3;
});
