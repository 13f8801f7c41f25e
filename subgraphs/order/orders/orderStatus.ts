import { newId } from '../../shared/ids';
import { reopenCart } from '../cart/checkoutCart';
import type { Tx } from '../database';
import { giveBackCode } from '../discount/redemption';
import {
  type OrderFinancialStatus,
  type OrderFulfillmentStatus,
  type OrderStatus,
  type OrderStatusKind,
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

interface StatusColumn {
  kind: OrderStatusKind;
  column: Prisma.Sql;
  type: Prisma.Sql;
}

const COLUMNS: Record<keyof TransitionTable, StatusColumn> = {
  status: { kind: 'STATUS', column: Prisma.sql`status`, type: Prisma.sql`"OrderStatus"` },
  financialStatus: {
    kind: 'FINANCIAL_STATUS',
    column: Prisma.sql`financial_status`,
    type: Prisma.sql`"OrderFinancialStatus"`,
  },
  fulfillmentStatus: {
    kind: 'FULFILLMENT_STATUS',
    column: Prisma.sql`fulfillment_status`,
    type: Prisma.sql`"OrderFulfillmentStatus"`,
  },
};

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
  /** Of an order that is called off. */
  cancelReason?: string;
}

/**
 * Changes an order's status and writes it into its history. One conditional statement decides which of two racing
 * changes happens. @returns false when the order is not (any more) in `from`, or more or less of it was handed over than
 * the new status asks for.
 */
export async function changeStatus(tx: Tx, { from, to, cancelReason, ...change }: StatusChange): Promise<boolean> {
  const set =
    cancelReason === undefined ? INCREMENT_VERSION : Prisma.sql`${INCREMENT_VERSION}, cancel_reason = ${cancelReason}`;
  const handedOver = HANDED_OVER[to];
  const given = handedOver ? Prisma.sql`fulfillment_status = ${handedOver}::"OrderFulfillmentStatus"` : undefined;
  const changed = await happens(tx, statusMove('status', { ...change, from, to, set, given }));
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

/** As {@link changeStatus}, for what is known of the money. */
export async function changeFinancialStatus(tx: Tx, { from, to, ...change }: FinancialStatusChange): Promise<boolean> {
  // In the table's order, which is the way that an order goes: who is ahead of us is met at its next status.
  for (const before of from ? [from] : statusesBefore('financialStatus', to)) {
    if (await happens(tx, financialMove({ ...change, from: before, to }))) return true;
  }
  return false;
}

/**
 * What is known of an order's money changes, as parts of a statement: see {@link statusMove}. That it is held or taken, which happens in the
 * background, leaves the order's version: whoever has just read the order would be STALE_VERSION for nothing that they could have seen coming.
 */
export const financialMove = (
  change: Change & { from: string; to: OrderFinancialStatus; given?: Prisma.Sql },
): Prisma.Sql =>
  statusMove('financialStatus', { ...change, set: REFUNDS.includes(change.to) ? INCREMENT_VERSION : undefined });

interface FulfillmentStatusChange extends Change {
  from: OrderFulfillmentStatus;
  to: OrderFulfillmentStatus;
}

/** As {@link changeStatus}, for how much was handed over. */
export function changeFulfillmentStatus(tx: Tx, { from, to, ...change }: FulfillmentStatusChange): Promise<boolean> {
  return happens(tx, statusMove('fulfillmentStatus', { ...change, from, to, set: INCREMENT_VERSION }));
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

/** Part of an UPDATE of orders: whoever has read the order before is behind. */
export const INCREMENT_VERSION = Prisma.sql`version = version + 1`;

interface Move extends Change {
  from: string;
  to: string;
  /** What else changes on the order. */
  set?: Prisma.Sql | undefined;
  /** What else has to be so, also of other parts of the statement. */
  given?: Prisma.Sql | undefined;
}

/**
 * The parts of a statement that change an order's status and write that into its history. `moved` has the order's new version when it
 * happened, and no row when the order is not (any more) in `from`. @throws Error when no order may go that way.
 */
export function statusMove(
  status: keyof TransitionTable,
  { tenantId, orderId, from, to, actorId, impersonatorId = null, note = null, set, given = Prisma.sql`true` }: Move,
): Prisma.Sql {
  const table: Record<string, readonly string[]> = TRANSITIONS[status];
  if (!table[from]?.includes(to)) throw new Error(`No order's ${status} goes from ${from} to ${to}`);
  const { kind, column, type } = COLUMNS[status];
  return Prisma.sql`
    moved AS (
      UPDATE orders SET ${column} = ${to}::${type}, updated_at = now()${set ? Prisma.sql`, ${set}` : Prisma.empty}
      WHERE tenant_id = ${tenantId} AND id = ${orderId} AND ${column} = ${from}::${type} AND ${given}
      RETURNING version
    ), history AS (
      INSERT INTO order_status_history (tenant_id, id, order_id, kind, "from", "to", actor_id, impersonator_id, note)
      SELECT ${tenantId}, ${newId('ohis')}, ${orderId}, ${kind}::"OrderStatusKind", ${from}, ${to}, ${actorId}, ${impersonatorId}, ${note}
      FROM moved
    )`;
}

async function happens(tx: Tx, move: Prisma.Sql): Promise<boolean> {
  const moved = await tx.$queryRaw<unknown[]>`WITH ${move} SELECT version FROM moved`;
  return moved.length > 0;
}
