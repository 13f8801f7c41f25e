import { randomUUID } from 'node:crypto';
import { customer, freshTenantId } from '../../shared/test/askSubgraph';
import { finishedSagas, historyOf, orderCreate } from '../test/factories';
import { Payments, type Read, usd } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;

beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

describe('orderCancel', () => {
  it('refunds the captured payment, and restocks', async () => {
    const { tenantId, id } = await payments.paidOrder();
    await payments.orderRefund(tenantId, id, { amount: usd('100.00') });
    expect(await payments.orderCancel(tenantId, id)).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
    await finishedSagas(order.ownerUrl, tenantId);
    await payments.finishedRefunds(tenantId);
    expect(await payments.orderOf(tenantId, id)).toMatchObject({
      payment: { capturedAmount: { amount: '300.00' }, refundedAmount: { amount: '300.00' } },
      refunds: [{ amount: { amount: '100.00' } }, { amount: { amount: '200.00' }, status: 'SUCCEEDED' }],
    });
    expect(order.product.statusOf(tenantId, id)).toBe('RELEASED');
  });

  it('neither refunds nor restocks when the input says so', async () => {
    const { tenantId, id } = await payments.paidOrder();
    await payments.orderCancel(tenantId, id, { refund: false, restock: false });
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await payments.orderOf(tenantId, id)).toMatchObject({
      payment: { refundedAmount: { amount: '0.00' } },
      refunds: [],
    });
    expect(order.product.statusOf(tenantId, id)).toBe('COMMITTED');
  });

  it('voids an authorized payment', async () => {
    const tenantId = freshTenantId();
    await payments.settingsUpdate(tenantId, { captureMode: 'MANUAL' });
    const { order: made } = await orderCreate(order, customer(tenantId));
    await finishedSagas(order.ownerUrl, tenantId);
    await payments.orderCancel(tenantId, made.id);
    await finishedSagas(order.ownerUrl, tenantId);
    const { payment } = await payments.orderOf(tenantId, made.id);
    expect([payment.status, payment.transactions.map(({ kind }: Read) => kind)]).toEqual([
      'VOIDED',
      ['AUTHORIZE', 'VOID'],
    ]);
  });

  it('twenty concurrent requests under one key cancel and refund once, with equal answers', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const changes = { idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => payments.orderCancel(tenantId, id, changes)));
    for (const answer of answers) expect(answer).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
    await finishedSagas(order.ownerUrl, tenantId);
    await payments.finishedRefunds(tenantId);
    expect((await payments.orderOf(tenantId, id)).refunds).toHaveLength(1);
    expect(await historyOf(order.ownerUrl, tenantId)).toHaveLength(3);
    const other = await payments.orderCancel(tenantId, id, { ...changes, reason: 'Another' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  });
});
