/**
 * A client of the tier, in a network namespace of its own: writes one key after another with the settings that the
 * product hands out, and says what was acknowledged. Commands come as lines of JSON on standard input.
 */
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { setTimeout: delay } = require('node:timers/promises');
const { runInNewContext } = require('node:vm');

/** @type {{ text: string, prefix: string, everyMs: number, sure: boolean, env: Record<string, string> }} */
let options;
let client;
let setSurely;
let stopped = false;
let loop;
let ended = 0;
/** Index of each write that was acknowledged, and the moment. */
const acknowledged = [];
const refused = {};
let sent = 0;

async function write() {
  for (; !stopped; sent += 1) {
    const [key, value] = [`${options.prefix}${sent}`, String(sent)];
    try {
      await (options.sure ? setSurely(key, value) : client.set(key, value));
      acknowledged.push([sent, Date.now()]);
    } catch (error) {
      const kind = String(error.message).split(' ')[0];
      refused[kind] = (refused[kind] ?? 0) + 1;
    }
    await delay(options.everyMs);
  }
}

const commands = {
  start(given) {
    options = given;
    const made = runInNewContext(`${options.text}\n({ client, setSurely })`, {
      require: (name) => (name === 'node:fs' ? { readFileSync } : require(name)),
      process: { env: options.env },
      setTimeout,
    });
    client = made.client;
    setSurely = made.setSurely;
    client.on('error', () => undefined);
    client.on('end', () => (ended += 1));
    loop = write();
    return null;
  },

  /** What has been seen so far; the times are milliseconds of this host's clock. */
  seen: () => ({ sent, refused, ended, acknowledged }),

  async stop() {
    stopped = true;
    await Promise.race([loop, delay(20_000)]);
    return commands.seen();
  },

  /** Acknowledged keys that the primary of now does not hold. */
  async missing() {
    const missing = [];
    for (let from = 0; from < acknowledged.length; from += 500) {
      const part = acknowledged.slice(from, from + 500).map(([index]) => index);
      const values = await client.mget(part.map((index) => `${options.prefix}${index}`));
      missing.push(...part.filter((index, at) => values[at] !== String(index)));
    }
    return missing;
  },
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, name, given } = JSON.parse(line);
    let answer;
    try {
      answer = { id, value: await commands[name](given) };
    } catch (error) {
      answer = { id, error: String(error.stack) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on('close', () => process.exit(0));
