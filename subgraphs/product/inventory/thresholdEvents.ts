import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import type { Db, Tx } from '../database';
import type { StockChange } from './stockStatements';

/** The events of a change: none unless it crosses zero or the variant's threshold. A variant sold on backorder is never out of stock. */
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

/** What a statement that changes stock answers. */
interface StockWrite {
  /** It would cross a threshold, and changed nothing: such a change takes a transaction with its events. */
  crosses: boolean;
  changes: StockChange[];
}

/**
 * Most changes cross no threshold: they are one statement, in one round trip. One that would is refused by that statement, and run
 * once more in a transaction together with its events.
 * @param change is given whether it may cross a threshold.
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
