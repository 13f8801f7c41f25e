import { startBulkWork } from './bulkWork';

const DESCRIPTION = 'A good thing to have. '.repeat(60);

/** What was live in memory after so many lines. */
interface Live {
  line: number;
  bytes: number;
}

export interface MeasuredImport {
  job: { status: string; failed: number; created: number; unchanged: number; updated: number };
  live: Live[];
}

/**
 * `node --expose-gc … importMemory.ts 6000 1 1 2`: imports a file of 6,000 products in editions 1, 1 and 2, and prints what was
 * live meanwhile. A process of its own: in Jest's a garbage collection goes through what a hundred test files have left.
 */
async function measure(products: number, editions: number[]): Promise<MeasuredImport[]> {
  const imports = await startBulkWork();
  const measured: MeasuredImport[] = [];
  for (const edition of editions) {
    const live: Live[] = [];
    function* lines() {
      for (let line = 1; line <= products; line += 1) {
        if (line % 200 === 0) live.push({ line, bytes: liveBytes() });
        yield lineOf(line, edition);
      }
    }
    const { status, failed, created, unchanged, updated } = await imports.importLines('org_memory', lines);
    measured.push({ job: { status, failed, created, unchanged, updated }, live });
  }
  await imports.close();
  return measured;
}

function liveBytes(): number {
  if (!globalThis.gc) throw new Error('Start this with --expose-gc');
  globalThis.gc();
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

if (require.main === module) {
  const [products = 0, ...editions] = process.argv.slice(2).map(Number);
  void measure(products, editions).then((measured) => console.log(JSON.stringify(measured)));
}
