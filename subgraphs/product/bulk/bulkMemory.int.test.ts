import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startBulkWork } from './test/bulkWork';

const PRODUCTS = 6_000;
/**
 * What is live is looked at over as many lines, early in the file and late. Prisma keeps what its last hundred log lines were
 * about, which here is some five batches: within so many lines that is at its most and at its least.
 */
const SPAN = 1_200;
/** The names of a product are some 250 bytes. If all of it were held, 4,200 more would be half as much again as this. */
const MAX_GROWTH = 4 * 1024 * 1024;
const DESCRIPTION = 'A good thing to have. '.repeat(60);

let imports: Awaited<ReturnType<typeof startBulkWork>>;
beforeAll(async () => {
  imports = await startBulkWork();
});
afterAll(() => imports.close());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function liveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const lineOf = (n: number, edition: number) =>
  `${JSON.stringify({
    externalReference: `ref-${n}`,
    name: `Product ${n} of edition ${edition}`,
    description: `${n} ${DESCRIPTION}`,
    variants: [{ sku: `SKU-${n}`, price: { amount: `${edition}.00`, currencyCode: 'USD' } }],
  })}\n`;

it.each([
  ['new products', 'created', 1],
  ['products that are the same', 'unchanged', 1],
  ['products that change', 'updated', 2],
] as const)(
  'an import of %s holds no more in memory at the end of a long file than at its beginning',
  async (_what, counted, edition) => {
    const live: { line: number; bytes: number }[] = [];
    function* lines() {
      for (let line = 1; line <= PRODUCTS; line += 1) {
        if (line % 200 === 0) live.push({ line, bytes: liveBytes() });
        yield lineOf(line, edition);
      }
    }
    const job = await imports.importLines('org_memory', lines());
    expect(job).toMatchObject({ status: 'SUCCEEDED', failed: 0, [counted]: PRODUCTS });
    const most = (from: number) =>
      Math.max(...live.flatMap(({ line, bytes }) => (line > from && line <= from + SPAN ? [bytes] : [])));
    expect(most(PRODUCTS - SPAN) - most(SPAN / 2)).toBeLessThan(MAX_GROWTH);
  },
  120_000,
);
