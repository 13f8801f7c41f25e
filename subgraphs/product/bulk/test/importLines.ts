import { Readable } from 'node:stream';
import { createTestDatabase } from '../../../../prisma/testDatabase';
import { createLogger } from '../../../shared/log';
import { runInScope } from '../../../shared/scope';
import { freshTenantId, SIGNING_KEY } from '../../../shared/test/askSubgraph';
import { openProductDatabase } from '../../database';
import { readEnv } from '../../env';
import { createMedia, type Media } from '../../media/media';
import { runDueJob } from '../bulkWorker';

/** The worker of imports on a database of its own, without a subgraph around it. */
export async function startImports() {
  const database = await createTestDatabase('product');
  const { db, close } = await openProductDatabase(database.appUrl, 4);
  const env = { NODE_ENV: 'test', PRODUCT_DATABASE_URL: database.appUrl, CALLER_SIGNING_KEY: SIGNING_KEY };
  const media = createMedia(readEnv(env), createLogger('product', 'silent'));
  return {
    db,
    ownerUrl: database.ownerUrl,

    /** Has lines of JSON imported as they are made. @returns the job, done. */
    async importLines(tenantId: string, lines: Iterable<string>) {
      const id = freshTenantId('bulk');
      const job = { tenantId, id, kind: 'IMPORT', format: 'JSONL', errorPolicy: 'IGNORE_FAILED', fileId: id } as const;
      await runInScope({ tenantId }, () => db.productBulkJob.create({ data: job }));
      const open: Media['store']['open'] = async () => ({
        body: Readable.from(lines, { objectMode: false }),
        byteSize: 1_000_000,
      });
      await runDueJob(db, { ...media, store: { ...media.store, open } }, new AbortController().signal);
      return runInScope({ tenantId }, () => db.productBulkJob.findFirstOrThrow({ where: { tenantId, id } }));
    },

    async close() {
      await close();
      await database.drop();
    },
  };
}
