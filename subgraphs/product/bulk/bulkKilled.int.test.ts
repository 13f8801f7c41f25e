import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../gateway/dev/ports';
import { type ServiceProcess, startService } from '../../../gateway/dev/serviceProcess';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { admin, askSubgraph, freshTenantId, SIGNING_KEY, type SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { liftLimit } from '../test/planRow';

const PRODUCTS = 1_000;
const STAGE = `mutation ($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) { stagedUploadTargets { id url } } }`;
const IMPORT = 'mutation ($input: ProductsImportInput!) { productsImport(input: $input) { productsImportJob { id } } }';
const JOB =
  'query ($id: ID!) { productsImportJob(id: $id) { status progress created updated unchanged failed errors { line } } }';

let database: TestDatabase;
let mediaPath: string;
let port: number;
let client: SubgraphUnderTest;
let running: ServiceProcess;

beforeAll(async () => {
  database = await createTestDatabase('product');
  mediaPath = await mkdtemp(join(tmpdir(), 'media-'));
  port = await freePort();
  client = askSubgraph(`http://127.0.0.1:${port}`, 'product');
  running = await startProcess();
});
afterAll(async () => {
  await client?.close();
  await running?.stop();
  await database?.drop();
  await rm(mediaPath, { recursive: true });
});

const startProcess = () =>
  startService({
    name: 'product',
    main: 'subgraphs/product/main.ts',
    port,
    env: {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PRODUCT_PORT: String(port),
      PRODUCT_DATABASE_URL: database.appUrl,
      CALLER_SIGNING_KEY: SIGNING_KEY,
      MEDIA_DISK_PATH: mediaPath,
    },
    onLine: () => {},
  });

/** @param price of each product. */
async function startImport(tenantId: string, errorPolicy: string, price: string): Promise<string> {
  await liftLimit(database.ownerUrl, tenantId);
  const lines = Array.from({ length: PRODUCTS }, (_, n) =>
    JSON.stringify({
      externalReference: `r${n}`,
      name: `Product ${n}`,
      status: 'ACTIVE',
      variants: [{ sku: `S${n}`, price: { amount: price, currencyCode: 'USD' }, quantityOnHand: 2 }],
    }),
  );
  const body = lines.join('\n');
  const contentType = 'application/x-ndjson';
  const upload = { purpose: 'PRODUCT_IMPORT', contentType, byteSize: Buffer.byteLength(body) };
  const staged = await client.ask(admin(tenantId), STAGE, { input: [upload] });
  const [{ id, url }] = staged.data.stagedUploadsCreate.stagedUploadTargets;
  const at = url.replace('http://localhost:3000', `http://127.0.0.1:${port}`);
  await fetch(at, { method: 'PUT', headers: { 'content-type': contentType, connection: 'close' }, body });
  const { data } = await client.ask(admin(tenantId), IMPORT, { input: { stagedUploadId: id, errorPolicy } });
  return data.productsImport.productsImportJob.id;
}

const inStore = <Row extends object>(tenantId: string, sql: string) => asOwner<Row>(database.ownerUrl, tenantId, sql);

async function until<Value>(look: () => Promise<Value>, isEnough: (value: Value) => boolean): Promise<Value> {
  for (let attempt = 0; attempt < 800; attempt += 1) {
    const value = await look();
    if (isEnough(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It does not come to that');
}

/** Kills the process when some products are written, and lets another process finish the job. @returns the job. */
async function killMidway(tenantId: string, id: string, counted: 'created' | 'updated', done: string) {
  const countDone = async () => {
    const [row] = await inStore<{ count: number }>(
      tenantId,
      `SELECT count(*)::int AS count FROM products WHERE ${done}`,
    );
    return row?.count ?? 0;
  };
  await until(countDone, (count) => count > 0);
  expect(await running.kill()).toBe('SIGKILL');
  const left = await countDone();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(PRODUCTS);
  // A batch is written completely or not at all, and the line reached matches what was written.
  const [job] = await inStore(tenantId, `SELECT created, updated FROM product_bulk_jobs WHERE id = '${id}'`);
  expect(job).toEqual({ created: 0, updated: 0, [counted]: left });

  running = await startProcess();
  await inStore(tenantId, `UPDATE product_bulk_jobs SET lease_until = now() WHERE id = '${id}'`);
  const { data } = await until(
    () => client.ask(admin(tenantId), JOB, { id }),
    ({ data }) => data.productsImportJob.status !== 'RUNNING',
  );
  return data.productsImportJob;
}

const DONE = { status: 'SUCCEEDED', progress: 1, created: 0, updated: 0, unchanged: 0, failed: 0, errors: [] };

describe('An import whose process is killed', () => {
  it.each(['REJECT_EVERYTHING', 'IGNORE_FAILED'])(
    '%s: goes on in another: every product is added once, and the next time is changed once',
    async (errorPolicy) => {
      const tenantId = freshTenantId();
      const added = await startImport(tenantId, errorPolicy, '1.00');
      expect(await killMidway(tenantId, added, 'created', 'true')).toEqual({ ...DONE, created: PRODUCTS });
      const [counts] = await inStore(
        tenantId,
        `SELECT (SELECT count(DISTINCT external_reference)::int FROM products) AS references,
           (SELECT count(*)::int FROM products) AS products, (SELECT count(*)::int FROM product_variants) AS variants,
           (SELECT sum(quantity)::int FROM stock_movements) AS stock,
           (SELECT count(*)::int FROM outbox_events WHERE type = 'product.created') AS events`,
      );
      expect(counts).toEqual({
        references: PRODUCTS,
        products: PRODUCTS,
        variants: PRODUCTS,
        stock: PRODUCTS * 2,
        events: PRODUCTS,
      });

      const changed = await startImport(tenantId, errorPolicy, '2.00');
      expect(await killMidway(tenantId, changed, 'updated', 'version > 1')).toEqual({ ...DONE, updated: PRODUCTS });
      const [changes] = await inStore(
        tenantId,
        `SELECT (SELECT count(*)::int FROM products WHERE version = 2 AND min_price_amount = 200) AS products,
           (SELECT count(*)::int FROM outbox_events WHERE type = 'product.updated') AS updates,
           (SELECT count(*)::int FROM outbox_events WHERE type = 'variant.price_changed') AS prices`,
      );
      expect(changes).toEqual({ products: PRODUCTS, updates: PRODUCTS, prices: PRODUCTS });
    },
    240_000,
  );
});
