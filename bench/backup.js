/**
 * `npm run bench -- backup`: a backup, a drill and a restore of 1 GB beside plain restic and rclone doing the same in one
 * run, and what clients see of a backup from a replica. Takes some minutes; `--gigabytes 0.1` for a look.
 */
const { join } = require('node:path');
const { createJiti } = require('jiti');

createJiti(__filename)
  .import(join(__dirname, 'backup/main.ts'))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 3;
  });
