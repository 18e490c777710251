const { rmSync } = require('node:fs');
const { join } = require('node:path');

/** Removes dist/, so that nothing of a file that is gone is packed. */
rmSync(join(__dirname, '..', 'dist'), { recursive: true, force: true });
