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
 * Writes the events of planned publications that are due. Shoppers see such a product anyway, since lists compare its publishedAt
 * with the clock; only the event needs a writer. Due products are found across tenants, under a row-level security policy that shows
 * nothing else. Several processes may run it concurrently.
 */
export function startPlannedPublications(db: Db, logger: Logger): PeriodicTask {
  // A full batch means that more are due.
  const run = async () => (await recordPlannedPublications(db, logger)) === BATCH;
  return startPeriodicTask({ name: 'product_publication', run, everyMs: POLL_MS, logger });
}

/** Handles one batch. A publication that fails does not stop the others. @returns how many were due. */
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

/** The conditional update of the product's row decides which of two processes records the publication, and whether it is still due. */
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
