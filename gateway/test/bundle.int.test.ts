import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundleOf } from '../dev/bundle';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..');
const DAY = new Date('2026-01-01');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  write('package-lock.json', '{}');
  write('node_modules/counted/index.js', 'exports.count = () => (globalThis.counted = (globalThis.counted ?? 0) + 1);');
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes files with the same modification time, since only the content matters. */
function write(file: string, source: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
  utimesSync(path, DAY, DAY);
}

/** As a process of its own, because esbuild does not run inside Jest. @returns the folder. */
async function bundle(): Promise<string> {
  const entries = { shop: 'subgraphs/shop/main.ts' };
  const call = `require('./gateway/dev/bundle.ts').bundleServices(...${JSON.stringify([root, entries])}).then(console.log)`;
  return (await run(process.execPath, ['--require', './gateway/dev/ts', '-e', call], { cwd: ROOT })).stdout.trim();
}

const start = async (folder: string) =>
  (await run(process.execPath, [join(ROOT, 'gateway/dev/runBundle.js'), folder, 'shop'])).stdout.trim();

const compiled = (folder: string) => readdirSync(folder).filter((file) => file.includes(process.version));

describe('the bundle of a service', () => {
  it('fails with the file and line of a syntax error, and is not there', async () => {
    write('subgraphs/shop/main.ts', 'const a: = 1;');
    await expect(bundle()).rejects.toMatchObject({ stderr: expect.stringContaining('subgraphs/shop/main.ts:1:9') });
    expect(existsSync(join(root, '.data'))).toBe(false);
  });

  it('is made once, and again when a source differs, even with the same size and time', async () => {
    write('subgraphs/shop/name.ts', "export const name: string = 'one';");
    write('subgraphs/shop/main.ts', "import { name } from './name';\nconsole.log(name);");
    const first = await bundle();
    expect(await start(first)).toBe('one');
    expect(await bundle()).toBe(first);

    write('subgraphs/shop/name.ts', "export const name: string = 'two';");
    const second = await bundle();
    expect(await start(second)).toBe('two');
    // What runs from the former one is not disturbed.
    expect(await start(first)).toBe('one');
  });

  it('is made by many processes at once', async () => {
    write('subgraphs/shop/main.ts', "console.log('here');");
    const folders = await Promise.all(Array.from({ length: 3 }, bundle));
    expect(new Set(folders).size).toBe(1);
    expect(await start(folders[0] ?? '')).toBe('here');
    // Its packages, which it has none of, and what was the last.
    expect(readdirSync(join(root, '.data', 'bundles'))).toHaveLength(3);
  });

  it('names the line of the source where an error is thrown', async () => {
    write(
      'subgraphs/shop/fail.ts',
      'interface A {\n  b: number;\n}\nexport function fail(a: A) {\n  throw new Error(String(a.b));\n}',
    );
    write('subgraphs/shop/main.ts', "import { fail } from './fail';\n\nfail({ b: 1 });");
    await expect(bundle().then(start)).rejects.toMatchObject({
      stderr: expect.stringMatching(
        /^Error: 1\n +at fail \(\S*\/subgraphs\/shop\/fail\.ts:5:9\)\n +at .*\/subgraphs\/shop\/main\.ts:3:1\)\n/m,
      ),
    });
  });

  it('finds files beside its source, and the program of a thread beside itself', async () => {
    write('subgraphs/shop/word.txt', 'beside');
    write(
      'subgraphs/shop/text.ts',
      "import { readFileSync } from 'node:fs';\nexport const text = readFileSync(__dirname + '/word.txt', 'utf8');",
    );
    write(
      'subgraphs/shop/main.ts',
      "import { text } from './text';\nconsole.log(text, require.resolve('./planner.worker'));",
    );
    const folder = await bundle();
    expect(await start(folder)).toBe(`beside ${join(folder, 'planner.worker.js')}`);
  });

  it('has one copy of a package, however it is imported', async () => {
    write(
      'subgraphs/shop/main.ts',
      "import { count } from 'counted';\ncount();\nimport('counted').then((it) => console.log(it.count(), it.count === count));",
    );
    expect(await start(await bundle())).toBe('2 true');
  });

  it('keeps what V8 has compiled, and runs without it where V8 does not accept it', async () => {
    write('subgraphs/shop/main.ts', "console.log('here');");
    const folder = await bundle();
    await start(folder);
    const [kept = ''] = compiled(folder);
    writeFileSync(join(folder, kept), 'no code');
    expect(await start(folder)).toBe('here');
    expect(await start(folder)).toBe('here');
  });
});

it.each([
  'gateway/main.ts',
  'gateway/dev/main.ts',
  ...['tenant', 'product', 'order'].map((name) => `subgraphs/${name}/main.ts`),
])('%s has a bundle', (main) => expect(bundleOf(main)).toBeDefined());
