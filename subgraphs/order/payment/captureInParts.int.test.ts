import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { finishedSagas, orderCreate, orderInput } from '../test/factories';
import { Payments, type Read, usd } from '../test/payments';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let payments: Payments;

beforeAll(async () => {
  order = await startTestSubgraph();
  payments = new Payments(order);
});
afterAll(() => order?.close());

const CAPTURE = `mutation ($id: ID!, $input: OrderPaymentCaptureInput) { orderPaymentCapture(id: $id, input: $input) {
  order { financialStatus payment { status } } userErrors { field code } } }`;
const SUMS = `query ($id: ID!) { order(id: $id) { financialStatus payment { status capturesParts authorizedAmount { amount }
  capturedAmount { amount } capturableAmount { amount } refundedAmount { amount } } } }`;

/** An order of 300.00 that is authorized in a store with MANUAL capture. */
async function authorized(changes: Record<string, unknown> = {}, captureMode = 'MANUAL') {
  const tenantId = freshTenantId();
  await payments.settingsUpdate(tenantId, { captureMode });
  const { order: made } = await orderCreate(order, customer(tenantId), orderInput(changes));
  await finishedSagas(order.ownerUrl, tenantId);
  const { id } = made;
  const capture = async (amount: Read, more: Record<string, unknown> = {}): Promise<Read> => {
    const input = { amount, idempotencyKey: randomUUID(), ...more };
    const { data } = await order.ask(admin(tenantId), CAPTURE, { id, input });
    // It answers before the provider does when that takes long.
    await finishedSagas(order.ownerUrl, tenantId);
    return data.orderPaymentCapture;
  };
  const sums = async (): Promise<Read> => {
    const { payment, financialStatus } = (await order.ask(admin(tenantId), SUMS, { id })).data.order;
    const { authorizedAmount, capturedAmount, capturableAmount, refundedAmount, status } = payment;
    const amounts = [authorizedAmount, capturedAmount, capturableAmount, refundedAmount].map(({ amount }) => amount);
    return [status, financialStatus, ...amounts];
  };
  return { tenantId, id, capture, sums };
}

const AUTHORIZED = ['AUTHORIZED', 'AUTHORIZED', '300.00', '0.00', '300.00', '0.00'];

describe('orderPaymentCapture refuses', () => {
  it.each<[string, Read, Record<string, unknown>, string]>([
    ['more than is authorized', usd('300.01'), {}, 'input amount CAPTURE_TOO_LARGE'],
    ['nothing', usd('0.00'), {}, 'input amount INVALID'],
    ['another currency', { amount: '1.00', currencyCode: 'EUR' }, {}, 'input amount CURRENCY_MISMATCH'],
    ['a short key', usd('1.00'), { idempotencyKey: 'key' }, 'input idempotencyKey INVALID'],
  ])('%s, and captures nothing', async (_what, amount, more, fault) => {
    const { tenantId, capture, sums } = await authorized();
    const { userErrors } = await capture(amount, more);
    expect(userErrors.map(({ field, code }: Read) => [...field, code].join(' '))).toEqual([fault]);
    expect(await sums()).toEqual(AUTHORIZED);
    expect(await asOwner(order.ownerUrl, tenantId, 'SELECT 1 FROM payment_captures')).toEqual([]);
  });

  it('an order that is captured by itself, and one that another store has', async () => {
    const { capture, id } = await authorized({}, 'AUTOMATIC');
    expect((await capture(usd('1.00'))).userErrors).toEqual([{ field: ['id'], code: 'INVALID_TRANSITION' }]);
    const { data } = await order.ask(admin(freshTenantId()), CAPTURE, { id, input: null });
    expect(data.orderPaymentCapture.userErrors).toEqual([{ field: ['id'], code: 'NOT_FOUND' }]);
  });

  it('what the provider declines: the payment is flagged, and nothing is tried again', async () => {
    const { tenantId, id, capture } = await authorized({ paymentToken: 'tok_capture_declined' });
    expect(await capture(usd('100.00'))).toEqual({
      order: null,
      userErrors: [{ field: ['id'], code: 'PAYMENT_DECLINED' }],
    });
    expect(await payments.orderOf(tenantId, id)).toMatchObject({
      financialStatus: 'VOIDED',
      payment: { status: 'FAILED', flag: expect.stringContaining('not paid') },
      saga: { state: 'DONE' },
    });
  });
});

describe('a payment', () => {
  it('is captured in parts, each once under its key, and all of it in the end', async () => {
    const { tenantId, id, capture, sums } = await authorized();
    const key = { idempotencyKey: randomUUID() };
    const first = {
      order: { financialStatus: 'PARTIALLY_PAID', payment: { status: 'PARTIALLY_CAPTURED' } },
      userErrors: [],
    };
    expect(await capture(usd('100.00'), key)).toEqual(first);
    expect(await capture(usd('100.00'), key)).toEqual(first);
    expect(await sums()).toEqual(['PARTIALLY_CAPTURED', 'PARTIALLY_PAID', '300.00', '100.00', '200.00', '0.00']);
    await capture(usd('50.00'));
    await capture(null);
    expect(await sums()).toEqual(['CAPTURED', 'PAID', '300.00', '300.00', '0.00', '0.00']);
    const { payment } = await payments.orderOf(tenantId, id);
    expect(payment.transactions.map(({ kind, amount }: Read) => `${kind} ${amount.amount}`)).toEqual([
      'AUTHORIZE 300.00',
      'CAPTURE 100.00',
      'CAPTURE 50.00',
      'CAPTURE 150.00',
    ]);
    const told = `SELECT data->'amount'->>'amount' AS amount FROM outbox_events WHERE type = 'payment.captured' ORDER BY position`;
    expect(await asOwner(order.ownerUrl, tenantId, told)).toEqual(
      ['100.00', '50.00', '150.00'].map((amount) => ({ amount })),
    );
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the capture is final', {}, { finalCapture: true }],
    ['its provider captures once', { paymentToken: 'tok_capture_once' }, {}],
  ])('has what is left released when %s', async (_when, changes, more) => {
    const { capture, sums } = await authorized(changes);
    await capture(usd('100.00'), more);
    expect(await sums()).toEqual(['CAPTURED', 'PARTIALLY_PAID', '300.00', '100.00', '0.00', '0.00']);
    expect((await capture(usd('1.00'))).userErrors).toMatchObject([{ code: 'INVALID_TRANSITION' }]);
  });

  it('of a canceled order gives back the part that was captured, and releases the rest', async () => {
    const { tenantId, id, capture, sums } = await authorized();
    await capture(usd('100.00'));
    await payments.orderCancel(tenantId, id);
    await finishedSagas(order.ownerUrl, tenantId);
    await payments.finishedRefunds(tenantId);
    expect(await sums()).toEqual(['CAPTURED', 'REFUNDED', '300.00', '100.00', '0.00', '100.00']);
    const { payment } = await payments.orderOf(tenantId, id);
    expect(payment.transactions.map(({ kind, amount }: Read) => `${kind} ${amount.amount}`)).toEqual([
      'AUTHORIZE 300.00',
      'CAPTURE 100.00',
      'VOID 200.00',
      'REFUND 100.00',
    ]);
  });

  it('is refunded up to what was captured, and is captured on after that', async () => {
    const { tenantId, id, capture, sums } = await authorized();
    await capture(usd('100.00'));
    const refund = (amount: string) => payments.orderRefund(tenantId, id, { amount: usd(amount) });
    expect((await refund('100.01')).userErrors).toMatchObject([{ code: 'REFUND_TOO_LARGE' }]);
    await refund('100.00');
    expect(await sums()).toEqual(['PARTIALLY_CAPTURED', 'REFUNDED', '300.00', '100.00', '200.00', '100.00']);
    await capture(null);
    expect(await sums()).toEqual(['CAPTURED', 'PARTIALLY_REFUNDED', '300.00', '300.00', '0.00', '100.00']);
  });

  it('of which ten requests want a third each is captured by three of them', async () => {
    const { capture, sums } = await authorized();
    const answers = await Promise.all(Array.from({ length: 10 }, () => capture(usd('100.00'))));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(3);
    expect((await sums()).slice(2)).toEqual(['300.00', '300.00', '0.00', '0.00']);
  });
});
