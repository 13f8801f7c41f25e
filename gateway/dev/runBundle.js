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
  const kept = `${file}.${name}.${process.version}-${process.arch}`;
  const cachedData = readIfThere(kept);
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  // esbuild writes ASCII only, which is read fastest so.
  const script = new Script(wrap(readFileSync(file, 'latin1')), {
    filename: file,
    cachedData,
    importModuleDynamically,
  });
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  if (script.cachedDataRejected !== false) atTheEnd(() => writeWhole(kept, script.createCachedData()));
  return module.exports;
}

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

module.exports = { runBundle };
if (require.main === module) runBundle(process.argv[2], process.argv[3]);
