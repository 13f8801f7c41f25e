import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import type { OrderStatus, Prisma } from '../generated/prisma/client';

/** Which status may follow which. What is not here is refused. */
export const TRANSITIONS: Record<OrderStatus, readonly OrderStatus[]> = {
  PENDING: ['CONFIRMED', 'CANCELED'],
  CONFIRMED: ['FULFILLED', 'CANCELED'],
  FULFILLED: [],
  CANCELED: [],
};

const statusesBefore = (to: OrderStatus) =>
  (Object.keys(TRANSITIONS) as OrderStatus[]).filter((from) => TRANSITIONS[from].includes(to));

interface StatusChange {
  tenantId: string;
  orderId: string;
  from: OrderStatus;
  to: OrderStatus;
  /** Clerk user id, or null when the system acts. */
  actorId: string | null;
  note?: string | null;
  /** What else changes on the order with its status. */
  data?: Prisma.OrderUpdateManyMutationInput;
}

/**
 * Changes an order's status and writes it into its history. One conditional statement decides which of two racing
 * changes happens. @returns false when the order is not (any more) in `from`.
 */
export async function changeStatus(tx: Tx, change: StatusChange): Promise<boolean> {
  const { tenantId, orderId, from, to, actorId, note = null, data = {} } = change;
  if (!statusesBefore(to).includes(from)) throw new Error(`No order goes from ${from} to ${to}`);
  const { count } = await tx.order.updateMany({
    where: { tenantId, id: orderId, status: from },
    data: { ...data, status: to, version: { increment: 1 } },
  });
  if (count === 0) return false;
  await tx.orderStatusHistory.create({ data: { tenantId, id: newId('ohis'), orderId, from, to, actorId, note } });
  return true;
}
