/**
 * Writes a thousand times a second for as long as its standard input is open, and says what it waited: the 99th percentile
 * in milliseconds. A process of its own, so that it can have a core of its own.
 */
const { once } = require('node:events');
const { createInterface } = require('node:readline');
const { setTimeout: delay } = require('node:timers/promises');
const { Redis } = require('ioredis');

async function main() {
  const lines = createInterface({ input: process.stdin });
  const [given] = await once(lines, 'line');
  const client = new Redis({ ...JSON.parse(given), retryStrategy: () => null });
  const waited = [];
  let over = false;
  lines.once('close', () => (over = true));
  await client.ping();
  for (let index = 0; !over; index += 1) {
    const started = performance.now();
    await client.set(`orders:latency:${index % 1000}`, 'x'.repeat(100));
    waited.push(performance.now() - started);
    await delay(1);
  }
  client.disconnect();
  waited.sort((one, other) => one - other);
  console.log(waited[Math.floor(waited.length * 0.99)]);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
