const base = require('../../../../jest.config.js');

/** The files whose mutants the tests must notice; each has a unit test of its own name. */
const TESTED =
  'auth|queryCost|store|caller|guards|money|pagination|admission|orderStatus|amounts|discount|pricing|allocate|shipping|billingState|publicAddress';

/**
 * The unit tests of the mutated files alone: no server is started, so a mutant costs milliseconds.
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: '../../../..',
  testMatch: undefined,
  testRegex: `/(${TESTED})\\.test\\.ts$`,
  globalSetup: undefined,
  globalTeardown: undefined,
  testSequencer: undefined,
};
