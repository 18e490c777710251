import { tools } from './tools';

/**
 * Jest's global setup: fetches the programs that tests run before any test needs them, so that no test's time limit
 * pays for a download.
 */
export default async function setup(): Promise<void> {
  await tools((message) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kpreparing test tools: ${message}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
