const base = require('../../../../jest.config.js');

/** The files whose mutants the tests must notice: each has a test of its own name. */
const TESTED = [
  'auth',
  'queryCost',
  'store',
  'caller',
  'guards',
  'money',
  'pagination',
  'admission',
  // Its statements do what they say on a PostgreSQL, which command.ts has started.
  'orderStatus',
  'orderStatus\\.int',
  'amounts',
  'allocate',
  'buyXGetY',
  'combineDiscounts',
  'discount',
  'places',
  'pricing',
  'shipping',
  'tax',
  'taxPlace',
  'billingState',
  'publicAddress',
];

/**
 * The tests of the mutated files alone: no service is started, so a mutant costs a second.
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  // A mutant of what a module does once, while it is loaded, needs that the module is loaded again.
  testEnvironment: 'node',
  runtime: undefined,
  transform: { '^.+\\.ts$': [require.resolve('@swc/jest'), require('../../../../gateway/dev/swc.json')] },
  rootDir: '../../../..',
  testMatch: undefined,
  testRegex: `/(${TESTED.join('|')})\\.test\\.ts$`,
  globalSetup: undefined,
  globalTeardown: undefined,
  testSequencer: undefined,
};
