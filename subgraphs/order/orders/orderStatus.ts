import { newId } from '../../shared/ids';
import { reopenCart } from '../cart/checkoutCart';
import type { Tx } from '../database';
import { giveBackCode } from '../discount/redemption';
import type {
  OrderFinancialStatus,
  OrderFulfillmentStatus,
  OrderStatus,
  OrderStatusKind,
  Prisma,
} from '../generated/prisma/client';

type Transitions<Status extends string> = Record<Status, readonly Status[]>;

interface TransitionTable {
  status: Transitions<OrderStatus>;
  financialStatus: Transitions<OrderFinancialStatus>;
  fulfillmentStatus: Transitions<OrderFulfillmentStatus>;
}

/** Which status may follow which, of each of an order's three. What is not here is refused. */
export const TRANSITIONS: TransitionTable = {
  status: {
    PENDING: ['CONFIRMED', 'CANCELED'],
    CONFIRMED: ['FULFILLED', 'CANCELED'],
    // Back when a parcel turns out not to have left.
    FULFILLED: ['CONFIRMED'],
    CANCELED: [],
  },
  financialStatus: {
    PENDING: ['AUTHORIZED', 'PAID', 'VOIDED'],
    AUTHORIZED: ['PAID', 'VOIDED'],
    PAID: ['PARTIALLY_REFUNDED', 'REFUNDED'],
    PARTIALLY_REFUNDED: ['REFUNDED'],
    REFUNDED: [],
    VOIDED: [],
  },
  fulfillmentStatus: {
    UNFULFILLED: ['PARTIALLY_FULFILLED', 'FULFILLED'],
    PARTIALLY_FULFILLED: ['FULFILLED', 'UNFULFILLED'],
    FULFILLED: ['PARTIALLY_FULFILLED', 'UNFULFILLED'],
  },
};

/** How much of an order has to be handed over before it may get a status: what is on its way can't be called off. */
const HANDED_OVER: Partial<Record<OrderStatus, OrderFulfillmentStatus>> = {
  FULFILLED: 'FULFILLED',
  CANCELED: 'UNFULFILLED',
};

const KINDS = {
  status: 'STATUS',
  financialStatus: 'FINANCIAL_STATUS',
  fulfillmentStatus: 'FULFILLMENT_STATUS',
} as const satisfies Record<keyof TransitionTable, OrderStatusKind>;

interface Change {
  tenantId: string;
  orderId: string;
  /** Clerk user id, or null when the system acts. */
  actorId: string | null;
  /** Who acted in the actor's place, if anybody did. */
  impersonatorId?: string | null;
  note?: string | null;
}

interface StatusChange extends Change {
  from: OrderStatus;
  to: OrderStatus;
  /** What else changes on the order with its status. */
  data?: Prisma.OrderUpdateManyMutationInput;
}

/**
 * Changes an order's status and writes it into its history. One conditional statement decides which of two racing
 * changes happens. @returns false when the order is not (any more) in `from`, or more or less of it was handed over than
 * the new status asks for.
 */
export async function changeStatus(tx: Tx, { from, to, data, ...change }: StatusChange): Promise<boolean> {
  const fulfillmentStatus = HANDED_OVER[to];
  const condition = fulfillmentStatus ? { fulfillmentStatus } : {};
  const changed = await move(tx, 'status', from, to, change, { ...data }, condition);
  if (changed && to === 'CANCELED') {
    await giveBackCode(tx, change.tenantId, change.orderId);
    // It was never bought: its buyer can try again.
    if (from === 'PENDING') await reopenCart(tx, change.tenantId, change.orderId);
  }
  return changed;
}

interface FinancialStatusChange extends Change {
  /** Any that leads to `to` when not given. */
  from?: OrderFinancialStatus;
  to: OrderFinancialStatus;
}

/** What else is known of the money comes by itself, from a provider. */
const REFUNDS: readonly OrderFinancialStatus[] = ['PARTIALLY_REFUNDED', 'REFUNDED'];

/**
 * As {@link changeStatus}, for what is known of the money. That it is held or taken, which happens in the background, leaves
 * the order's version: whoever has just read the order would be STALE_VERSION for nothing that they could have seen coming.
 */
export async function changeFinancialStatus(tx: Tx, { from, to, ...change }: FinancialStatusChange): Promise<boolean> {
  // In the table's order, which is the way that an order goes: who is ahead of us is met at its next status.
  for (const before of from ? [from] : statusesBefore('financialStatus', to)) {
    if (
      await move(tx, 'financialStatus', before, to, change, { version: { increment: REFUNDS.includes(to) ? 1 : 0 } })
    ) {
      return true;
    }
  }
  return false;
}

interface FulfillmentStatusChange extends Change {
  from: OrderFulfillmentStatus;
  to: OrderFulfillmentStatus;
}

/** As {@link changeStatus}, for how much was handed over. */
export function changeFulfillmentStatus(tx: Tx, { from, to, ...change }: FulfillmentStatusChange): Promise<boolean> {
  return move(tx, 'fulfillmentStatus', from, to, change);
}

/** Where an order can go from here, in one step. */
export function nextStatuses(order: {
  status: OrderStatus;
  fulfillmentStatus: OrderFulfillmentStatus;
}): readonly OrderStatus[] {
  return TRANSITIONS.status[order.status].filter((to) => {
    // What is left is handed over on the way.
    return to === 'FULFILLED' || (HANDED_OVER[to] ?? order.fulfillmentStatus) === order.fulfillmentStatus;
  });
}

function statusesBefore<Kind extends keyof TransitionTable>(kind: Kind, to: keyof TransitionTable[Kind]) {
  const table = TRANSITIONS[kind] as Record<string, readonly string[]>;
  return Object.keys(table).filter((from) => table[from]?.includes(to as string));
}

async function move(
  tx: Tx,
  kind: keyof TransitionTable,
  from: string,
  to: string,
  { tenantId, orderId, actorId, impersonatorId = null, note = null }: Change,
  data: StatusChange['data'] = {},
  condition: { fulfillmentStatus?: OrderFulfillmentStatus } = {},
): Promise<boolean> {
  const table: Record<string, readonly string[]> = TRANSITIONS[kind];
  if (!table[from]?.includes(to)) throw new Error(`No order's ${kind} goes from ${from} to ${to}`);
  const { count } = await tx.order.updateMany({
    where: { tenantId, id: orderId, [kind]: from, ...condition },
    data: { version: { increment: 1 }, ...data, [kind]: to },
  });
  if (count === 0) return false;
  await tx.orderStatusHistory.create({
    data: { tenantId, id: newId('ohis'), orderId, kind: KINDS[kind], from, to, actorId, impersonatorId, note },
  });
  return true;
}
