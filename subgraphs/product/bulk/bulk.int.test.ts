import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { leaveRoomFor } from '../test/planRow';
import { IMPORT, IMPORT_JOB, jsonLines, type Policy, startBulk } from './test/bulkJobs';

let product: Awaited<ReturnType<typeof startBulk>>;
beforeAll(async () => {
  product = await startBulk();
});
afterAll(() => product?.close());

const record = (reference: string, changes: object = {}) => ({
  externalReference: reference,
  name: `Product ${reference}`,
  status: 'ACTIVE',
  variants: [{ sku: `SKU-${reference}`, price: { amount: '10.00', currencyCode: 'USD' }, quantityOnHand: 3 }],
  ...changes,
});
const rowsOf = (tenantId: string) =>
  asOwner<{ reference: string; name: string; stock: number; events: number }>(
    product.ownerUrl,
    tenantId,
    `SELECT external_reference AS reference, name,
       (SELECT sum(available)::int FROM product_variants v WHERE v.product_id = p.id) AS stock,
       (SELECT count(*)::int FROM outbox_events e WHERE e.aggregate_id = p.id AND e.type = 'product.created') AS events
     FROM products p WHERE external_reference IS NOT NULL ORDER BY external_reference`,
  );

describe('productsImport', () => {
  it('J24 names the user and the impersonator in the stock movements that it writes', async () => {
    const tenantId = freshTenantId();
    const stagedUploadId = await product.upload(tenantId, jsonLines(record('a')));
    const watched = { ...admin(tenantId), userId: 'user_watched', impersonatorId: 'user_support' };
    const { data } = await product.ask(watched, IMPORT, {
      input: { stagedUploadId, errorPolicy: 'REJECT_EVERYTHING' },
    });
    await product.finished(tenantId, data.productsImport.productsImportJob.id);
    const written = 'SELECT actor_id, impersonator_id FROM';
    for (const table of ['stock_movements', 'product_bulk_jobs']) {
      expect([table, await asOwner(product.ownerUrl, tenantId, `${written} ${table}`)]).toEqual([
        table,
        [{ actor_id: 'user_watched', impersonator_id: 'user_support' }],
      ]);
    }
  });

  it('is refused without products:manage', async () => {
    const tenantId = freshTenantId();
    for (const caller of [
      visitor(tenantId),
      customer(tenantId),
      { ...member(tenantId), permissions: ['products:read' as const] },
    ]) {
      const { errors } = await product.ask(caller, IMPORT, { input: { stagedUploadId: 'file_x' } });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('answers NOT_FOUND for another store’s upload and job, as for an unknown one, and changes nothing of theirs', async () => {
    const [attacker, victim] = [freshTenantId(), freshTenantId()];
    const theirs = await product.upload(victim, jsonLines(record('a')));
    const { productsImportJob: job } = await product.start(
      victim,
      await product.upload(victim, jsonLines(record('b'))),
    );
    await product.finished(victim, job.id);
    // The media sweep, which runs once a minute, would remove the imported file between the two checksums.
    await asOwner(product.ownerUrl, victim, `DELETE FROM media_files WHERE status = 'REMOVED'`);
    const before = await checksumOfTenant(product.ownerUrl, victim);
    expect(await product.start(attacker, theirs)).toEqual(await product.start(attacker, 'file_none'));
    expect(await product.ask(admin(attacker), IMPORT_JOB, { id: job.id })).toEqual(
      await product.ask(admin(attacker), IMPORT_JOB, { id: 'bulk_none' }),
    );
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('uses an upload once: of two concurrent imports of it one begins', async () => {
    const tenantId = freshTenantId();
    const file = await product.upload(tenantId, jsonLines(record('a')));
    const begun = await Promise.all([product.start(tenantId, file), product.start(tenantId, file)]);
    expect(begun.filter(({ productsImportJob }) => productsImportJob !== null)).toHaveLength(1);
  });

  it.each<[string, string, 'CSV' | 'JSONL', RegExp]>([
    ['a CSV with unknown columns', 'external_reference,sku,price,currency,colour\na,b,1,USD,red\n', 'CSV', /colour/],
    ['a CSV without a required column', 'external_reference,name\na,b\n', 'CSV', /missing columns: sku/],
    ['a CSV whose lines differ in length', 'external_reference,sku,price,currency\na,b\n', 'CSV', /can’t be read/],
  ])('fails as a whole on %s', async (_what, text, format, failure) => {
    const tenantId = freshTenantId();
    expect(await product.importText(tenantId, text, 'IGNORE_FAILED', format)).toMatchObject({
      status: 'FAILED',
      failure: expect.stringMatching(failure),
    });
  });

  const FAULTY = [
    record('a'),
    'no json',
    record('b', { name: '' }),
    record('c', { price: 5 }),
    record('d', { variants: [{ sku: 'SKU-d', price: { amount: '1.234', currencyCode: 'USD' } }] }),
    record('e', { categories: ['no-such-category'] }),
    record('a'),
    record('f', { variants: [{ sku: 'SKU-a', price: { amount: '1.00', currencyCode: 'USD' } }] }),
    record('g'),
  ];
  const REFUSALS = [
    { line: 2, code: 'INVALID' },
    { line: 3, field: ['name'], code: 'REQUIRED' },
    { line: 4, code: 'INVALID' },
    { line: 5, field: ['variants', '0', 'price', 'amount'], code: 'INVALID' },
    { line: 6, field: ['categories', '0'], code: 'NOT_FOUND' },
    { line: 7, field: ['externalReference'], code: 'TAKEN' },
    { line: 7, field: ['variants', '0', 'sku'], code: 'TAKEN' },
    { line: 8, field: ['variants', '0', 'sku'], code: 'TAKEN' },
  ];

  it('REJECT_EVERYTHING changes nothing when a line is refused, and reports every error', async () => {
    const tenantId = freshTenantId();
    const job = await product.importText(tenantId, jsonLines(...FAULTY), 'REJECT_EVERYTHING');
    expect(job).toMatchObject({ status: 'FAILED', created: 0, updated: 0, failed: 7, errors: REFUSALS });
    expect(await rowsOf(tenantId)).toEqual([]);
  });

  it('IGNORE_FAILED imports the other lines', async () => {
    const tenantId = freshTenantId();
    const job = await product.importText(tenantId, jsonLines(...FAULTY), 'IGNORE_FAILED');
    expect(job).toMatchObject({ status: 'SUCCEEDED', progress: 1, created: 2, failed: 7, errors: REFUSALS });
    expect((await rowsOf(tenantId)).map(({ reference }) => reference)).toEqual(['a', 'g']);
  });

  describe('when the file has more products than the store’s plan allows', () => {
    const importWithin = async (tenantId: string, room: number, policy: Policy, records: object[]) => {
      await leaveRoomFor(product.ownerUrl, tenantId, room, 'STARTER');
      const { productsImportJob: job } = await product.start(
        tenantId,
        await product.upload(tenantId, jsonLines(...records)),
        policy,
      );
      return product.finished(tenantId, job.id);
    };
    // More than one batch: the first one uses up the limit for the second.
    const many = Array.from({ length: 205 }, (_, n) => record(String(n).padStart(3, '0')));
    const beyond = (...lines: number[]) => lines.map((line) => ({ line, field: [], code: 'LIMIT_REACHED' }));

    it('REJECT_EVERYTHING changes nothing, and reports the lines beyond the limit', async () => {
      const tenantId = freshTenantId();
      const job = await importWithin(tenantId, 203, 'REJECT_EVERYTHING', many);
      expect(job).toMatchObject({ status: 'FAILED', created: 0, failed: 2, errors: beyond(204, 205) });
      expect(await rowsOf(tenantId)).toEqual([]);
    });

    it('IGNORE_FAILED adds products up to the limit, and changes existing ones all the same', async () => {
      const tenantId = freshTenantId();
      const job = await importWithin(tenantId, 203, 'IGNORE_FAILED', many);
      expect(job).toMatchObject({ status: 'SUCCEEDED', created: 203, failed: 2, errors: beyond(204, 205) });
      const again = [record('new'), record('000', { name: 'Renamed' })];
      expect(await importWithin(tenantId, 203, 'IGNORE_FAILED', again)).toMatchObject({
        created: 0,
        updated: 1,
        failed: 1,
        errors: beyond(1),
      });
      expect(await rowsOf(tenantId)).toHaveLength(203);
    });

    it('allows exactly as many as the limit', async () => {
      const tenantId = freshTenantId();
      expect(await importWithin(tenantId, 3, 'REJECT_EVERYTHING', many.slice(0, 3))).toMatchObject({
        status: 'SUCCEEDED',
        created: 3,
      });
    });
  });

  it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const)(
    '%s: the same file once more changes products and adds none; stock and what is left out stay',
    async (policy) => {
      const tenantId = freshTenantId();
      const many = Array.from({ length: 450 }, (_, n) => ({ ...record(String(n).padStart(3, '0')), vendor: 'Nike' }));
      expect(await product.importText(tenantId, jsonLines(...many), policy)).toMatchObject({
        created: 450,
        updated: 0,
        failed: 0,
      });
      const renamed = many.slice(0, 3).map(({ vendor: _, ...entry }) => ({
        ...entry,
        name: 'Renamed',
        variants: entry.variants.map((variant) => ({ ...variant, quantityOnHand: 99 })),
      }));
      expect(await product.importText(tenantId, jsonLines(...renamed), policy)).toMatchObject({
        created: 0,
        updated: 3,
        failed: 0,
      });
      const rows = await rowsOf(tenantId);
      expect(rows).toHaveLength(450);
      expect(rows.every(({ stock, events }) => stock === 3 && events === 1)).toBe(true);
      expect(rows.filter(({ name }) => name === 'Renamed')).toHaveLength(3);
      const vendors = await asOwner(product.ownerUrl, tenantId, `SELECT DISTINCT vendor FROM products`);
      expect(vendors).toEqual([{ vendor: 'Nike' }]);
    },
  );

  it('keeps a CSV’s product of several lines together, with its options and categories', async () => {
    const tenantId = freshTenantId();
    await product.ask(admin(tenantId), 'mutation { categoryCreate(input: { name: "Running" }) { category { id } } }');
    const csv = `external_reference,name,categories,tags,status,option1_name,option1_value,sku,price,currency,quantity_on_hand
p1,"Air ""Max"", 90",running,new;red,active,Size,42,AM-42,150.00,USD,5
p1,,,,,,43,AM-43,155.00,USD,7
p2,Plain,,,,,,PL,9.99,USD,
`;
    const job = await product.importText(tenantId, csv, 'REJECT_EVERYTHING', 'CSV');
    expect(job).toMatchObject({ status: 'SUCCEEDED', created: 2, errors: [] });
    const { data } = await product.ask(
      visitor(tenantId),
      '{ product(slug: "air-max-90") { name tags options { name values } categories { slug } variants { nodes { sku quantityAvailable optionValues { value } } } } }',
    );
    expect(data.product).toEqual({
      name: 'Air "Max", 90',
      tags: ['new', 'red'],
      options: [{ name: 'Size', values: ['42', '43'] }],
      categories: [{ slug: 'running' }],
      variants: {
        nodes: [
          { sku: 'AM-42', quantityAvailable: 5, optionValues: [{ value: '42' }] },
          { sku: 'AM-43', quantityAvailable: 7, optionValues: [{ value: '43' }] },
        ],
      },
    });
  });
});
