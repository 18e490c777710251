const common = require('../../jest.config.js');

/** @type {import('jest').Config} One bench of machines at a time, and nothing beside it: they need both cores and root. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/machines'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
