import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..');
const DAY = new Date('2026-01-01');

/** Its own checkout, because `ts.js` caches compiled code in the folder above its own. */
let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'ts-'));
  for (const file of ['ts.js', 'compileCache.js', 'swc.json'])
    cpSync(join(ROOT, 'gateway/dev', file), join(checkout, 'gateway/dev', file));
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
});
afterEach(() => rmSync(checkout, { recursive: true }));

/** Writes files with the same modification time, since only the content matters. */
function write(file: string, source: string): void {
  const path = join(checkout, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
  utimesSync(path, DAY, DAY);
}

const load = async (file: string) =>
  (await run(process.execPath, ['--require', './gateway/dev/ts', file], { cwd: checkout })).stdout.trim();
const compiled = (folder: string) => readdirSync(join(checkout, '.data', 'compiled', folder)).sort();

describe('a program in TypeScript', () => {
  it('fails with a sentence that says what to do where npm has left out the packages for development', async () => {
    rmSync(join(checkout, 'node_modules'));
    write('a.ts', 'console.log(1);');
    await expect(load('a.ts')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The packages for development are not installed: .* npm install --include=dev\n/),
    });
  });

  it('fails with the line of a syntax error, and caches nothing', async () => {
    write('a.ts', 'const a: = 1;');
    await expect(load('a.ts')).rejects.toMatchObject({ stderr: expect.stringContaining('a.ts:1') });
    expect(() => compiled('.')).toThrow('ENOENT');
  });

  it('runs with the modules that it imports', async () => {
    write('b/two.ts', 'export const two: number = 2;');
    write('a.ts', "import { two } from './b/two';\nconsole.log(two as unknown);");
    expect(await load('a.ts')).toBe('2');
  });

  it('is compiled once, and again when its content differs, even with the same size and time', async () => {
    write('a.ts', 'console.log(1 as number);');
    expect(await load('a.ts')).toBe('1');
    const [first] = compiled('.');
    expect(await load('a.ts')).toBe('1');
    expect(compiled('.')).toEqual([first]);

    write('a.ts', 'console.log(2 as number);');
    expect(await load('a.ts')).toBe('2');
    expect(compiled('.')).toEqual([expect.not.stringContaining(first ?? '')]);
  });

  it('is loaded by many concurrent processes that all have to compile it', async () => {
    write('a.ts', 'console.log(3 as number);');
    expect(await Promise.all(Array.from({ length: 6 }, () => load('a.ts')))).toEqual(Array(6).fill('3'));
    expect(compiled('.')).toHaveLength(1);
  });

  it('shows the lines of its source in a stack trace', async () => {
    write('a.ts', 'interface A {\n  b: number;\n}\n\nexport const a: A = { b: 1 };\nthrow new Error(String(a.b));');
    await expect(load('a.ts')).rejects.toMatchObject({ stderr: expect.stringMatching(/a\.ts:6:7/) });
  });

  it('imports a package that is an ES module only', async () => {
    write('a.ts', "import('./b.mjs').then(({ five }) => console.log(five as number));");
    write('b.mjs', 'export const five = 5;');
    expect(await load('a.ts')).toBe('5');
  });
});
