#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { exitCodes, fail } from './output';

/** Each command with the module that registers it: only the one that is called is loaded. */
const commands: Readonly<Record<string, () => (program: Command) => void>> = {
  check: () => (require('./commands/check') as typeof import('./commands/check')).registerCheck,
  plan: () => (require('./commands/plan') as typeof import('./commands/plan')).registerPlan,
  render: () => (require('./commands/render') as typeof import('./commands/render')).registerRender,
  schema: () => (require('./commands/schema') as typeof import('./commands/schema')).registerSchema,
  up: () => (require('./commands/up') as typeof import('./commands/up')).registerUp,
  status: () => (require('./commands/status') as typeof import('./commands/status')).registerStatus,
  failover: () => (require('./commands/failover') as typeof import('./commands/failover')).registerFailover,
  down: () => (require('./commands/down') as typeof import('./commands/down')).registerDown,
  demo: () => (require('./commands/demo') as typeof import('./commands/demo')).registerDemo,
};

/** The command line as a whole; with a command named, that one alone is loaded. */
function createProgram(named: string | undefined): Command {
  const program = new Command('cachetier')
    .description('One typed config describes a Valkey cache tier; check, plan, price and run it.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(see cachetier --help)')
    .exitOverride();
  const chosen = named !== undefined && Object.hasOwn(commands, named) ? [named] : Object.keys(commands);
  for (const name of chosen) commands[name]?.()(program);
  for (const command of program.commands)
    command.exitOverride().showHelpAfterError(`(see cachetier ${command.name()} --help)`);
  return program;
}

async function main(args: readonly string[]): Promise<void> {
  const named = args.find((arg) => !arg.startsWith('-'));
  const program = createProgram(named);
  if (args.length === 0) {
    program.outputHelp();
    process.exitCode = exitCodes.usage;
    return;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (cause) {
    // Commander has printed its own message; help and version are no errors.
    if (cause instanceof CommanderError) process.exitCode = cause.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    else fail(cause);
  }
}

// `cachetier plan | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.fine);
  throw error;
});

void main(process.argv.slice(2));
