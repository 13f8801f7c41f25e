import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMPILE_CACHE = join(__dirname, '..', 'dev', 'compileCache.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
  write(
    'node_modules/common/index.js',
    "module.exports = 'common ' + require('esm').name + ' ' + (__filename.length > 9);",
  );
  write('node_modules/esm/package.json', '{ "type": "module", "exports": "./index.js" }');
  write('node_modules/esm/index.js', "export const name = 'esm';");
  write('node_modules/undeclared/index.js', "export const name = 'undeclared';");
  write('node_modules/lazy/index.js', "module.exports = () => import('esm').then(({ name }) => name);");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What a program prints that loads its packages through the cache. */
function run(program: string): string {
  write('main.js', `require(${JSON.stringify(COMPILE_CACHE)})(${JSON.stringify(join(folder, 'kept'))});\n${program}`);
  return execFileSync(process.execPath, ['--no-warnings', join(folder, 'main.js')], { encoding: 'utf8' }).trim();
}

/** The kept files with the time at which they were written. */
function kept(): Record<string, number> {
  const [version = ''] = readdirSync(join(folder, 'kept'));
  const at = join(folder, 'kept', version);
  return Object.fromEntries(readdirSync(at).map((file) => [file, statSync(join(at, file)).mtimeMs]));
}

it('the compiled code of a package is written once, and loaded by the next process', () => {
  const program = "console.log(require('common'))";
  expect(run(program)).toBe('common esm true');
  const first = kept();
  expect(Object.keys(first)).toHaveLength(1);
  expect(run(program)).toBe('common esm true');
  expect(kept()).toEqual(first);
});

it('a changed package is compiled anew', () => {
  run("require('common')");
  write('node_modules/common/index.js', "module.exports = 'changed';");
  expect(run("console.log(require('common'))")).toBe('changed');
  expect(Object.keys(kept())).toHaveLength(2);
});

it('a file that V8 does not accept is replaced', () => {
  run("require('common')");
  const [file = ''] = Object.keys(kept());
  const [version = ''] = readdirSync(join(folder, 'kept'));
  const broken = join(folder, 'kept', version, file);
  writeFileSync(broken, 'no code');
  expect(run("console.log(require('common'))")).toBe('common esm true');
  expect(statSync(broken).size).toBeGreaterThan(100);
});

it('ES modules load as without it: declared, undeclared and imported later', () => {
  expect(run("console.log(require('undeclared').name); require('lazy')().then(console.log)")).toBe('undeclared\nesm');
});

it('a package sees the main module, and can resolve others', () => {
  write(
    'node_modules/asks/index.js',
    'module.exports = [require.main.filename, require.resolve("common"), require.cache[__filename] === module];',
  );
  const [main, resolved, cached] = JSON.parse(run("console.log(JSON.stringify(require('asks')))"));
  expect([main.endsWith('main.js'), resolved.endsWith('node_modules/common/index.js'), cached]).toEqual([
    true,
    true,
    true,
  ]);
});
