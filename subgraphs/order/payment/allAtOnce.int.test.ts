import { randomUUID } from 'node:crypto';
import { admin } from '../../shared/test/askSubgraph';
import { finishedSagas } from '../test/factories';
import { Payments, type Read, usd } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;
beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

const TIMES = Array.from({ length: 50 });

/** How many answers there are of each kind: "done", or a user error's code. */
function counted(payloads: Read[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { userErrors } of payloads) {
    const outcome = userErrors[0]?.code ?? 'done';
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

describe('fifty at once: each client is told what became of its own request', () => {
  it('refunds of one order', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const told = await Promise.all(TIMES.map(() => payments.orderRefund(tenantId, id, { amount: usd('20.00') })));
    expect(counted(told)).toEqual({ done: 15, REFUND_TOO_LARGE: 35 });
    await payments.finishedRefunds(tenantId);
    const { refunds, payment } = await payments.orderOf(tenantId, id);
    expect([refunds.length, payment.refundedAmount]).toEqual([15, { amount: '300.00' }]);
  });

  it('fulfillments of one order', async () => {
    const { tenantId, id, itemId } = await payments.paidOrder();
    const query = `mutation ($id: ID!, $input: OrderFulfillInput) {
      orderFulfill(id: $id, input: $input) { order { id } userErrors { code } } }`;
    const told = await Promise.all(
      TIMES.map(async () => {
        const input = { lines: [{ itemId, quantity: 1 }], idempotencyKey: randomUUID() };
        const { data, errors } = await order.ask(admin(tenantId), query, { id, input });
        if (errors) throw new Error(JSON.stringify(errors));
        return data.orderFulfill;
      }),
    );
    expect(counted(told)).toEqual({ done: 2, INVALID_TRANSITION: 48 });
  });

  it('captures, and cancellations, of one order', async () => {
    const { tenantId, id } = await payments.paidOrder();
    const captured = await Promise.all(TIMES.map(() => payments.orderPaymentCapture(tenantId, id)));
    expect(counted(captured)).toEqual({ INVALID_TRANSITION: 50 });
    const canceled = await Promise.all(TIMES.map(() => payments.orderCancel(tenantId, id)));
    expect(counted(canceled)).toEqual({ done: 1, INVALID_TRANSITION: 49 });
    await finishedSagas(order.ownerUrl, tenantId);
  });
});
