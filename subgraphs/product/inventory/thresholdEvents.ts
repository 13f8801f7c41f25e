import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import type { Db, Tx } from '../database';
import type { StockChange } from './stockStatements';

/** The events of a stock change that crosses zero or the variant's threshold. A variant sold on backorder is never out of stock. */
export function thresholdEvents(change: StockChange): NewEvent[] {
  const { variantId, productId, sku, before, after, lowStockThreshold: threshold, inventoryPolicy } = change;
  const about = { aggregateId: variantId, aggregateVersion: change.stockVersion };
  const events: NewEvent[] = [];
  if (threshold !== null && before > threshold && after <= threshold) {
    const data = { productId, sku, available: Math.max(after, 0), threshold };
    events.push({ type: 'inventory.low', ...about, data });
  }
  if (inventoryPolicy === 'CONTINUE') return events;
  if (before > 0 && after <= 0) events.push({ type: 'inventory.out', ...about, data: { productId, sku } });
  if (before <= 0 && after > 0) {
    events.push({ type: 'inventory.back_in_stock', ...about, data: { productId, sku, available: after } });
  }
  return events;
}

/** The result of a statement that changes stock. */
interface StockWrite {
  /** The change would cross a threshold, so nothing was written: it needs a transaction that records its events, too. */
  crosses: boolean;
  changes: StockChange[];
}

/**
 * Most changes cross no threshold and are one statement, in one round trip. That statement writes nothing when it would cross one;
 * the change then runs again in a transaction, together with its events.
 * @param change gets whether it may cross a threshold.
 */
export async function withThresholdEvents<Result extends StockWrite>(
  db: Db,
  change: (db: Db | Tx, mayCross: boolean) => PromiseLike<Result>,
): Promise<Result> {
  const first = await change(db, false);
  if (!first.crosses) return first;
  return db.$transaction(async (tx) => {
    const result = await change(tx, true);
    await recordEvents(tx, result.changes.flatMap(thresholdEvents));
    return result;
  });
}
