import { KeyedQueue } from '../../shared/keyedQueue';
import type { Db, Tx } from '../database';

const queue = new KeyedQueue();

/**
 * A transaction that changes one order, under the lock of its row or of its payment's. Of this process one at a time waits for it: fifty
 * refunds of one order would take all connections, until the other forty-nine, and all other requests, had waited too long.
 */
export const orderTransaction = <Result>(
  db: Db,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> => queue.run(`${tenantId} ${orderId}`, () => db.$transaction(work));
