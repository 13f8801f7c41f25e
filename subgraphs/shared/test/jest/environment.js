const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** What Jest's own modules, which are new for each file, keep on the global object, which is not. */
const OF_ONE_FILE =
  /^Symbol\((JEST_STATE_SYMBOL|EVENT_HANDLERS|TEST_TIMEOUT_SYMBOL|RETRY_\w+|WAIT_BEFORE_RETRY|LOG_ERRORS_BEFORE_RETRY)\)$/;

/**
 * Jest's environment for tests in the worker's own V8 context, so that modules can be loaded once for all files (runtime.js), and an
 * Error or Array of theirs is an instance of the test's.
 */
module.exports = class MainContextEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  #exit = process.exit;
  #console = globalThis.console;

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    for (const key of Object.getOwnPropertySymbols(globalThis))
      if (OF_ONE_FILE.test(String(key))) delete globalThis[key];
  }

  async setup() {
    // Jest's own maps lines of what it has compiled. Node's maps those of ours: see gateway/dev/ts.js.
    Error.prepareStackTrace = undefined;
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    process.exit = this.#exit;
    globalThis.console = this.#console;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  /** See runtime.js, which compiles in the context that it is in. */
  getVmContext() {
    return globalThis;
  }
};
