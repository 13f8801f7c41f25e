const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, SourceMap, wrap } = require('node:module');
const { dirname, join } = require('node:path');
const { constants, Script } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

/**
 * Runs a service from a folder of bundles, which bundle.ts has written: `node gateway/dev/runBundle.js <folder> <name>`. What V8 has
 * compiled is kept beside them, for each service its own, as each calls other functions.
 */
function runBundle(folder, name) {
  const file = join(folder, `${name}.js`);
  showSources(file);
  const fromNode = createRequire(file);
  const packages = load(join(folder, JSON.parse(readFileSync(join(folder, 'packages.json'), 'utf8'))), name, fromNode);
  const requireBundled = (id) => (Object.hasOwn(packages, id) ? packages[id]() : fromNode(id));
  load(file, name, Object.assign(requireBundled, { resolve: fromNode.resolve }));
}

function load(file, name, require) {
  const kept = compiledFile(`${file}.${name}`);
  const own = readIfThere(kept);
  const script = scriptOf(readFileSync(file, 'latin1'), file, own ?? readIfThere(compiledFile(file)));
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  if (!own || script.cachedDataRejected) atTheEnd(() => writeWhole(kept, script.createCachedData()));
  return module.exports;
}

/** esbuild writes ASCII only. */
const scriptOf = (code, filename, cachedData) =>
  new Script(wrap(code), {
    filename,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });

/** Where the code that this V8 has compiled is kept. @param {string} file */
const compiledFile = (file) => `${file}.${process.version}-${process.arch}`;

/** What V8 compiles before a function is called. @param {string} code */
const compile = (code) => scriptOf(code, 'packages.js').createCachedData();

/** By then, V8 has compiled the functions that were called, too. A thread is ended without a word, but has done most of it when it is loaded. */
const atTheEnd = (work) => void (isMainThread ? process.on('exit', work) : setImmediate(work));

/** Node maps the lines of a stack trace to sources only in what it compiles itself. The map is read when an error is first looked at. */
function showSources(file) {
  let map;
  const position = new RegExp(
    `${RegExp.escape?.(file) ?? file.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`,
  );
  const inSource = (_whole, line, column) => {
    map ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
    return originalSource ? `${join(dirname(file), originalSource)}:${originalLine + 1}:${originalColumn + 1}` : _whole;
  };
  Error.prepareStackTrace = (error, frames) =>
    [`${error}`, ...frames.map((frame) => `    at ${String(frame).replace(position, inSource)}`)].join('\n');
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** In one step: another process never reads half of it. */
function writeWhole(file, data) {
  writeFileSync(`${file}.${process.pid}`, data);
  renameSync(`${file}.${process.pid}`, file);
}

module.exports = { runBundle, compiledFile, compile };
if (require.main === module) runBundle(process.argv[2], process.argv[3]);
