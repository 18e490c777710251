import { Command } from 'commander';
import { version } from '../package.json';

/** Each command with the module that registers it: only the one that is called is loaded. */
const commands: Readonly<Record<string, () => (program: Command) => void>> = {
  check: () => (require('./commands/check') as typeof import('./commands/check')).registerCheck,
  plan: () => (require('./commands/plan') as typeof import('./commands/plan')).registerPlan,
  render: () => (require('./commands/render') as typeof import('./commands/render')).registerRender,
  monitoring: () => (require('./commands/monitoring') as typeof import('./commands/monitoring')).registerMonitoring,
  schema: () => (require('./commands/schema') as typeof import('./commands/schema')).registerSchema,
  up: () => (require('./commands/up') as typeof import('./commands/up')).registerUp,
  status: () => (require('./commands/status') as typeof import('./commands/status')).registerStatus,
  failover: () => (require('./commands/failover') as typeof import('./commands/failover')).registerFailover,
  rollout: () => (require('./commands/rollout') as typeof import('./commands/rollout')).registerRollout,
  backup: () => (require('./commands/backup') as typeof import('./commands/backup')).registerBackup,
  restore: () => (require('./commands/restore') as typeof import('./commands/restore')).registerRestore,
  move: () => (require('./commands/move') as typeof import('./commands/move')).registerMove,
  down: () => (require('./commands/down') as typeof import('./commands/down')).registerDown,
  demo: () => (require('./commands/demo') as typeof import('./commands/demo')).registerDemo,
};

const examples = `
Examples:
  cachetier check cache.ts                    is this config right?
  cachetier plan cache.ts --all               what does it become and cost on every target?
  cachetier up cache.ts                       run it on this machine
  cachetier render cache.ts -n a -o ./node-a  what lies on the disk of node a?

Exit codes: 0 fine, 1 the config is refused or does not parse, 2 wrong use or a missing file,
3 a machine or a service failed. CACHETIER_DEBUG=1 adds the stack of an error.`;

/**
 * The command line as a whole.
 *
 * @param named - a command: that one alone is loaded
 */
export function createProgram(named?: string): Command {
  const program = new Command('cachetier')
    .description('One typed config describes a Valkey cache tier; check, plan, price and run it.')
    .version(version)
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .showHelpAfterError('(see cachetier --help)')
    .exitOverride();
  const chosen = named !== undefined && Object.hasOwn(commands, named) ? [named] : Object.keys(commands);
  for (const name of chosen) commands[name]?.()(program);
  for (const command of program.commands)
    command.exitOverride().showHelpAfterError(`(see cachetier ${command.name()} --help)`);
  return program;
}
