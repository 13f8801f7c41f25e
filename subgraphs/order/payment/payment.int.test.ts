import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
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

describe('a payment', () => {
  it.each([
    ['a token', { paymentToken: 'tok_declined' }],
    ['a total of 6666.01', { lines: [{ variantId: 'pvar_666601', quantity: 1 }] }],
  ])(
    'that is declined, by %s, cancels the order, has the same answer for a repeat, and releases the stock',
    async (_by, changes) => {
      const tenantId = freshTenantId();
      const input = orderInput(changes);
      const first = await orderCreate(order, customer(tenantId), input);
      expect(first).toMatchObject({
        order: null,
        userErrors: [{ field: ['input', 'paymentMethodId'], code: 'PAYMENT_DECLINED' }],
      });
      expect(await orderCreate(order, customer(tenantId), input)).toEqual(first);
      const [saga] = await finishedSagas(order.ownerUrl, tenantId);
      const id = saga?.order_id ?? '';
      expect(order.product.statusOf(tenantId, id)).toBe('RELEASED');
      expect(await payments.orderOf(tenantId, id)).toMatchObject({
        status: 'CANCELED',
        payment: { status: 'FAILED', failureCode: 'card_declined', authorizedAmount: { amount: '0.00' } },
        saga: {
          state: 'DONE',
          steps: [
            { name: 'RESERVE_STOCK', status: 'DONE' },
            { name: 'SPEND_CREDIT', status: 'DONE' },
            { name: 'AUTHORIZE_PAYMENT', status: 'REFUSED' },
            { name: 'VOID_PAYMENT', status: 'DONE' },
            { name: 'RELEASE_STOCK', status: 'DONE' },
          ],
        },
      });
    },
  );

  it('is authorized, then captured after the stock’s commit, and its ledger has both', async () => {
    const { tenantId, id } = await payments.paidOrder();
    expect(await payments.orderOf(tenantId, id)).toMatchObject({
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
        steps: ['RESERVE_STOCK', 'SPEND_CREDIT', 'AUTHORIZE_PAYMENT', 'CONFIRM', 'COMMIT_STOCK', 'CAPTURE_PAYMENT'].map(
          (name) => ({
            name,
            status: 'DONE',
            attempts: 1,
            lastError: null,
          }),
        ),
      },
    });
  });

  it('whose provider times out is looked up, and the order is confirmed with one authorization', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_timeout' }));
    expect(made.status).toBe('PENDING');
    await finishedSagas(order.ownerUrl, tenantId);
    const read = await payments.orderOf(tenantId, made.id);
    expect(read.status).toBe('CONFIRMED');
    expect(read.payment.transactions.filter(({ kind }: Read) => kind === 'AUTHORIZE')).toHaveLength(1);
    expect(read.saga.steps[2]).toMatchObject({ name: 'AUTHORIZE_PAYMENT', attempts: 2, lastError: 'OutcomeUnknown' });
  });

  it('of a slow provider is answered with a PENDING order within the gateway’s timeout of 10 s, and confirmed in the background', async () => {
    const tenantId = freshTenantId();
    const began = Date.now();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ paymentToken: 'tok_slow' }));
    expect(made.status).toBe('PENDING');
    expect(Date.now() - began).toBeLessThan(8_000);
    await finishedSagas(order.ownerUrl, tenantId);
    expect((await payments.orderOf(tenantId, made.id)).status).toBe('CONFIRMED');
  });

  it('that requires an action is answered with the order and a client secret, which is hidden from staff', async () => {
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
    expect(await payments.orderOf(tenantId, first.order.id)).toMatchObject({
      status: 'CANCELED',
      payment: { status: 'VOIDED' },
    });
    expect((await orderCreate(order, customer(tenantId), input)).userErrors).toMatchObject([
      { code: 'PAYMENT_TIMED_OUT' },
    ]);
  });

  it('that the buyer completes in time confirms the order', async () => {
    const tenantId = freshTenantId();
    const input = orderInput({ paymentToken: 'tok_action_done' });
    const { order: made } = await orderCreate(order, customer(tenantId), input);
    await asOwner(order.ownerUrl, tenantId, 'UPDATE order_sagas SET lease_until = now()');
    await finishedSagas(order.ownerUrl, tenantId);
    expect(await payments.orderOf(tenantId, made.id)).toMatchObject({
      status: 'CONFIRMED',
      payment: { status: 'CAPTURED' },
    });
  });

  it('of a store with MANUAL capture stays authorized until staff capture it, once', async () => {
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
    expect((await payments.orderOf(tenantId, made.id)).payment).toMatchObject({ status: 'AUTHORIZED' });

    const capture = `mutation ($id: ID!) { orderPaymentCapture(id: $id) { order { payment { status } } userErrors { code } } }`;
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => order.ask(admin(tenantId), capture, { id: made.id })),
    );
    const answers = asked.map(({ data }) => data.orderPaymentCapture);
    expect(answers.filter((answer) => answer.order)).toEqual([
      { order: { payment: { status: 'CAPTURED' } }, userErrors: [] },
    ]);
    const { payment } = await payments.orderOf(tenantId, made.id);
    expect(payment.transactions.map(({ kind }: Read) => kind)).toEqual(['AUTHORIZE', 'CAPTURE']);
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

  it('does not get another guest’s order under the same key', async () => {
    const tenantId = freshTenantId();
    const idempotencyKey = randomUUID();
    const buy = (email: string) => orderCreate(order, visitor(tenantId), orderInput({ email, idempotencyKey }));
    const [ada, eve] = [await buy('ada@example.com'), await buy('eve@example.com')];
    expect(ada.order.status).toBe('CONFIRMED');
    expect(eve.order.id).not.toBe(ada.order.id);
    expect((await buy('ada@example.com')).order.id).toBe(ada.order.id);
  });
});
