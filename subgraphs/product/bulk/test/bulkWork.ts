import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createTestDatabase } from '../../../../prisma/testDatabase';
import { createLogger } from '../../../shared/log';
import { PERMISSIONS, type Permission } from '../../../shared/permissions';
import { runInScope } from '../../../shared/scope';
import { freshTenantId, SIGNING_KEY } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { openProductDatabase } from '../../database';
import { readEnv } from '../../env';
import { createMedia, type Media } from '../../files/media';
import { liftLimit } from '../../test/planRow';
import { runDueJob } from '../bulkWorker';
import type { Format, Policy } from './bulkJobs';

interface Asked {
  format?: Format;
  errorPolicy?: Policy;
  /** Of who asks. */
  permissions?: readonly Permission[];
}

/** The worker of imports and exports on a database of its own, without a subgraph around it: a job begins at once. */
export async function startBulkWork() {
  const database = await createTestDatabase('product');
  const { db, close } = await openProductDatabase(database.appUrl, 4);
  const env = { NODE_ENV: 'test', PRODUCT_DATABASE_URL: database.appUrl, CALLER_SIGNING_KEY: SIGNING_KEY };
  const media = createMedia(readEnv(env), createLogger('product', 'silent'));

  /** @returns the job, done, with its errors. */
  async function run(tenantId: string, kind: 'IMPORT' | 'EXPORT', asked: Asked, store: Partial<Media['store']>) {
    const { format = 'JSONL', errorPolicy = 'IGNORE_FAILED', permissions = PERMISSIONS } = asked;
    const id = freshTenantId('bulk');
    const policy = kind === 'IMPORT' ? errorPolicy : null;
    await liftLimit(database.ownerUrl, tenantId);
    const job = { tenantId, id, kind, format, errorPolicy: policy, fileId: id, permissions: [...permissions] };
    await runInScope({ tenantId }, () => db.productBulkJob.create({ data: job }));
    await runDueJob(db, { ...media, store: { ...media.store, ...store } }, new AbortController().signal);
    return runInScope({ tenantId }, () =>
      db.productBulkJob.findFirstOrThrow({
        where: { tenantId, id },
        include: { errors: { orderBy: [{ line: 'asc' }, { ordinal: 'asc' }] } },
      }),
    );
  }

  /** Has lines imported as they are made. @param lines makes them anew each time that the file is read. */
  const importLines = (tenantId: string, lines: () => Iterable<string | Buffer>, asked: Asked = {}) =>
    run(tenantId, 'IMPORT', asked, {
      open: async () => ({ body: Readable.from(lines(), { objectMode: false }), byteSize: 1_000_000 }),
    });

  return {
    db,
    ownerUrl: database.ownerUrl,
    importLines,
    importText: (tenantId: string, file: string | Buffer, asked?: Asked) => importLines(tenantId, () => [file], asked),

    async exportText(tenantId: string, asked: Asked = {}): Promise<string> {
      let written = '';
      const { failure } = await run(tenantId, 'EXPORT', asked, {
        put: async (_key, body) => {
          written = await text(Readable.from(body));
        },
      });
      if (failure !== null) throw new Error(failure);
      return written;
    },

    /** A store with categories of these slugs. */
    async makeStore(slugs: readonly string[]): Promise<string> {
      const tenantId = freshTenantId();
      await asOwner(
        database.ownerUrl,
        tenantId,
        `INSERT INTO categories (tenant_id, id, name, slug, updated_at)
         SELECT $1, 'cat_' || slug, slug, slug, now() FROM unnest($2::text[]) AS slug`,
        [tenantId, slugs],
      );
      return tenantId;
    },

    async close() {
      await close();
      await database.drop();
    },
  };
}
