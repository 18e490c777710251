/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false }] },
  moduleNameMapper: {
    '^cachetier$': '<rootDir>/constructs/tier/index.ts',
    '^cachetier/aws$': '<rootDir>/constructs/aws/index.ts',
    '^cachetier/hetzner$': '<rootDir>/constructs/hetzner/index.ts',
  },
  // Booted machines need root, and both cores: `npm run test:machines`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/machines/'],
  testTimeout: 30_000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/support/setup.ts',
  globalTeardown: '<rootDir>/test/support/teardown.ts',
};
