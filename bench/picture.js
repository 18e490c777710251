/**
 * `npm run bench -- picture`: draws `docs/pictures/failover.svg` from what a real Prometheus has measured of a tier on
 * this machine, under load and while its primary is killed.
 */
const { join } = require('node:path');
const { createJiti } = require('jiti');

createJiti(__filename)
  .import(join(__dirname, 'observe/picture.ts'))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 3;
  });
