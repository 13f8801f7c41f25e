import type { Tx } from '../database';
import type { OrderFinancialStatus, OrderFulfillmentStatus, OrderStatus } from '../generated/prisma/client';
import { changeFinancialStatus, changeFulfillmentStatus, changeStatus, nextStatuses, TRANSITIONS } from './orderStatus';

interface Statuses {
  status: OrderStatus;
  financialStatus: OrderFinancialStatus;
  fulfillmentStatus: OrderFulfillmentStatus;
}

/** What may follow what, written down a second time: the table is the contract of three features. */
const ALLOWED: Record<keyof Statuses, string[]> = {
  status: ['PENDING CONFIRMED', 'PENDING CANCELED', 'CONFIRMED FULFILLED', 'CONFIRMED CANCELED', 'FULFILLED CONFIRMED'],
  financialStatus: [
    'PENDING AUTHORIZED',
    'PENDING PAID',
    'PENDING VOIDED',
    'AUTHORIZED PAID',
    'AUTHORIZED VOIDED',
    'PAID PARTIALLY_REFUNDED',
    'PAID REFUNDED',
    'PARTIALLY_REFUNDED REFUNDED',
  ],
  fulfillmentStatus: [
    'UNFULFILLED PARTIALLY_FULFILLED',
    'UNFULFILLED FULFILLED',
    'PARTIALLY_FULFILLED FULFILLED',
    'PARTIALLY_FULFILLED UNFULFILLED',
    'FULFILLED PARTIALLY_FULFILLED',
    'FULFILLED UNFULFILLED',
  ],
};
const KINDS = {
  status: 'STATUS',
  financialStatus: 'FINANCIAL_STATUS',
  fulfillmentStatus: 'FULFILLMENT_STATUS',
} as const;
const PAIRS = (Object.keys(KINDS) as (keyof Statuses)[]).flatMap((kind) => {
  const all = Object.keys(TRANSITIONS[kind]);
  return all.flatMap((from) => all.map((to) => [kind, from, to, ALLOWED[kind].includes(`${from} ${to}`)] as const));
});

/** A transaction in which an order is as `current`; it keeps what is written. */
function transaction(current: Partial<Statuses>) {
  const order = { status: 'CONFIRMED', financialStatus: 'PENDING', fulfillmentStatus: 'UNFULFILLED', ...current };
  const written: Record<string, unknown>[] = [];
  const tx = {
    order: {
      updateMany: async ({ where, data }: { where: Record<string, unknown>; data: Record<string, unknown> }) => {
        const { tenantId: _tenant, id: _id, ...expected } = where;
        if (Object.entries(expected).some(([name, value]) => order[name as keyof Statuses] !== value))
          return { count: 0 };
        written.push(data);
        return { count: 1 };
      },
    },
    orderStatusHistory: { create: async ({ data }: { data: Record<string, unknown> }) => void written.push(data) },
    // The code and the cart of an order that is called off: see orderTerms.int.test.ts and checkoutCart.int.test.ts.
    $executeRaw: async () => 0,
    cart: { updateMany: async () => ({ count: 0 }) },
  };
  return { tx: tx as unknown as Tx, written };
}

const who = { tenantId: 'org_1', orderId: 'ord_1', actorId: 'user_1', impersonatorId: 'user_2', note: 'why' };

/** The function of a kind, called as if its types allowed anything. */
function change(tx: Tx, kind: keyof Statuses, from: string, to: string): Promise<boolean> {
  const moves = {
    status: changeStatus,
    financialStatus: changeFinancialStatus,
    fulfillmentStatus: changeFulfillmentStatus,
  };
  return (moves[kind] as (tx: Tx, change: object) => Promise<boolean>)(tx, { ...who, from, to });
}

/** As much handed over as the new status asks for. */
const handedOver = (kind: keyof Statuses, to: string): Partial<Statuses> =>
  kind === 'status' && to === 'FULFILLED' ? { fulfillmentStatus: 'FULFILLED' } : {};

it.each(PAIRS.filter(([, , , allowed]) => !allowed))(
  "no order's %s goes from %s to %s, and nothing is written",
  async (kind, from, to) => {
    const { tx, written } = transaction({ [kind]: from });
    await expect(async () => change(tx, kind, from, to)).rejects.toThrow(
      `No order's ${kind} goes from ${from} to ${to}`,
    );
    expect(written).toEqual([]);
  },
);

/** What the provider says by itself leaves the version: nobody's `expectedVersion` is STALE_VERSION for it. */
const inBackground: readonly string[] = ['AUTHORIZED', 'PAID', 'VOIDED'];

it.each(PAIRS.filter(([, , , allowed]) => allowed))(
  "an order's %s goes from %s to %s, and its history says so",
  async (kind, from, to) => {
    const { tx, written } = transaction({ ...handedOver(kind, to), [kind]: from });
    expect(await change(tx, kind, from, to)).toBe(true);
    expect(written).toEqual([
      { [kind]: to, version: { increment: inBackground.includes(to) ? 0 : 1 } },
      {
        tenantId: 'org_1',
        id: expect.stringMatching(/^ohis_/),
        orderId: 'ord_1',
        kind: KINDS[kind],
        from,
        to,
        actorId: 'user_1',
        impersonatorId: 'user_2',
        note: 'why',
      },
    ]);
  },
);

it('what else changes with the status is in the same statement', async () => {
  const { tx, written } = transaction({});
  await changeStatus(tx, { ...who, from: 'CONFIRMED', to: 'CANCELED', data: { cancelReason: 'why' } });
  expect(written[0]).toEqual({ status: 'CANCELED', cancelReason: 'why', version: { increment: 1 } });
});

it('a change that another was quicker than is false, and writes no history', async () => {
  const { tx, written } = transaction({ status: 'CANCELED', financialStatus: 'VOIDED' });
  expect(await changeStatus(tx, { ...who, from: 'CONFIRMED', to: 'FULFILLED' })).toBe(false);
  expect(await changeFinancialStatus(tx, { ...who, to: 'PAID' })).toBe(false);
  expect(written).toEqual([]);
});

it.each(['PARTIALLY_FULFILLED', 'FULFILLED'] as const)('what is %s is not called off', async (fulfillmentStatus) => {
  const { tx, written } = transaction({ fulfillmentStatus });
  expect(await changeStatus(tx, { ...who, from: 'CONFIRMED', to: 'CANCELED' })).toBe(false);
  expect(written).toEqual([]);
  expect(nextStatuses({ status: 'CONFIRMED', fulfillmentStatus })).toEqual(['FULFILLED']);
});

it('what is not handed over in full is not FULFILLED', async () => {
  const { tx } = transaction({ fulfillmentStatus: 'PARTIALLY_FULFILLED' });
  expect(await changeStatus(tx, { ...who, from: 'CONFIRMED', to: 'FULFILLED' })).toBe(false);
});

it('the financial status is found by what leads to the new one', async () => {
  for (const [before, after] of [
    ['PENDING', 'PAID'],
    ['AUTHORIZED', 'PAID'],
    ['PARTIALLY_REFUNDED', 'REFUNDED'],
  ] as const) {
    const { tx, written } = transaction({ financialStatus: before });
    expect(await changeFinancialStatus(tx, { ...who, to: after })).toBe(true);
    expect(written[1]).toMatchObject({ kind: 'FINANCIAL_STATUS', from: before, to: after });
  }
});

it('every status but the first can be reached', () => {
  for (const [kind, first] of [
    ['status', 'PENDING'],
    ['financialStatus', 'PENDING'],
  ] as const) {
    const table: Record<string, readonly string[]> = TRANSITIONS[kind];
    expect(new Set(Object.values(table).flat())).toEqual(new Set(Object.keys(table).filter((name) => name !== first)));
  }
});
