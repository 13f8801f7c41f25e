import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const LongestFirst = require('./longestFirst.js');

/** Each by what it asks for, the largest first within a kind. */
const FILES = {
  'unit.test.ts': `it('adds', () => {});`,
  'large.test.ts': `it('adds much', () => {});${' '.repeat(100)}`,
  'minute.int.test.ts': 'jest.setTimeout(60_000);',
  'graph.e2e.test.ts': 'beforeAll(start, 120_000);',
  'orders.int.test.ts': `it('in any order', async () => {\n}, 300_000);\nit('twice', async () => {\n}, 60_000);`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sequence-'));
  for (const [name, source] of Object.entries(FILES)) writeFileSync(join(folder, name), source);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As Jest gives them, with what it measured of each in an earlier run. */
function sorted(durations: Record<string, number> = {}): string[] {
  class WithDurations extends LongestFirst {
    time({ path }: { path: string }) {
      return durations[basename(path)];
    }
    hasFailed() {
      return false;
    }
  }
  const getSize = (path: string) => FILES[basename(path) as keyof typeof FILES].length;
  const tests = Object.keys(FILES).map((name) => ({ path: join(folder, name), context: { hasteFS: { getSize } } }));
  return new WithDurations().sort(tests).map(({ path }: { path: string }) => basename(path));
}

it('on a fresh clone, the test files that ask for the most patience go first, and of these the largest', () => {
  expect(sorted()).toEqual([
    'orders.int.test.ts',
    'graph.e2e.test.ts',
    'minute.int.test.ts',
    'large.test.ts',
    'unit.test.ts',
  ]);
});

it('what they took in earlier runs decides where it is known', () => {
  const durations = Object.fromEntries(Object.keys(FILES).map((name, index) => [name, 100 - index]));
  expect(sorted(durations)).toEqual(Object.keys(FILES));
});
