import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import type { Db, Tx } from '../database';
import type { InventoryPolicy } from '../generated/prisma/client';

/** What a statement has made of one variant's `available`. */
export interface StockChange {
  variantId: string;
  productId: string;
  sku: string;
  before: number;
  after: number;
  lowStockThreshold: number | null;
  inventoryPolicy: InventoryPolicy;
  stockVersion: number;
}

/** What others are told of a change: nothing, unless it leads over a level. What is sold on backorder is never out. */
export function levelEvents(change: StockChange): NewEvent[] {
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

interface Answer {
  /** It would lead over a level, and was not done because nobody could be told. */
  crosses: boolean;
  changes: StockChange[];
}

/**
 * Most changes lead over no level, and are one statement in one round trip. For the others `change` is run once more, in a
 * transaction with the events that tell of it.
 */
export async function withThresholdEvents<Result extends Answer>(
  db: Db,
  change: (db: Db | Tx, mayCross: boolean) => PromiseLike<Result>,
): Promise<Result> {
  const quick = await change(db, false);
  if (!quick.crosses) return quick;
  return db.$transaction(async (tx) => {
    const answer = await change(tx, true);
    await recordEvents(tx, answer.changes.flatMap(levelEvents));
    return answer;
  });
}
