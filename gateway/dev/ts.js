const { createHash } = require('node:crypto');
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { _extensions, enableCompileCache } = require('node:module');
const { basename, dirname, join, relative } = require('node:path');

const { version } = requireCompiler('@swc/core/package.json');

/**
 * `node --require ./gateway/dev/ts gateway/main.ts`: lets Node load TypeScript. Each source is compiled once and kept under
 * .data/compiled/; whoever loads it next, in this process or any other, takes what is there. A file's name has a hash of its
 * source, so that what is kept can't be stale, and two processes that compile at the same time write the same.
 */
const ROOT = join(__dirname, '..', '..');
const COMPILED = join(ROOT, '.data', 'compiled');

const OPTIONS = { ...require('./swc.json'), sourceMaps: 'inline' };
const COMPILER = `${version} ${JSON.stringify(OPTIONS)}`;

/** npm leaves it out where NODE_ENV is "production", or with --omit=dev. */
function requireCompiler(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    console.error(
      'The packages for development are not installed: NODE_ENV was "production", or npm install has not run. Unset NODE_ENV, ' +
        'and run: npm install --include=dev\nIn production, run the image instead, which needs none of them: see docs/SCALING.md.',
    );
    return process.exit(1);
  }
}

function compile(path) {
  const source = readFileSync(path, 'utf8');
  const hash = createHash('sha256').update(COMPILER).update(source).digest('hex').slice(0, 16);
  const name = basename(path, '.ts');
  const folder = join(COMPILED, dirname(relative(ROOT, path)));
  const file = join(folder, `${name}.${hash}.js`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { code } = requireCompiler('@swc/core').transformSync(source, { ...OPTIONS, filename: path });
  mkdirSync(folder, { recursive: true });
  // Not that of this source: another process may have just compiled it.
  const isEarlier = (other) => other !== basename(file) && /^(.*)\.\w{16}\.js$/.exec(other)?.[1] === name;
  const earlier = readdirSync(folder).filter(isEarlier);
  // In one step: another process never reads half of it.
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  for (const other of earlier) rmSync(join(folder, other), { force: true });
  return code;
}

_extensions['.ts'] = (module, path) => module._compile(compile(path), path);
// V8's own code of modules: a third less to load.
if (enableCompileCache) enableCompileCache(join(ROOT, '.data', 'v8'));
else require('./compileCache')(join(ROOT, '.data', 'v8'));
// The lines of a stack trace are those of the sources.
process.setSourceMapsEnabled(true);
