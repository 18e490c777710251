import type { Command } from 'commander';
import schema from '../../constructs/tier/config.schema.json';
import { sayJson } from '../output';

/** `cachetier schema` */
export function registerSchema(program: Command): void {
  program
    .command('schema')
    .summary('print the JSON Schema of the config, for editors')
    .description('Prints the JSON Schema of the config, for editors and other tools.')
    .addHelpText('after', '\nExample:\n  cachetier schema > cachetier.schema.json')
    .action(() => {
      sayJson(schema);
    });
}
