import { asOwner } from '../../shared/test/asOwner';
import { jsonLines } from './test/bulkJobs';
import { startBulkWork } from './test/bulkWork';
import { FAULTS, faultyFile, record } from './test/faultyFile';

let bulk: Awaited<ReturnType<typeof startBulkWork>>;
beforeAll(async () => {
  bulk = await startBulkWork();
});
afterAll(() => bulk?.close());

const NAMES = Object.keys(FAULTS);

describe.each(['CSV', 'JSONL'] as const)('%s', (format) => {
  it.each([
    ['REJECT_EVERYTHING', 0],
    ['IGNORE_FAILED', 1],
  ] as const)(`%s names the place of each bad value: ${NAMES.join(', ')}`, async (errorPolicy, created) => {
    const tenantId = await bulk.makeStore([]);
    const { text, expected, count } = faultyFile(format);
    const job = await bulk.importText(tenantId, text, { format, errorPolicy });
    expect(job).toMatchObject({ created, failed: count });
    expect(job.errors).toEqual(expected.map((fault) => expect.objectContaining(fault)));
    const products = 'SELECT external_reference AS is FROM products';
    expect(await asOwner(bulk.ownerUrl, tenantId, products)).toEqual(created ? [{ is: 'good' }] : []);
  });

  it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)(
    '%s names it as well where the product is there already, and changes nothing of it',
    async (errorPolicy) => {
      const tenantId = await bulk.makeStore([]);
      const { text, expected, count } = faultyFile(format);
      const there = Array.from({ length: NAMES.length }, (_, index) => record(`r${index}`));
      expect(await bulk.importText(tenantId, jsonLines(...there))).toMatchObject({ created: NAMES.length });
      const job = await bulk.importText(tenantId, text, { format, errorPolicy });
      expect(job).toMatchObject({ updated: 0, failed: count });
      expect(job.errors).toEqual(expected.map((fault) => expect.objectContaining(fault)));
      const [versions] = await asOwner(bulk.ownerUrl, tenantId, 'SELECT max(version) AS most FROM products');
      expect(versions).toEqual({ most: 1 });
    },
  );
});

it.each([
  ['metafield:care.washing:number', /column metafield:care\.washing:number: expected .*number_integer/],
  ['metafield:washing:json', /column metafield:washing:json: expected metafield:<namespace>\.<key>:<type>/],
  ['variant_metafield:a.b:json:secret', /column variant_metafield:a\.b:json:secret: expected/],
  ['Price', /column price is there twice/],
  ['colour', /unknown column: colour/],
  ['option2_value', /missing columns: option2_name/],
])('a CSV file with the column %s can’t be read, and says why', async (column, failure) => {
  const tenantId = await bulk.makeStore([]);
  const text = `external_reference,name,sku,price,currency,${column}\na,A,a,1,USD,1\n`;
  for (const errorPolicy of ['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const) {
    const job = await bulk.importText(tenantId, text, { format: 'CSV', errorPolicy });
    expect(job).toMatchObject({ status: 'FAILED', created: 0, failure: expect.stringMatching(failure) });
  }
});

it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)(
  'a metafield more than the 50 that a product may have is refused, also where a file names that one alone (%s)',
  async (errorPolicy) => {
    const tenantId = await bulk.makeStore([]);
    const many = Array.from({ length: 50 }, (_, n) => ({ namespace: 'n', key: `k${n}`, type: 'JSON', value: '1' }));
    const full = record('a', { metafields: many }, { metafields: many });
    expect(await bulk.importText(tenantId, jsonLines(full, record('b')))).toMatchObject({ created: 2 });
    const header = 'external_reference,sku,price,currency,metafield:n.more:json,variant_metafield:n.more:json';
    const rows = (reference: string, product: string, variant: string) =>
      `${reference},${reference}-S,10.00,USD,${product},\n${reference},${reference}-M,10.00,USD,,${variant}`;
    const text = [header, rows('a', '1', '1'), rows('b', '1', '1')].join('\n');
    const job = await bulk.importText(tenantId, text, { format: 'CSV', errorPolicy });
    expect(job).toMatchObject({ updated: errorPolicy === 'IGNORE_FAILED' ? 1 : 0, failed: 1 });
    expect(job.errors).toMatchObject([{ line: 2, field: ['metafields'], code: 'INVALID' }]);
    const ofVariant = [header, rows('a', '', '1')].join('\n');
    expect((await bulk.importText(tenantId, ofVariant, { format: 'CSV', errorPolicy })).errors).toMatchObject([
      { line: 3, field: ['variants', '1', 'metafields'], code: 'INVALID' },
    ]);
  },
);

it('a new product needs a name and a variant, an existing one does not', async () => {
  const tenantId = await bulk.makeStore([]);
  const { name: _, ...nameless } = record('a');
  const { variants: __, options: ___, ...without } = record('b');
  expect((await bulk.importText(tenantId, jsonLines(nameless, without))).errors).toMatchObject([
    { line: 1, field: ['name'], code: 'REQUIRED' },
    { line: 2, field: ['variants'], code: 'REQUIRED' },
  ]);
  await bulk.importText(tenantId, jsonLines(record('a'), record('b')));
  expect(await bulk.importText(tenantId, jsonLines(nameless, without))).toMatchObject({ unchanged: 2, failed: 0 });
});
