import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { withClient } from '../../../prisma/databases';
import { asOwner } from '../../shared/test/asOwner';
import { CSV_COLUMNS } from './csvColumns';
import { NEEDED_COLUMNS } from './csvHeader';
import type { WholeRecord } from './importRecord';
import { type Format, jsonLines } from './test/bulkJobs';
import { startBulkWork } from './test/bulkWork';
import { csvOf, FIELD_CHANGES, filesOf, medium, said, small } from './test/fieldChanges';
import { FULL, FULL_CATEGORIES } from './test/fullProduct';

let bulk: Awaited<ReturnType<typeof startBulkWork>>;
beforeAll(async () => {
  bulk = await startBulkWork();
});
afterAll(() => bulk?.close());

const OTHER = {
  externalReference: 'other',
  name: 'Other',
  variants: [{ sku: 'OTHER', price: { amount: '1', currencyCode: 'USD' } }],
};

/** A store with the product of all fields and another one. */
async function makeStore() {
  const tenantId = await bulk.makeStore(FULL_CATEGORIES);
  expect(await bulk.importText(tenantId, jsonLines(FULL, OTHER))).toMatchObject({ created: 2, failed: 0 });
  return tenantId;
}

const storedOf = async (tenantId: string): Promise<WholeRecord> =>
  JSON.parse((await bulk.exportText(tenantId)).split('\n')[0] ?? '');
const versionsOf = (tenantId: string) =>
  asOwner<{ version: number; variants: number[] }>(
    bulk.ownerUrl,
    tenantId,
    `SELECT version, (SELECT json_agg(v.version ORDER BY sku) FROM product_variants v WHERE v.product_id = p.id) AS variants
     FROM products p ORDER BY slug`,
  );

describe.each(['CSV', 'JSONL'] as const)('%s', (format) => {
  it.each(Object.entries(FIELD_CHANGES).filter(([, { csv }]) => format === 'JSONL' || Object.keys(csv).length > 0))(
    'a file that says nothing but %s changes that alone, once',
    async (_name, changed) => {
      const tenantId = await makeStore();
      const text = filesOf(changed)[format];
      const send = () => bulk.importText(tenantId, text, { format, errorPolicy: 'REJECT_EVERYTHING' });
      expect(await send()).toMatchObject({ created: 0, updated: 1, unchanged: 0, failed: 0, errors: [] });
      const { publishedAt, ...becomes } = { ...FULL, ...changed.becomes };
      expect(await storedOf(tenantId)).toEqual({ ...becomes, ...(publishedAt !== undefined && { publishedAt }) });
      const [first, other] = await versionsOf(tenantId);
      expect([first?.version, other?.version].sort()).toEqual([1, 2]);
      expect(await send()).toMatchObject({ updated: 0, unchanged: 1 });
      expect(await versionsOf(tenantId)).toEqual([first, other]);
    },
  );
});

it('an empty cell changes nothing, and neither does a missing column', async () => {
  const tenantId = await makeStore();
  const known = CSV_COLUMNS.map(({ name }) => name).filter((name) => !NEEDED_COLUMNS.includes(name));
  const metafields = ['metafield:care.iron:boolean', 'variant_metafield:erp.bin:single_line_text'];
  const empty = Object.fromEntries(
    [...known, ...metafields].map((name): [string, [string, string]] => [name, ['', '']]),
  );
  for (const columns of [empty, {}]) {
    const job = await bulk.importText(tenantId, csvOf(columns), { format: 'CSV' });
    expect(job).toMatchObject({ unchanged: 1, updated: 0, failed: 0 });
  }
  expect(await storedOf(tenantId)).toEqual(FULL);
});

it('null in JSON Lines clears an optional field', async () => {
  const tenantId = await makeStore();
  const gone = ['description', 'vendor', 'productType', 'tags', 'publishedAt', 'seo', 'categories', 'metafields'];
  const goneOfVariants = [
    'compareAtPrice',
    'unitCost',
    'barcode',
    'weightGrams',
    'lowStockThreshold',
    'imagePosition',
    'metafields',
  ];
  const nulls = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));
  const record = {
    externalReference: FULL.externalReference,
    ...nulls(gone),
    variants: [{ ...said(medium), ...nulls(goneOfVariants) }, said(small)],
    images: FULL.images?.map(({ url }) => ({ url, altText: null })),
  };
  expect(await bulk.importText(tenantId, jsonLines(record))).toMatchObject({ updated: 1, failed: 0 });
  expect(await storedOf(tenantId)).toEqual({
    ...FULL,
    ...nulls(gone),
    description: '',
    vendor: '',
    productType: '',
    tags: [],
    seo: { title: null, description: null },
    categories: [],
    metafields: [],
    variants: [{ ...medium, ...nulls(goneOfVariants), metafields: [] }, small],
    images: FULL.images?.map(({ url }) => ({ url, altText: null })),
  });
  expect(await bulk.importText(tenantId, jsonLines({ ...record, images: null }))).toMatchObject({ updated: 1 });
  expect((await storedOf(tenantId)).images).toEqual([]);
});

async function waitForOneThatWaits(client: Client): Promise<void> {
  const waiting = `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()`;
  while ((await client.query(waiting)).rows.length === 0) await sleep(20);
}

describe('how a variant is sold', () => {
  const csv = (policy: string, threshold = '') =>
    csvOf({ inventory_policy: [policy, ''], low_stock_threshold: [threshold, ''] });
  const WITHOUT = ['products:read', 'products:manage'] as const;

  it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)(
    'is changed by nobody without inventory:manage, and may be said of a new one (%s)',
    async (errorPolicy) => {
      const tenantId = await makeStore();
      const send = (text: string, format: Format = 'CSV') =>
        bulk.importText(tenantId, text, { errorPolicy, format, permissions: WITHOUT });
      const refusals = [
        { text: csv('DENY'), column: 'inventory_policy', field: ['variants', '0', 'inventoryPolicy'] },
        { text: csv('', '9'), column: 'low_stock_threshold', field: ['variants', '0', 'lowStockThreshold'] },
      ];
      for (const { text, ...where } of refusals) {
        expect(await send(text)).toMatchObject({
          updated: 0,
          failed: 1,
          errors: [{ line: 2, code: 'FORBIDDEN', ...where }],
        });
      }
      expect(await send(csv('CONTINUE', '3'))).toMatchObject({ unchanged: 1, failed: 0 });
      const added = {
        ...OTHER,
        externalReference: 'new',
        variants: [{ ...OTHER.variants[0], sku: 'NEW', inventoryPolicy: 'CONTINUE', lowStockThreshold: 4 }],
      };
      expect(await send(jsonLines(added), 'JSONL')).toMatchObject({ created: 1, failed: 0 });
      expect(await storedOf(tenantId)).toEqual(FULL);
    },
  );

  it('is not overwritten by a file that repeats the old value and changes another field', async () => {
    const tenantId = await makeStore();
    const record = {
      externalReference: FULL.externalReference,
      variants: [{ ...said(medium), barcode: '1', inventoryPolicy: 'CONTINUE', lowStockThreshold: 3 }, said(small)],
    };
    await withClient(bulk.ownerUrl, async (staff) => {
      await staff.query('BEGIN');
      await staff.query('SELECT set_tenant($1)', [tenantId]);
      const write = `UPDATE product_variants SET inventory_policy = 'DENY', low_stock_threshold = 9 WHERE sku = 'AM-M'`;
      await staff.query(write);
      const importing = bulk.importText(tenantId, jsonLines(record));
      await waitForOneThatWaits(staff);
      await staff.query('COMMIT');
      expect(await importing).toMatchObject({ updated: 1, failed: 0 });
    });
    const { variants } = await storedOf(tenantId);
    expect(variants[0]).toMatchObject({ barcode: '1', inventoryPolicy: 'DENY', lowStockThreshold: 9 });
  });

  it('stays CONTINUE while there are backorders, and the file’s other products are changed', async () => {
    const tenantId = await makeStore();
    await asOwner(bulk.ownerUrl, tenantId, `UPDATE product_variants SET available = -2 WHERE sku = 'AM-M'`);
    const records = [
      { externalReference: 'other', name: 'Renamed' },
      {
        externalReference: FULL.externalReference,
        variants: [{ ...said(medium), inventoryPolicy: 'DENY' }, said(small)],
      },
    ];
    expect(await bulk.importText(tenantId, jsonLines(...records))).toMatchObject({
      updated: 1,
      failed: 1,
      errors: [{ line: 2, field: ['variants', '0', 'inventoryPolicy'], code: 'IN_USE' }],
    });
  });
});
