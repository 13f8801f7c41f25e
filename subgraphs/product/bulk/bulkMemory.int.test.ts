import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { freshTenantId, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { openProductDatabase } from '../database';
import { readEnv } from '../env';
import { createMedia, type Media } from '../media/media';
import { runDueJob } from './bulkWorker';

const PRODUCTS = 3_600;
/**
 * What is live is looked at over as many lines, early in the file and late. Prisma keeps what its last hundred log lines were
 * about, which here is some five batches: within so many lines that is at its most and at its least.
 */
const SPAN = 1_200;
/** The names of a product are some 250 bytes. If all of it were held, 1,800 more would be more than twice as much as this. */
const MOST_GROWTH = 2 * 1024 * 1024;
const DESCRIPTION = 'A good thing to have. '.repeat(60);

let database: TestDatabase;
let opened: Awaited<ReturnType<typeof openProductDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase('product');
  opened = await openProductDatabase(database.appUrl, 4);
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function liveBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const lineOf = (n: number) =>
  `${JSON.stringify({
    externalReference: `ref-${n}`,
    name: `Product ${n}`,
    description: `${n} ${DESCRIPTION}`,
    variants: [{ sku: `SKU-${n}`, price: { amount: '1.00', currencyCode: 'USD' } }],
  })}\n`;

it.each(['new products', 'products that are the same'])(
  'an import of %s holds no more in memory at the end of a long file than at its beginning',
  async () => {
    const { db } = opened;
    const tenantId = 'org_memory';
    const live: { line: number; bytes: number }[] = [];
    function* lines() {
      for (let line = 1; line <= PRODUCTS; line += 1) {
        if (line % 200 === 0) live.push({ line, bytes: liveBytes() });
        yield lineOf(line);
      }
    }
    const media = createMedia(
      readEnv({ NODE_ENV: 'test', PRODUCT_DATABASE_URL: database.appUrl, CALLER_SIGNING_KEY: SIGNING_KEY }),
      createLogger('product', 'silent'),
    );
    const open: Media['store']['open'] = async () => ({
      body: Readable.from(lines(), { objectMode: false }),
      byteSize: PRODUCTS * lineOf(PRODUCTS).length,
    });
    await runInScope({ tenantId }, () =>
      db.productBulkJob.create({
        data: {
          tenantId,
          id: freshTenantId('bulk'),
          kind: 'IMPORT',
          format: 'JSONL',
          errorPolicy: 'IGNORE_FAILED',
          fileId: 'file_1',
        },
      }),
    );
    await runDueJob(db, { ...media, store: { ...media.store, open } }, new AbortController().signal);

    const job = await runInScope({ tenantId }, () =>
      db.productBulkJob.findFirst({ where: { tenantId }, orderBy: { createdAt: 'desc' } }),
    );
    expect(job).toMatchObject({ status: 'SUCCEEDED', failed: 0 });
    expect((job?.created ?? 0) + (job?.updated ?? 0)).toBe(PRODUCTS);
    const most = (from: number) =>
      Math.max(...live.flatMap(({ line, bytes }) => (line > from && line <= from + SPAN ? [bytes] : [])));
    expect(most(PRODUCTS - SPAN) - most(SPAN / 2)).toBeLessThan(MOST_GROWTH);
  },
);
