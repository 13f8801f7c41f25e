import { recordEvent } from '../../shared/events/recordEvent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { Product } from '../generated/prisma/client';
import { IS_ON_SALE } from './onSale';
import { productEvent } from './productEvents';

const POLL_MS = 5_000;
const BATCH = 100;

/**
 * Records the publication of products that was planned for a moment that has come. Shoppers see them without it: only the event
 * needs somebody to write it. Looking for them is done across tenants, under a policy that shows what is due and nothing
 * else; several processes may look at once.
 */
export function startPlannedPublications(db: Db, logger: Logger): PeriodicTask {
  // A full batch: there are more.
  const run = async () => (await recordPlannedPublications(db, logger)) === BATCH;
  return startPeriodicTask({ name: 'product_publication', run, everyMs: POLL_MS, logger });
}

/** One batch of those that are due. One that fails keeps none of the others. @returns how many there were. */
export async function recordPlannedPublications(db: Db, logger: Logger): Promise<number> {
  const due = await runInScope(
    { task: 'product_publication' },
    () => db.$queryRaw<{ tenantId: string; productId: string }[]>`
      SELECT tenant_id AS "tenantId", product_id AS "productId" FROM product_publications
      WHERE due_at <= now() ORDER BY due_at LIMIT ${BATCH}`,
  );
  for (const { tenantId, productId } of due) {
    await runInScope({ tenantId }, () => recordPublication(db, tenantId, productId)).catch((error: unknown) => {
      logger.error({ err: error, productId }, 'publication not recorded; it is due again later');
    });
  }
  return due.length;
}

/** The update of the product's row decides which of two processes records its publication, and whether one still has to. */
function recordPublication(db: Db, tenantId: string, id: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const [product] = await tx.$queryRaw<Pick<Product, 'id' | 'version' | 'name' | 'slug' | 'status'>[]>`
      UPDATE products p SET is_announced = true
      WHERE tenant_id = ${tenantId} AND id = ${id} AND ${IS_ON_SALE} AND NOT is_announced
      RETURNING id, version, name, slug, status`;
    await tx.$executeRaw`
      DELETE FROM product_publications WHERE tenant_id = ${tenantId} AND product_id = ${id} AND due_at <= now()`;
    if (product) await recordEvent(tx, productEvent('product.published', product));
  });
}
