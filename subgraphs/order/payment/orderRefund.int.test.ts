import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { Payments, REFUND, type Read, refundInput, usd } from '../test/payments';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;

beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

const eventsOf = (tenantId: string) =>
  asOwner(order.ownerUrl, tenantId, 'SELECT type, data FROM outbox_events ORDER BY position');

describe('orderRefund', () => {
  it('requires the permission to manage orders; another store’s order is answered like one that does not exist', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const changes = { amount: usd('1.00') };
    const shopper = await order.ask(customer(tenantId), REFUND, { id, input: refundInput(changes) });
    expect(shopper.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const before = await checksumOfTenant(order.ownerUrl, tenantId);
    const other = freshTenantId();
    const foreign = await payments.orderRefund(other, id, changes);
    expect(foreign).toEqual(await payments.orderRefund(other, 'ord_none', changes));
    expect(foreign).toEqual({ order: null, orderRefund: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
    expect(await checksumOfTenant(order.ownerUrl, tenantId)).toEqual(before);
  });

  it.each<[string, { lines?: object[]; [name: string]: unknown }, string]>([
    ['neither an amount nor lines', {}, 'input INVALID'],
    ['both an amount and lines', { amount: usd('1.00'), lines: [{ quantity: 1 }] }, 'input INVALID'],
    ['more than was captured', { amount: usd('300.01') }, 'input REFUND_TOO_LARGE'],
    ['nothing', { amount: usd('0.00') }, 'input.amount INVALID'],
    ['another currency', { amount: { amount: '1', currencyCode: 'JPY' } }, 'input.amount CURRENCY_MISMATCH'],
    [
      'an item that is not in the order',
      { lines: [{ itemId: 'oitm_none', quantity: 1 }] },
      'input.lines.0.itemId NOT_FOUND',
    ],
    ['more of an item than were bought', { lines: [{ quantity: 3 }] }, 'input.lines.0.quantity INVALID'],
    ['a negative quantity', { lines: [{ quantity: -1 }] }, 'input.lines.0.quantity INVALID'],
    ['no reason', { amount: usd('1.00'), reason: ' ' }, 'input.reason REQUIRED'],
    ['a short key', { amount: usd('1.00'), idempotencyKey: 'short' }, 'input.idempotencyKey INVALID'],
  ])('of %s is refused, and reserves nothing', async (_what, changes, expected) => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    const lines = changes.lines?.map((line) => ({ itemId, ...line }));
    const { orderRefund: refund, userErrors } = await payments.orderRefund(tenantId, id, {
      ...changes,
      ...(lines && { lines }),
    });
    expect(refund).toBeNull();
    expect(userErrors.map(({ field, code }: Read) => `${field.join('.')} ${code}`)).toEqual([expected]);
    expect((await payments.orderOf(tenantId, id)).payment.refundedAmount).toEqual({ amount: '0.00' });
  });

  it('of an order that is not paid is NOT_CAPTURED', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_action' }));
    expect((await payments.orderRefund(tenantId, made.id, { amount: usd('1.00') })).userErrors).toMatchObject([
      { code: 'NOT_CAPTURED' },
    ]);
  });

  it('refunds the price of lines, and then at most the remaining quantity', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    const one = { lines: [{ itemId, quantity: 1 }] };
    const first = await payments.orderRefund(tenantId, id, one);
    expect(first).toMatchObject({ orderRefund: { status: 'SUCCEEDED', amount: { amount: '150.00' } }, userErrors: [] });
    const both = await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 2 }] });
    expect(both.userErrors).toMatchObject([{ code: 'INVALID' }]);
    await payments.orderRefund(tenantId, id, one);
    expect(await payments.orderOf(tenantId, id)).toMatchObject({
      payment: { status: 'CAPTURED', refundedAmount: { amount: '300.00' } },
      refunds: [{ status: 'SUCCEEDED', lines: [{ item: { id: itemId }, quantity: 1 }] }, { status: 'SUCCEEDED' }],
    });
  });

  it('restocks its lines unless the input says otherwise, also when the first answer to that is lost', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    order.product.fail(tenantId, 'StockReturn', 'LOST');
    const lines = [{ itemId, quantity: 1 }];
    const { orderRefund: refund } = await payments.orderRefund(tenantId, id, { lines });
    expect(refund.status).toBe('SUCCEEDED');
    await payments.finishedRefunds(tenantId);
    expect(order.product.asked(id)).toEqual(['StockReserve', 'StockCommit', 'StockReturn', 'StockReturn']);
    const { payment } = await payments.orderOf(tenantId, id);
    expect(payment.refundedAmount).toEqual({ amount: '150.00' });
    expect(await eventsOf(tenantId)).toEqual(
      [
        ['order.created', {}],
        ['order.confirmed', { total: usd('300.00') }],
        ['payment.captured', { amount: usd('300.00') }],
        ['order.refunded', { amount: usd('150.00'), isComplete: false }],
      ].map(([type, data]) => expect.objectContaining({ type, data: expect.objectContaining(data as object) })),
    );
  });

  it('fifty concurrent partial refunds never exceed what was captured', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => payments.orderRefund(tenantId, id, { amount: usd('25.00') })),
    );
    expect(answers.filter(({ orderRefund }) => orderRefund?.status === 'SUCCEEDED')).toHaveLength(12);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'REFUND_TOO_LARGE')).toHaveLength(38);
    const { payment } = await payments.orderOf(tenantId, id);
    expect(payment.refundedAmount).toEqual({ amount: '300.00' });
    expect(payment.transactions.filter(({ kind }: Read) => kind === 'REFUND')).toHaveLength(12);
  });

  it('fifty concurrent requests under one key make one refund, with fifty equal answers', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const changes = { amount: usd('25.00'), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => payments.orderRefund(tenantId, id, changes)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ orderRefund: { status: 'SUCCEEDED' }, userErrors: [] });
    expect((await payments.orderOf(tenantId, id)).payment.refundedAmount).toEqual({ amount: '25.00' });
    const other = await payments.orderRefund(tenantId, id, { ...changes, amount: usd('26.00') });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  });

  it('that the provider declines releases its amount for another refund', async () => {
    const { tenantId, id } = await payments.paidOrder({ paymentToken: 'tok_refund_declined' });
    expect((await payments.orderRefund(tenantId, id, { amount: usd('25.00') })).userErrors).toMatchObject([
      { code: 'REFUND_DECLINED' },
    ]);
    const { payment, refunds } = await payments.orderOf(tenantId, id);
    expect([payment.refundedAmount.amount, refunds[0].status]).toEqual(['0.00', 'FAILED']);
  });

  it('whose provider times out is PENDING, is looked up, and done once', async () => {
    const { tenantId, id } = await payments.paidOrder({ paymentToken: 'tok_refund_timeout' });
    const { orderRefund: refund } = await payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    expect(refund.status).toBe('PENDING');
    await payments.finishedRefunds(tenantId);
    const { payment, refunds } = await payments.orderOf(tenantId, id);
    expect(refunds).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(payment.transactions.filter(({ kind }: Read) => kind === 'REFUND')).toHaveLength(1);
  });

  it('refunds at most what was paid for shipping, alone or with lines', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).shippingRate({ price: usd('5.00') });
    const { order: made } = await orderCreate(order, customer(tenantId));
    await finishedSagas(order.ownerUrl, tenantId);
    const lines = [{ itemId: made.items[0].id, quantity: 1 }];
    const first = await payments.orderRefund(tenantId, made.id, { lines, shipping: usd('3.00') });
    expect(first.orderRefund.amount.amount).toBe('153.00');
    const more = await payments.orderRefund(tenantId, made.id, { shipping: usd('2.01') });
    expect(more.userErrors).toEqual([{ field: ['input', 'shipping'], code: 'REFUND_TOO_LARGE' }]);
    const rest = await payments.orderRefund(tenantId, made.id, { shipping: usd('2.00') });
    expect(rest.orderRefund.amount.amount).toBe('2.00');
    const both = await payments.orderRefund(tenantId, made.id, { amount: usd('1.00'), shipping: usd('1.00') });
    expect(both.userErrors).toEqual([{ field: ['input'], code: 'INVALID' }]);
  });

  it('of unfulfilled items prevents their fulfillment: the others make the order FULFILLED', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 1 }] });
    const fulfill = async (lines: object[] | null) => {
      const query = `mutation ($input: OrderFulfillInput) { orderFulfill(id: "${id}", input: $input) {
        order { status items { fulfilledQuantity } } userErrors { code } } }`;
      const input = lines && { lines, idempotencyKey: randomUUID() };
      return (await order.ask(admin(tenantId), query, { input })).data.orderFulfill;
    };
    const both = await fulfill([{ itemId, quantity: 2 }]);
    expect(both.userErrors).toEqual([{ code: 'ALREADY_FULFILLED' }]);
    const rest = await fulfill(null);
    expect(rest.order).toEqual({ status: 'FULFILLED', items: [{ fulfilledQuantity: 1 }] });
  });

  it('reduces what a customer has spent, and the sales of a product', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    await payments.orderRefund(tenantId, id, { lines: [{ itemId, quantity: 1 }] });
    await payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    const query = `{ customers { nodes { totalSpent { amount } } }
      _entities(representations: [{ __typename: "Product", id: "prod_1" }]) { ... on Product { sales { units revenue { amount } } } } }`;
    const { data } = await order.ask(admin(tenantId), query);
    expect(data.customers.nodes).toEqual([{ totalSpent: [{ amount: '125.00' }] }]);
    expect(data._entities).toEqual([{ sales: { units: 1, revenue: [{ amount: '150.00' }] } }]);
  });
});
