import { newId } from '../../shared/ids';
import { refusal, type UserErrors } from '../../shared/userErrors';
import type { Tx } from '../database';
import {
  type Order,
  type OrderFinancialStatus,
  type OrderFulfillmentStatus,
  type OrderStatus,
  type OrderStatusKind,
  Prisma,
} from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';

type Transitions<Status extends string> = Record<Status, readonly Status[]>;

interface TransitionTable {
  status: Transitions<OrderStatus>;
  financialStatus: Transitions<OrderFinancialStatus>;
  fulfillmentStatus: Transitions<OrderFulfillmentStatus>;
}

/** The allowed transitions of each of an order's three statuses. All others are refused. */
export const TRANSITIONS: TransitionTable = {
  status: {
    PENDING: ['CONFIRMED', 'CANCELED'],
    CONFIRMED: ['FULFILLED', 'CANCELED'],
    // When one of its fulfillments is canceled.
    FULFILLED: ['CONFIRMED'],
    CANCELED: [],
  },
  financialStatus: {
    PENDING: ['AUTHORIZED', 'PAID', 'VOIDED'],
    AUTHORIZED: ['PARTIALLY_PAID', 'PAID', 'VOIDED'],
    PARTIALLY_PAID: ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'],
    PAID: ['PARTIALLY_REFUNDED', 'REFUNDED'],
    PARTIALLY_REFUNDED: ['REFUNDED'],
    // When more was captured after all that was captured before had been refunded.
    REFUNDED: ['PARTIALLY_REFUNDED'],
    VOIDED: [],
  },
  fulfillmentStatus: {
    UNFULFILLED: ['PARTIALLY_FULFILLED', 'FULFILLED'],
    PARTIALLY_FULFILLED: ['FULFILLED', 'UNFULFILLED'],
    FULFILLED: ['PARTIALLY_FULFILLED', 'UNFULFILLED'],
  },
};

/** The fulfillment status that an order must have to get a status: an order with shipped items can't be canceled. */
const REQUIRED_FULFILLMENT: Partial<Record<OrderStatus, OrderFulfillmentStatus>> = {
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
  /** Who impersonated the actor, if anybody did. */
  impersonatorId?: string | null;
  reason?: string | null;
}

interface StatusChange extends Change {
  from: OrderStatus;
  to: OrderStatus;
  /** For CANCELED. */
  cancelReason?: string;
}

/**
 * Changes an order's status, with its history, and nothing else: to cancel an order, call cancelOrder. One conditional statement resolves
 * races: of two concurrent changes one succeeds. @returns false when the order's status is not `from`, or its fulfillment status is not
 * the one that the new status requires.
 */
export function changeStatus(tx: Tx, { from, to, cancelReason, ...change }: StatusChange): Promise<boolean> {
  const set = Prisma.sql`${INCREMENT_VERSION}, cancel_reason = ${cancelReason ?? null}`;
  const required = REQUIRED_FULFILLMENT[to];
  const condition = required && Prisma.sql`fulfillment_status = ${required}::"OrderFulfillmentStatus"`;
  return applyTransition(tx, statusTransition('status', { ...change, from, to, set, condition }));
}

interface FinancialStatusChange extends Change {
  /** When not given: any status with a transition to `to`. */
  from?: OrderFinancialStatus;
  to: OrderFinancialStatus;
}

/** Requested by staff; all other changes of the financial status come from the payment provider, in the background. */
const REFUNDS: readonly OrderFinancialStatus[] = ['PARTIALLY_REFUNDED', 'REFUNDED'];

/** As {@link changeStatus}, for the financial status. */
export async function changeFinancialStatus(tx: Tx, { from, to, ...change }: FinancialStatusChange): Promise<boolean> {
  // In the order of the table, which is that of the transitions: when a concurrent change moves the status on, a later iteration matches it.
  for (const before of from ? [from] : statusesBefore('financialStatus', to)) {
    if (await applyTransition(tx, financialTransition({ ...change, from: before, to }))) return true;
  }
  return false;
}

/**
 * A transition of the financial status as parts of a statement, see {@link statusTransition}. AUTHORIZED, PAID and VOIDED come in the
 * background and do not increment the order's version: a client that has just read the order would get STALE_VERSION through no fault.
 */
export const financialTransition = (
  change: Change & { from: string; to: OrderFinancialStatus; condition?: Prisma.Sql },
): Prisma.Sql =>
  statusTransition('financialStatus', {
    ...change,
    set: REFUNDS.includes(change.to) ? INCREMENT_VERSION : undefined,
  });

interface FulfillmentStatusChange extends Change {
  from: OrderFulfillmentStatus;
  to: OrderFulfillmentStatus;
}

/** As {@link changeStatus}, for the fulfillment status. */
export function changeFulfillmentStatus(tx: Tx, { from, to, ...change }: FulfillmentStatusChange): Promise<boolean> {
  return applyTransition(tx, statusTransition('fulfillmentStatus', { ...change, from, to, set: INCREMENT_VERSION }));
}

/** The statuses that an order can get next. */
export function nextStatuses(order: {
  status: OrderStatus;
  fulfillmentStatus: OrderFulfillmentStatus;
}): readonly OrderStatus[] {
  return TRANSITIONS.status[order.status].filter((to) => {
    // FULFILLED is always possible: orderFulfill fulfills all remaining items.
    return to === 'FULFILLED' || (REQUIRED_FULFILLMENT[to] ?? order.fulfillmentStatus) === order.fulfillmentStatus;
  });
}

/** To be thrown by a mutation that the order's status does not allow. */
export const invalidTransition = ({ status }: Order, to: OrderStatus): UserErrors<UserErrorCode> =>
  refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', `The order is ${status}: it can't become ${to}.`);

function statusesBefore<Kind extends keyof TransitionTable>(kind: Kind, to: keyof TransitionTable[Kind]) {
  const table: [string, readonly string[]][] = Object.entries(TRANSITIONS[kind]);
  return table.filter(([, next]) => next.includes(to as string)).map(([from]) => from);
}

/** For SET of an UPDATE of orders: clients that have read the order before get STALE_VERSION. */
export const INCREMENT_VERSION = Prisma.sql`version = version + 1`;

interface StatusTransition extends Change {
  from: string;
  to: string;
  /** For SET: what else changes on the order. */
  set?: Prisma.Sql | undefined;
  /** For WHERE: a further condition; it may refer to other parts of the statement. */
  condition?: Prisma.Sql | undefined;
}

/**
 * The common table expressions that change an order's status and append to its history: `transition` has the order's new version, or no
 * row when the order's status is not `from`. @throws Error when the transition is not in the table.
 */
export function statusTransition(
  status: keyof TransitionTable,
  {
    tenantId,
    orderId,
    from,
    to,
    actorId,
    impersonatorId = null,
    reason = null,
    set,
    condition = Prisma.sql`true`,
  }: StatusTransition,
): Prisma.Sql {
  const table: Record<string, readonly string[]> = TRANSITIONS[status];
  if (!table[from]?.includes(to)) throw new Error(`No order's ${status} goes from ${from} to ${to}`);
  const { kind, column, type } = COLUMNS[status];
  return Prisma.sql`
    transition AS (
      UPDATE orders SET ${column} = ${to}::${type}, updated_at = now()${set ? Prisma.sql`, ${set}` : Prisma.empty}
      WHERE tenant_id = ${tenantId} AND id = ${orderId} AND ${column} = ${from}::${type} AND ${condition}
      RETURNING version, number
    ), history AS (
      INSERT INTO order_status_history (tenant_id, id, order_id, kind, "from", "to", actor_id, impersonator_id, note)
      SELECT ${tenantId}, ${newId('ohis')}, ${orderId}, ${kind}::"OrderStatusKind", ${from}, ${to}, ${actorId}, ${impersonatorId}, ${reason}
      FROM transition
    )`;
}

async function applyTransition(tx: Tx, transition: Prisma.Sql): Promise<boolean> {
  const applied = await tx.$queryRaw<unknown[]>`WITH ${transition} SELECT version FROM transition`;
  return applied.length > 0;
}
