'use strict';
// What both programs share, so that neither gains by it.
const { writeFileSync } = require('node:fs');

/** What to draw. */
exports.read = () => ({ kind: process.env.BENCH_KIND, tiers: Number(process.env.BENCH_TIERS) });

/** Leaves the CPU time of the whole process, start of Node included, in milliseconds. */
exports.finish = () => {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(process.env.BENCH_RESULT, String((user + system) / 1000));
  });
};
