import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MeasuredImport } from './test/importMemory';

const PRODUCTS = 6_000;
/**
 * What is live is looked at over as many lines, early in the file and late. Prisma keeps what its last hundred log lines were
 * about, which here is some five batches: within so many lines that is at its most and at its least.
 */
const SPAN = 1_200;
/** The names of a product are some 250 bytes. If all of it were held, 4,200 more would be half as much again as this. */
const MAX_GROWTH = 4 * 1024 * 1024;
const SCRIPT = 'subgraphs/product/bulk/test/importMemory.ts';

const IMPORTS = [
  ['new products', 'created', 1],
  ['products that are the same', 'unchanged', 1],
  ['products that change', 'updated', 2],
] as const;

let measured: MeasuredImport[];
beforeAll(async () => {
  const editions = IMPORTS.map(([, , edition]) => String(edition));
  const program = ['--expose-gc', '--require', './gateway/dev/ts', SCRIPT, String(PRODUCTS), ...editions];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  measured = JSON.parse(stdout);
}, 180_000);

it.each(IMPORTS.map(([what, counted], index) => [what, counted, index] as const))(
  'an import of %s holds no more in memory at the end of a long file than at its beginning',
  (_what, counted, index) => {
    expect(measured[index]?.job).toMatchObject({ status: 'SUCCEEDED', failed: 0, [counted]: PRODUCTS });
    const live = measured[index]?.live ?? [];
    const most = (from: number) =>
      Math.max(...live.flatMap(({ line, bytes }) => (line > from && line <= from + SPAN ? [bytes] : [])));
    expect(most(PRODUCTS - SPAN) - most(SPAN / 2)).toBeLessThan(MAX_GROWTH);
  },
);
