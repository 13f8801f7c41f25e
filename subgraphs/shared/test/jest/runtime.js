require('../../../../gateway/dev/ts');
const { compileFunction } = require('node:vm');
const Runtime = require('jest-runtime').default;

/**
 * Jest's runtime with Node's own loader for a test file and all that it imports: each module, a package's or ours, is loaded once a worker,
 * from compiled code. Jest's loader reads and compiles them again for each file, which was half of the time of the unit tests.
 *
 * So a module's state outlives a test file: a test restores what it changes. There are no module mocks (`jest.mock`), as our tests have real parts.
 */
module.exports = class NativeRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    // What is left to Jest's loader are its own modules. By default they are compiled for another V8 context.
    const { injectedModuleParameters } = this.executor;
    this.executor.compile = (source, filename) => compileFunction(source, injectedModuleParameters, { filename });
  }

  /** `process` is not a copy for one file here. */
  installGetBuiltinModule() {}

  requireModule(from, moduleName, options, isActual) {
    if (moduleName !== undefined || options?.isInternalModule)
      return super.requireModule(from, moduleName, options, isActual);
    globalThis.jest = this.jestGlobals.jestObjectFor(from);
    return require(from);
  }

  teardown() {
    super.teardown();
    delete require.cache[this._testPath];
    module.children.length = 0;
  }
};
