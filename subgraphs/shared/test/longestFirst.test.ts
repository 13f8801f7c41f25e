import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const LongestFirst = require('./longestFirst.js');

/** Test files by their timeout, the largest file first within a kind. */
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

/** Test files as Jest passes them, with their measured durations in an earlier run. */
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

it('on a fresh clone, the test files with the longest timeouts run first, and of these the largest', () => {
  expect(sorted()).toEqual([
    'orders.int.test.ts',
    'graph.e2e.test.ts',
    'minute.int.test.ts',
    'large.test.ts',
    'unit.test.ts',
  ]);
});

it('durations of earlier runs decide when they are known', () => {
  const durations = Object.fromEntries(Object.keys(FILES).map((name, index) => [name, 100 - index]));
  expect(sorted(durations)).toEqual(Object.keys(FILES));
});
