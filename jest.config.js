require('./gateway/dev/ts');
const { availableParallelism } = require('node:os');

/**
 * `*.test.ts` without I/O, `*.int.test.ts` one service on a real PostgreSQL, `*.e2e.test.ts` the whole graph.
 * @type {import('jest').Config}
 */
module.exports = {
  testEnvironment: '<rootDir>/subgraphs/shared/test/jest/environment.js',
  runtime: '<rootDir>/subgraphs/shared/test/jest/runtime.js',
  roots: ['<rootDir>/gateway', '<rootDir>/subgraphs', '<rootDir>/prisma', '<rootDir>/docker', '<rootDir>/docs'],
  testMatch: ['**/*.test.ts'],
  // Node's loader compiles, see runtime.js.
  transform: {},
  globalSetup: '<rootDir>/prisma/test/globalSetup.ts',
  globalTeardown: '<rootDir>/prisma/test/globalTeardown.ts',
  testSequencer: '<rootDir>/subgraphs/shared/test/longestFirst.js',
  // Longer than a service may take to start (gateway/dev/serviceProcess.ts), so that its own reason is what a failing hook says.
  testTimeout: 75_000,
  // Tests of what happens later wait for it more than half of their time: with as many workers as cores, the cores are idle.
  maxWorkers: availableParallelism() + 2,
};
