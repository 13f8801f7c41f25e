const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join, sep } = require('node:path');
const { constants, Script } = require('node:vm');

/**
 * V8's compiled code of packages, kept between processes: what `module.enableCompileCache` does from Node 22 on, for Node 20. Sources of our
 * own are left out, because Node maps the lines of a stack trace to TypeScript only in what it compiles itself.
 */
function keepCompiledCode(folder) {
  const compile = Module.prototype._compile;
  const kept = join(folder, `${process.version}-${process.arch}`);
  const missing = new Map();

  Module.prototype._compile = function compileWithCache(content, path, format) {
    if (format === 'module' || !path.includes(`${sep}node_modules${sep}`))
      return compile.call(this, content, path, format);
    const file = join(kept, createHash('sha1').update(path).update(content).digest('hex'));
    const script = scriptOf(content, path, readIfThere(file));
    // Syntax of ES modules in a file that is not declared to be one: Node detects it.
    if (!script) return compile.call(this, content, path, format);
    if (script.cachedDataRejected !== false) missing.set(file, script);
    const wrapper = script.runInThisContext();
    return wrapper.call(this.exports, this.exports, requireOf(this), this, path, join(path, '..'));
  };

  // At the end, V8 has compiled the functions that were called, too.
  process.on('exit', () => {
    if (missing.size === 0) return;
    mkdirSync(kept, { recursive: true });
    for (const [file, script] of missing) {
      writeFileSync(`${file}.${process.pid}`, script.createCachedData());
      renameSync(`${file}.${process.pid}`, file);
    }
  });
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

function scriptOf(content, filename, cachedData) {
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  try {
    return new Script(Module.wrap(content), { filename, cachedData, importModuleDynamically });
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The `require` of a module, as Node makes it. */
function requireOf(module) {
  const require = (id) => module.require(id);
  const resolve = (id, options) => Module._resolveFilename(id, module, false, options);
  resolve.paths = (id) => Module._resolveLookupPaths(id, module);
  return Object.assign(require, {
    resolve,
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
}

module.exports = keepCompiledCode;
