import type { Order } from '../generated/prisma/client';
import { invalidTransition, nextStatuses, statusTransition, TRANSITIONS } from './orderStatus';

/** The transitions once more, on purpose: three features depend on the table. */
const ALLOWED: Record<keyof typeof TRANSITIONS, string[]> = {
  status: ['PENDING CONFIRMED', 'PENDING CANCELED', 'CONFIRMED FULFILLED', 'CONFIRMED CANCELED', 'FULFILLED CONFIRMED'],
  financialStatus: [
    'PENDING AUTHORIZED',
    'PENDING PAID',
    'PENDING VOIDED',
    'AUTHORIZED PARTIALLY_PAID',
    'AUTHORIZED PAID',
    'AUTHORIZED VOIDED',
    'PARTIALLY_PAID PAID',
    'PARTIALLY_PAID PARTIALLY_REFUNDED',
    'PARTIALLY_PAID REFUNDED',
    'PAID PARTIALLY_REFUNDED',
    'PAID REFUNDED',
    'PARTIALLY_REFUNDED REFUNDED',
    'REFUNDED PARTIALLY_REFUNDED',
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
const PAIRS = (Object.keys(ALLOWED) as (keyof typeof TRANSITIONS)[]).flatMap((kind) => {
  const all = [...new Set(ALLOWED[kind].flatMap((pair) => pair.split(' ')))];
  return all.flatMap((from) => all.map((to) => [kind, from, to, ALLOWED[kind].includes(`${from} ${to}`)] as const));
});

const who = { tenantId: 'org_1', orderId: 'ord_1', actorId: 'user_1' };

it.each(PAIRS.filter(([, , , allowed]) => !allowed))(
  "no order's %s goes from %s to %s: there is no statement for it",
  (kind, from, to) => {
    expect(() => statusTransition(kind, { ...who, from, to })).toThrow(`No order's ${kind} goes from ${from} to ${to}`);
  },
);

it('an order’s status does not go from one that is unknown', () => {
  expect(() => statusTransition('status', { ...who, from: 'PAUSED', to: 'CONFIRMED' })).toThrow(
    "No order's status goes from PAUSED to CONFIRMED",
  );
});

it('an order that can’t become what a mutation would make of it is refused by its id, with both statuses', () => {
  const { userErrors } = invalidTransition({ status: 'CANCELED' } as Order, 'FULFILLED');
  expect(userErrors).toEqual([
    { field: ['id'], code: 'INVALID_TRANSITION', message: "The order is CANCELED: it can't become FULFILLED." },
  ]);
});

it.each(PAIRS.filter(([, , , allowed]) => allowed))("an order's %s may go from %s to %s", (kind, from, to) => {
  expect(statusTransition(kind, { ...who, from, to }).values).toEqual(expect.arrayContaining([from, to]));
});

it.each([
  ['PENDING', ['CONFIRMED', 'CANCELED']],
  ['CONFIRMED', ['FULFILLED', 'CANCELED']],
  ['CANCELED', []],
] as const)('an order that is %s and not fulfilled can become %j', (status, next) => {
  expect(nextStatuses({ status, fulfillmentStatus: 'UNFULFILLED' })).toEqual(next);
});

it('an order that is fulfilled can become confirmed again', () => {
  expect(nextStatuses({ status: 'FULFILLED', fulfillmentStatus: 'FULFILLED' })).toEqual(['CONFIRMED']);
});

it.each(['PARTIALLY_FULFILLED', 'FULFILLED'] as const)(
  'an order with the fulfillment status %s can only become FULFILLED',
  (fulfillmentStatus) => {
    expect(nextStatuses({ status: 'CONFIRMED', fulfillmentStatus })).toEqual(['FULFILLED']);
  },
);

it('every status but the first is reachable', () => {
  for (const [kind, first] of [
    ['status', 'PENDING'],
    ['financialStatus', 'PENDING'],
  ] as const) {
    const table: Record<string, readonly string[]> = TRANSITIONS[kind];
    expect(new Set(Object.values(table).flat())).toEqual(new Set(Object.keys(table).filter((name) => name !== first)));
  }
});
