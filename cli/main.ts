#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes, fail } from './output';
import { createProgram } from './program';

async function main(args: readonly string[]): Promise<void> {
  const named = args.find((arg) => !arg.startsWith('-'));
  const program = createProgram(named);
  if (args.length === 0) {
    program.outputHelp({ error: true });
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

// `cachetier plan | head` closes the pipe early; that changes nothing about the config.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

// A config that throws when nobody waits for it any more ends here.
process.on('uncaughtException', (cause) => {
  fail(cause);
  process.exit();
});

void main(process.argv.slice(2));
