/** The client library, loaded when a connection is first needed: `check` and `plan` never pay for it. */
export function clientLibrary(): typeof import('ioredis') {
  return require('ioredis') as typeof import('ioredis');
}
