import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { codesOf, line } from '../test/carts';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { Payments, type Read, usd } from '../test/payments';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;
beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

/** An order of these lines whose saga is finished, with its items' ids. */
async function bought(tenantId: string, lines: object[], changes: object = {}) {
  const { order: made, userErrors } = await orderCreate(order, customer(tenantId), orderInput({ lines, ...changes }));
  if (!made) throw new Error(JSON.stringify(userErrors));
  await finishedSagas(order.ownerUrl, tenantId);
  return { id: made.id as string, items: made.items.map(({ id }: { id: string }) => id) as [string, string] };
}

/** An order of a shoe, and a gift that costs nothing. */
async function withGift() {
  const tenantId = freshTenantId();
  order.product.price(tenantId, 'pvar_gift', '0.00');
  const { id, items } = await bought(tenantId, [line('pvar_1'), line('pvar_gift')]);
  return { tenantId, id, shoe: items[0], gift: items[1] };
}

async function fulfill(tenantId: string, id: string, lines: object[] | null = null) {
  const query = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) {
    order { status fulfillmentStatus fulfillments { id } } userErrors { field code } } }`;
  const input = lines && { lines, idempotencyKey: randomUUID() };
  return (await order.ask(admin(tenantId), query, { id, input })).data.orderFulfill;
}

const read = async (tenantId: string, id: string): Promise<Read> => {
  const query = `query ($id: ID!) { order(id: $id) { status financialStatus fulfillmentStatus
    items { refundedQuantity unfulfilledQuantity } refunds { status amount { amount } lines { quantity sent } } } }`;
  return (await order.ask(admin(tenantId), query, { id })).data.order;
};

const events = (tenantId: string, type: string) =>
  asOwner(order.ownerUrl, tenantId, 'SELECT data FROM outbox_events WHERE type = $1 ORDER BY position', [type]);

describe('a refund without money', () => {
  it.each<[string, object, string]>([
    ['of an amount', { amount: usd('1.00'), refund: false }, 'input.refund INVALID'],
    ['of shipping', { shipping: usd('1.00'), refund: false }, 'input.refund INVALID'],
    ['of nothing', { refund: false }, 'input INVALID'],
  ])('%s is refused', async (_what, changes, expected) => {
    const { tenantId, id } = await payments.paidOrder();
    expect(codesOf(await payments.orderRefund(tenantId, id, { ...changes }))).toEqual([expected]);
  });

  it('of an order that was canceled is refused', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    await payments.orderCancel(tenantId, id);
    const refund = { lines: [{ itemId, quantity: 1 }], refund: false };
    expect(codesOf(await payments.orderRefund(tenantId, id, refund))).toEqual(['id INVALID_TRANSITION']);
  });

  it('takes a gift back into stock', async () => {
    const { tenantId, id, gift } = await withGift();
    const { orderRefund: refund, userErrors } = await payments.orderRefund(tenantId, id, {
      lines: [{ itemId: gift, quantity: 1 }],
    });
    expect([userErrors, refund]).toMatchObject([[], { status: 'SUCCEEDED', amount: { amount: '0.00' } }]);
    await payments.finishedRefunds(tenantId);
    expect(order.product.asked(id)).toContain('StockReturn');
    expect(await read(tenantId, id)).toMatchObject({ financialStatus: 'PAID', status: 'CONFIRMED' });
    expect(await events(tenantId, 'order.refunded')).toMatchObject([
      { data: { amount: usd('0.00'), isComplete: false, lines: [{ variantId: 'pvar_gift', quantity: 1 }] } },
    ]);
    const again = await payments.orderRefund(tenantId, id, { lines: [{ itemId: gift, quantity: 1 }] });
    expect(codesOf(again)).toEqual(['input.lines.0.quantity INVALID']);
  });

  it('takes back what was bought at 100 % off, which has no payment', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).discount({ title: 'All free', basisPoints: 10_000 });
    const { id, items } = await bought(tenantId, [line('pvar_1', 2)]);
    const made = await payments.orderRefund(tenantId, id, { lines: [{ itemId: items[0], quantity: 1 }] });
    expect(made).toMatchObject({ orderRefund: { status: 'SUCCEEDED', amount: { amount: '0.00' } }, userErrors: [] });
    await payments.finishedRefunds(tenantId);
    expect(order.product.asked(id)).toContain('StockReturn');
    expect((await fulfill(tenantId, id)).order.status).toBe('FULFILLED');
  });

  it('leaves a gift out of the parcel, before the rest is sent', async () => {
    const { tenantId, id, gift } = await withGift();
    await payments.orderRefund(tenantId, id, { lines: [{ itemId: gift, quantity: 1 }], restock: false });
    expect(codesOf(await fulfill(tenantId, id, [{ itemId: gift, quantity: 1 }]))).toEqual([
      'input.lines.0.quantity ALREADY_FULFILLED',
    ]);
    expect((await fulfill(tenantId, id)).order.status).toBe('FULFILLED');
    expect(order.product.asked(id)).not.toContain('StockReturn');
  });

  it('of what is left after the rest was sent makes the order FULFILLED', async () => {
    const { tenantId, id, shoe, gift } = await withGift();
    expect((await fulfill(tenantId, id, [{ itemId: shoe, quantity: 1 }])).order).toMatchObject({
      status: 'CONFIRMED',
      fulfillmentStatus: 'PARTIALLY_FULFILLED',
    });
    await payments.orderRefund(tenantId, id, { lines: [{ itemId: gift, quantity: 1 }] });
    expect(await read(tenantId, id)).toMatchObject({ status: 'FULFILLED', fulfillmentStatus: 'FULFILLED' });
    expect(await events(tenantId, 'order.fulfilled')).toMatchObject([
      { data: { isComplete: false } },
      { data: { isComplete: true, lines: [] } },
    ]);
  });

  it('of lines that cost something leaves their money: units came back, and the revenue stays', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    const lines = [{ itemId, quantity: 1 }];
    const { orderRefund: refund } = await payments.orderRefund(tenantId, id, { lines, refund: false });
    expect(refund).toMatchObject({ status: 'SUCCEEDED', amount: { amount: '0.00' } });
    const sales = `{ _entities(representations: [{ __typename: "Product", id: "prod_1" }]) { ... on Product { sales { units revenue { amount } } } } }`;
    const { data } = await order.ask(admin(tenantId), sales);
    expect(data._entities).toEqual([{ sales: { units: 1, revenue: [{ amount: '300.00' }] } }]);
    await payments.orderRefund(tenantId, id, { lines });
    expect((await payments.orderOf(tenantId, id)).payment.refundedAmount).toEqual({ amount: '150.00' });
  });
});

describe('refunded units', () => {
  it('that were sent and come back do not count against those that are still to be sent', async () => {
    const tenantId = freshTenantId();
    const { id, items } = await bought(tenantId, [line('pvar_1', 3)]);
    const [itemId] = items;
    const sent = await fulfill(tenantId, id, [{ itemId, quantity: 1 }]);
    for (const [quantity, wasSent] of [
      [2, true],
      [3, false],
    ] as const) {
      const tooMany = await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity, sent: wasSent }] });
      expect(codesOf(tooMany)).toEqual(['input.lines.0.quantity INVALID']);
    }
    await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 1, sent: true }] });
    expect(await read(tenantId, id)).toMatchObject({
      items: [{ refundedQuantity: 1, unfulfilledQuantity: 2 }],
      refunds: [{ lines: [{ quantity: 1, sent: true }] }],
    });
    // It was not sent after all: it came back, and is not sent again.
    const cancel = 'mutation ($id: ID!) { orderFulfillmentCancel(id: $id) { userErrors { code } } }';
    await order.ask(admin(tenantId), cancel, { id: sent.order.fulfillments[0].id });
    expect((await read(tenantId, id)).items).toEqual([{ refundedQuantity: 1, unfulfilledQuantity: 2 }]);
    await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 1, sent: false }] });
    expect((await fulfill(tenantId, id)).order.status).toBe('FULFILLED');
    expect((await read(tenantId, id)).items).toEqual([{ refundedQuantity: 2, unfulfilledQuantity: 0 }]);
  });

  it('are first those that were not sent, unless the input says which', async () => {
    const tenantId = freshTenantId();
    const { id, items } = await bought(tenantId, [line('pvar_1', 3)]);
    const [itemId] = items;
    await fulfill(tenantId, id, [{ itemId, quantity: 2 }]);
    await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 2 }] });
    await payments.finishedRefunds(tenantId);
    expect(await read(tenantId, id)).toMatchObject({
      status: 'FULFILLED',
      items: [{ refundedQuantity: 2, unfulfilledQuantity: 0 }],
      refunds: [
        {
          lines: [
            { quantity: 1, sent: false },
            { quantity: 1, sent: true },
          ],
        },
      ],
    });
    expect(order.product.asked(id).filter((operation) => operation === 'StockReturn')).toHaveLength(1);
  });
});
