import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { finishedSagas, historyOf, orderCreate, orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order.close());

const PAYMENT = `payment { status amount { amount } authorizedAmount { amount } capturedAmount { amount } refundedAmount { amount }
  failureCode transactions { kind succeeded amount { amount } } } status`;
const ORDER = `query ($id: ID!) { order(id: $id) { ${PAYMENT} refunds { status amount { amount } lines { position quantity } }
  saga { state steps { name status attempts lastError } } } }`;
const REFUND = `mutation ($id: ID!, $input: OrderRefundInput!) { orderRefund(id: $id, input: $input) {
  order { id } refund { id status amount { amount } } userErrors { field code } } }`;
const CANCEL = `mutation ($id: ID!, $input: OrderCancelInput!) { orderCancel(id: $id, input: $input) {
  order { status } userErrors { field code } } }`;

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
type Read = any;

async function orderOf(tenantId: string, id: string): Promise<Read> {
  const { data, errors } = await order.ask(admin(tenantId), ORDER, { id });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.order;
}

/** An order of two at 150.00 each, captured. */
async function paidOrder(changes: Record<string, unknown> = {}): Promise<{ tenantId: string; id: string }> {
  const tenantId = freshTenantId();
  const made = await orderCreate(order, customer(tenantId), orderInput(changes));
  if (!made.order) throw new Error(JSON.stringify(made.userErrors));
  await finishedSagas(order.ownerUrl, tenantId);
  return { tenantId, id: made.order.id };
}

function refundInput(changes: Record<string, unknown>) {
  return { reason: 'Too small', idempotencyKey: randomUUID(), ...changes };
}
const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

async function orderRefund(tenantId: string, id: string, changes: Record<string, unknown>, caller = admin(tenantId)) {
  const { data, errors } = await order.ask(caller, REFUND, { id, input: refundInput(changes) });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.orderRefund;
}

const orderCancel = async (tenantId: string, id: string, changes: Record<string, unknown> = {}) =>
  (await order.ask(admin(tenantId), CANCEL, { id, input: { reason: 'Late', ...changes } })).data.orderCancel;

const eventsOf = (tenantId: string) =>
  asOwner(order.ownerUrl, tenantId, 'SELECT type, data FROM outbox_events ORDER BY position');

/** Waits until no refund of a store is under way. */
async function finishedRefunds(tenantId: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await asOwner(order.ownerUrl, tenantId, 'SELECT 1 FROM order_refunds WHERE finished_at IS NULL');
    if (open.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('A refund is not finished');
}

describe('a payment', () => {
  it.each([
    ['a token', { paymentToken: 'tok_declined' }],
    ['a total of 6666.01', { lines: [{ variantId: 'pvar_666601', quantity: 1 }] }],
  ])(
    'that is declined, by %s, cancels the order, says so again to a repeat, and gives the stock back',
    async (_by, changes) => {
      const tenantId = freshTenantId();
      const input = orderInput(changes);
      const first = await orderCreate(order, customer(tenantId), input);
      expect(first).toMatchObject({
        order: null,
        userErrors: [{ field: ['input', 'paymentMethod'], code: 'PAYMENT_DECLINED' }],
      });
      expect(await orderCreate(order, customer(tenantId), input)).toEqual(first);
      const [saga] = await finishedSagas(order.ownerUrl, tenantId);
      const id = saga?.order_id ?? '';
      expect(order.product.statusOf(tenantId, id)).toBe('RELEASED');
      expect(await orderOf(tenantId, id)).toMatchObject({
        status: 'CANCELED',
        payment: { status: 'FAILED', failureCode: 'card_declined', authorizedAmount: { amount: '0.00' } },
        saga: {
          state: 'DONE',
          steps: [
            { name: 'RESERVE_STOCK', status: 'DONE' },
            { name: 'AUTHORIZE_PAYMENT', status: 'REFUSED' },
            { name: 'VOID_PAYMENT', status: 'DONE' },
            { name: 'RELEASE_STOCK', status: 'DONE' },
          ],
        },
      });
    },
  );

  it('is held, then captured once the stock is off the shelf, and its ledger says so', async () => {
    const { tenantId, id } = await paidOrder();
    expect(await orderOf(tenantId, id)).toMatchObject({
      status: 'CONFIRMED',
      payment: {
        status: 'CAPTURED',
        authorizedAmount: { amount: '300.00' },
        capturedAmount: { amount: '300.00' },
        refundedAmount: { amount: '0.00' },
        transactions: [
          { kind: 'AUTHORIZE', succeeded: true, amount: { amount: '300.00' } },
          { kind: 'CAPTURE', succeeded: true, amount: { amount: '300.00' } },
        ],
      },
      saga: {
        state: 'DONE',
        steps: ['RESERVE_STOCK', 'AUTHORIZE_PAYMENT', 'CONFIRM', 'COMMIT_STOCK', 'CAPTURE_PAYMENT'].map((name) => ({
          name,
          status: 'DONE',
          attempts: 1,
          lastError: null,
        })),
      },
    });
  });

  it('whose provider times out is asked about, and the order is confirmed with one authorization', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_timeout' }));
    expect(made.status).toBe('PENDING');
    await finishedSagas(order.ownerUrl, tenantId);
    const read = await orderOf(tenantId, made.id);
    expect(read.status).toBe('CONFIRMED');
    expect(read.payment.transactions.filter(({ kind }: Read) => kind === 'AUTHORIZE')).toHaveLength(1);
    expect(read.saga.steps[1]).toMatchObject({ name: 'AUTHORIZE_PAYMENT', attempts: 2, lastError: 'OutcomeUnknown' });
  });

  it('of a slow provider is answered with a PENDING order within the gateway’s 10 s, and is confirmed without its caller', async () => {
    const tenantId = freshTenantId();
    const began = Date.now();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_slow' }));
    expect(made.status).toBe('PENDING');
    expect(Date.now() - began).toBeLessThan(8_000);
    await finishedSagas(order.ownerUrl, tenantId);
    expect((await orderOf(tenantId, made.id)).status).toBe('CONFIRMED');
  });

  it('that wants something of its buyer comes with the order and a secret, which staff are not shown', async () => {
    const tenantId = freshTenantId();
    const input = orderInput({ paymentToken: 'tok_action' });
    const first = await orderCreate(order, customer(tenantId), input);
    expect(first).toMatchObject({
      order: {
        status: 'PENDING',
        payment: { clientSecret: expect.stringMatching(/^secret_/) },
      },
      userErrors: [{ code: 'PAYMENT_ACTION_REQUIRED' }],
    });
    expect(await orderCreate(order, customer(tenantId), input)).toEqual(first);
    const query = 'query ($id: ID!) { order(id: $id) { payment { clientSecret transactions { kind } } } }';
    const { data } = await order.ask(admin(tenantId), query, { id: first.order.id });
    expect(data.order.payment.clientSecret).toBeNull();
    const own = await order.ask(customer(tenantId), query, { id: first.order.id });
    expect(own.data.order.payment).toMatchObject({
      clientSecret: first.order.payment.clientSecret,
      transactions: null,
    });

    await asOwner(order.ownerUrl, tenantId, 'UPDATE order_sagas SET confirm_before = now(), lease_until = now()');
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await orderOf(tenantId, first.order.id)).toMatchObject({
      status: 'CANCELED',
      payment: { status: 'VOIDED' },
    });
    expect((await orderCreate(order, customer(tenantId), input)).userErrors).toMatchObject([
      { code: 'PAYMENT_TIMED_OUT' },
    ]);
  });

  it('that its buyer has confirmed in time confirms the order', async () => {
    const tenantId = freshTenantId();
    const input = orderInput({ paymentToken: 'tok_action_done' });
    const { order: made } = await orderCreate(order, customer(tenantId), input);
    await asOwner(order.ownerUrl, tenantId, 'UPDATE order_sagas SET lease_until = now()');
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await orderOf(tenantId, made.id)).toMatchObject({ status: 'CONFIRMED', payment: { status: 'CAPTURED' } });
  });

  it('of a store that captures by hand stays held until staff ask, and is then captured once', async () => {
    const tenantId = freshTenantId();
    const update = `mutation { paymentSettingsUpdate(input: { captureMode: MANUAL }) { paymentSettings { captureMode } userErrors { code } } }`;
    const refused = await order.ask(member(tenantId), update);
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await order.ask(admin(tenantId), update)).data.paymentSettingsUpdate).toEqual({
      paymentSettings: { captureMode: 'MANUAL' },
      userErrors: [],
    });
    const { order: made } = await orderCreate(order, customer(tenantId));
    await finishedSagas(order.ownerUrl, tenantId);
    expect((await orderOf(tenantId, made.id)).payment).toMatchObject({ status: 'AUTHORIZED' });

    const capture = `mutation ($id: ID!) { orderPaymentCapture(id: $id) { order { payment { status } } userErrors { code } } }`;
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => order.ask(admin(tenantId), capture, { id: made.id })),
    );
    const answers = asked.map(({ data }) => data.orderPaymentCapture);
    expect(answers.filter((answer) => answer.order)).toEqual([
      { order: { payment: { status: 'CAPTURED' } }, userErrors: [] },
    ]);
    const { payment } = await orderOf(tenantId, made.id);
    expect(payment.transactions.map(({ kind }: Read) => kind)).toEqual(['AUTHORIZE', 'CAPTURE']);
  });
});

describe('orderRefund', () => {
  it('is refused to who may not manage orders, and for another store’s order as for none', async () => {
    const { tenantId, id } = await paidOrder();
    const changes = { amount: usd('1.00') };
    const shopper = await order.ask(customer(tenantId), REFUND, { id, input: refundInput(changes) });
    expect(shopper.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const before = await checksumOfTenant(order.ownerUrl, tenantId);
    const other = freshTenantId();
    const foreign = await orderRefund(other, id, changes);
    expect(foreign).toEqual(await orderRefund(other, 'ord_none', changes));
    expect(foreign).toEqual({ order: null, refund: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
    expect(await checksumOfTenant(order.ownerUrl, tenantId)).toEqual(before);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['neither an amount nor lines', {}, 'input INVALID'],
    ['both an amount and lines', { amount: usd('1.00'), lines: [{ position: 0, quantity: 1 }] }, 'input INVALID'],
    ['more than was captured', { amount: usd('300.01') }, 'input REFUND_TOO_LARGE'],
    ['nothing', { amount: usd('0.00') }, 'input.amount INVALID'],
    ['another currency', { amount: { amount: '1', currencyCode: 'JPY' } }, 'input.amount CURRENCY_MISMATCH'],
    ['an item that it has not', { lines: [{ position: 7, quantity: 1 }] }, 'input.lines.0.position NOT_FOUND'],
    ['more of an item than were bought', { lines: [{ position: 0, quantity: 3 }] }, 'input.lines.0.quantity INVALID'],
    ['less than one of an item', { lines: [{ position: 0, quantity: -1 }] }, 'input.lines.0.quantity INVALID'],
    ['no reason', { amount: usd('1.00'), reason: ' ' }, 'input.reason REQUIRED'],
    ['a short key', { amount: usd('1.00'), idempotencyKey: 'short' }, 'input.idempotencyKey INVALID'],
  ])('of %s is refused and sets nothing aside', async (_what, changes, expected) => {
    const { tenantId, id } = await paidOrder();
    const { refund, userErrors } = await orderRefund(tenantId, id, changes);
    expect(refund).toBeNull();
    expect(userErrors.map(({ field, code }: Read) => `${field.join('.')} ${code}`)).toEqual([expected]);
    expect((await orderOf(tenantId, id)).payment.refundedAmount).toEqual({ amount: '0.00' });
  });

  it('of an order that is not paid is NOT_CAPTURED', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_action' }));
    expect((await orderRefund(tenantId, made.id, { amount: usd('1.00') })).userErrors).toMatchObject([
      { code: 'NOT_CAPTURED' },
    ]);
  });

  it('gives back what lines cost, and then no more than is left of them', async () => {
    const { tenantId, id } = await paidOrder();
    const one = { lines: [{ position: 0, quantity: 1 }] };
    const first = await orderRefund(tenantId, id, one);
    expect(first).toMatchObject({ refund: { status: 'SUCCEEDED', amount: { amount: '150.00' } }, userErrors: [] });
    const both = await orderRefund(tenantId, id, { lines: [{ position: 0, quantity: 2 }] });
    expect(both.userErrors).toMatchObject([{ code: 'INVALID' }]);
    await orderRefund(tenantId, id, one);
    expect(await orderOf(tenantId, id)).toMatchObject({
      payment: { status: 'CAPTURED', refundedAmount: { amount: '300.00' } },
      refunds: [{ status: 'SUCCEEDED', lines: [{ position: 0, quantity: 1 }] }, { status: 'SUCCEEDED' }],
    });
  });

  it('puts the goods of its lines back where it is told to, also when the first answer to that is lost', async () => {
    const { tenantId, id } = await paidOrder();
    order.product.fail(tenantId, 'StockReturn', 'LOST');
    const lines = [{ position: 0, quantity: 1 }];
    const { refund } = await orderRefund(tenantId, id, { lines, restock: true });
    expect(refund.status).toBe('SUCCEEDED');
    await finishedRefunds(tenantId);
    expect(order.product.asked(id)).toEqual(['StockReserve', 'StockCommit', 'StockReturn', 'StockReturn']);
    const { payment } = await orderOf(tenantId, id);
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

  it('fifty times at once, each of a part, gives back no more than was captured', async () => {
    const { tenantId, id } = await paidOrder();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => orderRefund(tenantId, id, { amount: usd('25.00') })),
    );
    expect(answers.filter(({ refund }) => refund?.status === 'SUCCEEDED')).toHaveLength(12);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'REFUND_TOO_LARGE')).toHaveLength(38);
    const { payment } = await orderOf(tenantId, id);
    expect(payment.refundedAmount).toEqual({ amount: '300.00' });
    expect(payment.transactions.filter(({ kind }: Read) => kind === 'REFUND')).toHaveLength(12);
  });

  it('fifty times at once under one key is one refund, and fifty same answers', async () => {
    const { tenantId, id } = await paidOrder();
    const changes = { amount: usd('25.00'), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 50 }, () => orderRefund(tenantId, id, changes)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ refund: { status: 'SUCCEEDED' }, userErrors: [] });
    expect((await orderOf(tenantId, id)).payment.refundedAmount).toEqual({ amount: '25.00' });
    const other = await orderRefund(tenantId, id, { ...changes, amount: usd('26.00') });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  });

  it('that the provider refuses leaves the amount to be refunded in another way', async () => {
    const { tenantId, id } = await paidOrder({ paymentToken: 'tok_refund_declined' });
    expect((await orderRefund(tenantId, id, { amount: usd('25.00') })).userErrors).toMatchObject([
      { code: 'REFUND_DECLINED' },
    ]);
    const { payment, refunds } = await orderOf(tenantId, id);
    expect([payment.refundedAmount.amount, refunds[0].status]).toEqual(['0.00', 'FAILED']);
  });

  it('whose provider times out is PENDING, is asked about, and happens once', async () => {
    const { tenantId, id } = await paidOrder({ paymentToken: 'tok_refund_timeout' });
    const { refund } = await orderRefund(tenantId, id, { amount: usd('25.00') });
    expect(refund.status).toBe('PENDING');
    await finishedRefunds(tenantId);
    const { payment, refunds } = await orderOf(tenantId, id);
    expect(refunds).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(payment.transactions.filter(({ kind }: Read) => kind === 'REFUND')).toHaveLength(1);
  });
});

describe('orderCancel', () => {
  it('gives back what was captured, and the stock', async () => {
    const { tenantId, id } = await paidOrder();
    await orderRefund(tenantId, id, { amount: usd('100.00') });
    expect(await orderCancel(tenantId, id)).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
    await finishedSagas(order.ownerUrl, tenantId);
    await finishedRefunds(tenantId);
    expect(await orderOf(tenantId, id)).toMatchObject({
      payment: { capturedAmount: { amount: '300.00' }, refundedAmount: { amount: '300.00' } },
      refunds: [{ amount: { amount: '100.00' } }, { amount: { amount: '200.00' }, status: 'SUCCEEDED' }],
    });
    expect(order.product.statusOf(tenantId, id)).toBe('RELEASED');
  });

  it('keeps the money and the stock where it is told to', async () => {
    const { tenantId, id } = await paidOrder();
    await orderCancel(tenantId, id, { refund: false, restock: false });
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await orderOf(tenantId, id)).toMatchObject({ payment: { refundedAmount: { amount: '0.00' } }, refunds: [] });
    expect(order.product.statusOf(tenantId, id)).toBe('COMMITTED');
  });

  it('lets go of what is only held', async () => {
    const tenantId = freshTenantId();
    await order.ask(
      admin(tenantId),
      'mutation { paymentSettingsUpdate(input: { captureMode: MANUAL }) { userErrors { code } } }',
    );
    const { order: made } = await orderCreate(order, customer(tenantId));
    await finishedSagas(order.ownerUrl, tenantId);
    await orderCancel(tenantId, made.id);
    await finishedSagas(order.ownerUrl, tenantId);
    const { payment } = await orderOf(tenantId, made.id);
    expect([payment.status, payment.transactions.map(({ kind }: Read) => kind)]).toEqual([
      'VOIDED',
      ['AUTHORIZE', 'VOID'],
    ]);
  });

  it('twenty times at once under one key cancels once, answers all the same, and refunds once', async () => {
    const { tenantId, id } = await paidOrder();
    const changes = { idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => orderCancel(tenantId, id, changes)));
    for (const answer of answers) expect(answer).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
    await finishedSagas(order.ownerUrl, tenantId);
    await finishedRefunds(tenantId);
    expect((await orderOf(tenantId, id)).refunds).toHaveLength(1);
    expect(await historyOf(order.ownerUrl, tenantId)).toHaveLength(3);
    const other = await orderCancel(tenantId, id, { ...changes, reason: 'Another' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
  });
});

describe('a guest', () => {
  it('needs a key that can’t be guessed', async () => {
    const { userErrors } = await orderCreate(
      order,
      visitor(freshTenantId()),
      orderInput({ idempotencyKey: 'my-first-order' }),
    );
    expect(userErrors).toMatchObject([{ field: ['input', 'idempotencyKey'], code: 'INVALID' }]);
  });

  it('does not meet another guest’s order under the same key', async () => {
    const tenantId = freshTenantId();
    const idempotencyKey = randomUUID();
    const buy = (email: string) => orderCreate(order, visitor(tenantId), orderInput({ email, idempotencyKey }));
    const [ada, eve] = [await buy('ada@example.com'), await buy('eve@example.com')];
    expect(ada.order.status).toBe('CONFIRMED');
    expect(eve.order.id).not.toBe(ada.order.id);
    expect((await buy('ada@example.com')).order.id).toBe(ada.order.id);
  });
});
