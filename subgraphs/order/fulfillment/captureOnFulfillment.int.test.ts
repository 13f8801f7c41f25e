import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { Payments, type Read } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;

beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

const STATE = `status financialStatus fulfillments { id status } payment { status capturedAmount { amount } capturableAmount { amount } }`;
const FULFILL = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) { order { ${STATE} } userErrors { field code } } }`;
const CANCEL = `mutation ($id: ID!) { orderFulfillmentCancel(id: $id) { userErrors { code } } }`;

/** An order of two items at 150.00, in a store that captures on fulfillment. */
async function toSend(changes: Record<string, unknown> = {}) {
  const tenantId = freshTenantId();
  await payments.settingsUpdate(tenantId, { captureMode: 'ON_FULFILLMENT' });
  const { order: made } = await orderCreate(order, customer(tenantId), orderInput(changes));
  await finishedSagas(order.ownerUrl, tenantId);
  const { id, items } = made;
  const fulfill = async (quantity: number, more: Record<string, unknown> = {}): Promise<Read> => {
    const input = { lines: [{ itemId: items[0].id, quantity }], idempotencyKey: randomUUID(), ...more };
    return (await order.ask(admin(tenantId), FULFILL, { id, input })).data.orderFulfill;
  };
  const state = async (): Promise<Read> => {
    const read = await order.ask(admin(tenantId), `query ($id: ID!) { order(id: $id) { ${STATE} } }`, { id });
    return read.data.order;
  };
  const told = async () =>
    (
      await asOwner<{ told: string }>(
        order.ownerUrl,
        tenantId,
        `SELECT concat_ws(' ', type, data->'amount'->>'amount', data->>'isComplete') AS told FROM outbox_events
         WHERE type IN ('payment.captured', 'payment.failed', 'order.fulfilled') ORDER BY position`,
      )
    ).map((row) => row.told);
  return { tenantId, id, fulfill, state, told };
}

describe('orderFulfill of a store that captures on fulfillment', () => {
  it('sends nothing whose capture is declined: the fulfillment is kept, and can be canceled and sent by a word of staff', async () => {
    const { tenantId, fulfill, state, told } = await toSend({ paymentToken: 'tok_capture_declined' });
    expect(await fulfill(1)).toEqual({ order: null, userErrors: [{ field: ['id'], code: 'PAYMENT_DECLINED' }] });
    const kept = await state();
    expect(kept).toMatchObject({
      status: 'CONFIRMED',
      financialStatus: 'VOIDED',
      fulfillments: [{ status: 'AWAITING_PAYMENT' }],
    });
    expect(await told()).toEqual(['payment.failed 300.00']);
    const refused = { order: null, userErrors: [{ field: ['input', 'capturePayment'], code: 'NOT_CAPTURED' }] };
    expect(await fulfill(1)).toEqual(refused);
    await order.ask(admin(tenantId), CANCEL, { id: kept.fulfillments[0].id });
    const sent = await fulfill(2, { capturePayment: false });
    expect(sent.order).toMatchObject({
      status: 'FULFILLED',
      fulfillments: [{ status: 'CANCELED' }, { status: 'FULFILLED' }],
    });
    expect(await told()).toEqual(['payment.failed 300.00', 'order.fulfilled true']);
  });

  it('captures what is sent, then the rest, once for a repeated request', async () => {
    const { fulfill, told } = await toSend();
    const key = { idempotencyKey: randomUUID() };
    const first = await fulfill(1, key);
    expect(first.order).toMatchObject({
      status: 'CONFIRMED',
      financialStatus: 'PARTIALLY_PAID',
      fulfillments: [{ status: 'FULFILLED' }],
      payment: {
        status: 'PARTIALLY_CAPTURED',
        capturedAmount: { amount: '150.00' },
        capturableAmount: { amount: '150.00' },
      },
    });
    expect(await fulfill(1, key)).toEqual(first);
    expect((await fulfill(1)).order).toMatchObject({ status: 'FULFILLED', financialStatus: 'PAID' });
    expect(await told()).toEqual([
      'payment.captured 150.00',
      'order.fulfilled false',
      'payment.captured 150.00',
      'order.fulfilled true',
    ]);
  });

  it('captures all of it with the first, where a capture releases the rest', async () => {
    const { fulfill, told } = await toSend({ paymentToken: 'tok_capture_once' });
    await fulfill(1);
    expect((await fulfill(1)).order).toMatchObject({ status: 'FULFILLED', financialStatus: 'PAID' });
    expect(await told()).toEqual(['payment.captured 300.00', 'order.fulfilled false', 'order.fulfilled true']);
  });

  it('captures nothing again for what was sent, canceled, and is sent once more', async () => {
    const { tenantId, fulfill, state } = await toSend();
    await fulfill(1);
    const { fulfillments } = await state();
    await order.ask(admin(tenantId), CANCEL, { id: fulfillments[0].id });
    await fulfill(1);
    expect((await state()).payment.capturedAmount.amount).toBe('150.00');
  });

  it('two fulfillments at once capture each its own, and the order is FULFILLED once', async () => {
    const { fulfill, state, told } = await toSend();
    await Promise.all([fulfill(1), fulfill(1)]);
    expect(await state()).toMatchObject({ status: 'FULFILLED', payment: { capturedAmount: { amount: '300.00' } } });
    expect((await told()).filter((one) => one === 'order.fulfilled true')).toHaveLength(1);
  });
});
