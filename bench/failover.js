/**
 * `npm run bench -- failover`: what clients see when the primary is lost, ours beside stock Sentinel and the settings of
 * two public charts, on the same booted machines in one run. Needs root; `--help` has its options.
 */
const { join } = require('node:path');
const { createJiti } = require('jiti');

createJiti(__filename)
  .import(join(__dirname, 'failover/main.ts'))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 3;
  });
