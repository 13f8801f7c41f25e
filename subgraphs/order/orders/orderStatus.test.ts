import type { Tx } from '../database';
import type { OrderStatus } from '../generated/prisma/client';
import { OrderStatus as STATUSES } from '../generated/prisma/enums';
import { changeStatus, TRANSITIONS } from './orderStatus';

const ALL = Object.values(STATUSES);

/** From each status (a row) to each (a column, in the same order): whether an order may go there. */
const TABLE: Record<OrderStatus, Record<OrderStatus, boolean>> = {
  PENDING: { PENDING: false, CONFIRMED: true, FULFILLED: false, CANCELED: true },
  CONFIRMED: { PENDING: false, CONFIRMED: false, FULFILLED: true, CANCELED: true },
  FULFILLED: { PENDING: false, CONFIRMED: false, FULFILLED: false, CANCELED: false },
  CANCELED: { PENDING: false, CONFIRMED: false, FULFILLED: false, CANCELED: false },
};
const PAIRS = ALL.flatMap((from) => ALL.map((to) => [from, to, TABLE[from][to]] as const));

/** A transaction in which an order is `current`; it keeps what is written. */
function transaction(current: OrderStatus) {
  const written: unknown[] = [];
  const tx = {
    order: {
      updateMany: async ({ where, data }: { where: { status: OrderStatus }; data: { status: OrderStatus } }) => {
        if (where.status !== current) return { count: 0 };
        written.push(data);
        return { count: 1 };
      },
    },
    orderStatusHistory: { create: async ({ data }: { data: unknown }) => void written.push(data) },
  };
  return { tx: tx as unknown as Tx, written };
}
const change = (from: OrderStatus, to: OrderStatus) => ({
  tenantId: 'org_1',
  orderId: 'ord_1',
  from,
  to,
  actorId: 'user_1',
});

it.each(PAIRS.filter(([, , allowed]) => !allowed))(
  'no order goes from %s to %s, and nothing is written',
  async (from, to) => {
    expect(TRANSITIONS[from]).not.toContain(to);
    const { tx, written } = transaction(from);
    await expect(changeStatus(tx, change(from, to))).rejects.toThrow(`No order goes from ${from} to ${to}`);
    expect(written).toEqual([]);
  },
);

it.each(PAIRS.filter(([, , allowed]) => allowed))(
  'an order goes from %s to %s, and its history says so',
  async (from, to) => {
    expect(TRANSITIONS[from]).toContain(to);
    const { tx, written } = transaction(from);
    expect(await changeStatus(tx, { ...change(from, to), note: 'why', data: { cancelReason: 'why' } })).toBe(true);
    expect(written).toEqual([
      { status: to, cancelReason: 'why', version: { increment: 1 } },
      {
        tenantId: 'org_1',
        id: expect.stringMatching(/^ohis_/),
        orderId: 'ord_1',
        from,
        to,
        actorId: 'user_1',
        note: 'why',
      },
    ]);
  },
);

it('a change that another was quicker than is false, and writes no history', async () => {
  const { tx, written } = transaction('CANCELED');
  expect(await changeStatus(tx, change('CONFIRMED', 'FULFILLED'))).toBe(false);
  expect(written).toEqual([]);
});

it('every status is in the table, and each but PENDING can be reached', () => {
  expect(Object.keys(TRANSITIONS).sort()).toEqual([...ALL].sort());
  expect(new Set(Object.values(TRANSITIONS).flat())).toEqual(new Set(ALL.filter((status) => status !== 'PENDING')));
});
