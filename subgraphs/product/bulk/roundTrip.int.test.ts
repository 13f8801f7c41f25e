import { freshTenantId } from '../../shared/test/askSubgraph';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { bulkJobs, jsonLines } from './test/bulkJobs';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let bulk: ReturnType<typeof bulkJobs>;
beforeAll(async () => {
  product = await startTestSubgraph();
  bulk = bulkJobs(product);
});
afterAll(() => product.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const RECORDS = [
  {
    externalReference: 'a',
    name: 'A',
    status: 'ACTIVE',
    description: 'Two\nlines, "quoted"',
    tags: ['x', 'y'],
    vendor: 'Nike',
    variants: [{ sku: 'A', price: usd('10.00'), stock: 3 }],
  },
  {
    externalReference: 'b',
    name: 'B',
    options: [{ name: 'Size', values: ['S', 'M'] }],
    variants: ['S', 'M'].map((value) => ({
      sku: `B-${value}`,
      price: usd('5.00'),
      optionValues: [{ option: 'Size', value }],
      stock: 2,
    })),
  },
];

describe.each(['CSV', 'JSONL'] as const)('productsExport as %s', (format) => {
  it('writes what an import reads: another store comes out the same, and the same one stays as it is', async () => {
    const [from, to, other] = [freshTenantId(), freshTenantId(), freshTenantId()];
    await bulk.importText(from, jsonLines(...RECORDS));
    await bulk.importText(other, jsonLines({ ...RECORDS[0], externalReference: 'not-mine' }));
    const text = await bulk.exportText(from, format);
    expect(text).not.toContain('not-mine');
    expect(await bulk.importText(to, text, 'REJECT_EVERYTHING', format)).toMatchObject({ created: 2, failed: 0 });
    expect(await bulk.exportText(to, format)).toBe(text);
    expect(await bulk.importText(from, text, 'REJECT_EVERYTHING', format)).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 2,
      failed: 0,
    });
  });

  it('is at an address of its own store alone', async () => {
    const [mine, other] = [freshTenantId(), freshTenantId()];
    await bulk.importText(mine, jsonLines(...RECORDS));
    const url = await bulk.exportUrl(mine, format);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(mine, other))).status).toBe(404);
  });
});
