import { admin, customer, freshTenantId, visitor } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { finishedSagas, orderCreate } from '../../test/factories';
import { usd } from '../../test/payments';
import type { StripeServer } from '../../test/stripe/stripeServer';
import { byStripe, intentsOf } from '../../test/stripe/stripeStores';
import { type StripeTestEnv, startStripeTestEnv } from '../../test/stripe/stripeTestEnv';

let env: StripeTestEnv;
beforeAll(async () => {
  env = await startStripeTestEnv();
});
afterAll(() => env?.close());

const hurry = (tenantId: string) => asOwner(env.order.ownerUrl, tenantId, 'UPDATE order_sagas SET lease_until = now()');

describe('paymentSettingsUpdate', () => {
  it.each<[string, (tenantId: string) => string, string]>([
    ['an account that does not exist', () => 'acct_none', 'NOT_FOUND'],
    ['an account of another store', () => env.stripe.connect('org_other').id, 'NOT_FOUND'],
    ['an account of no store', () => env.stripe.connect(null).id, 'NOT_FOUND'],
    ['an invalid id', () => 'acct_x/../y', 'INVALID'],
  ])('refuses %s, and changes nothing', async (_what, account, code) => {
    const tenantId = freshTenantId();
    const input = { captureMode: 'MANUAL', stripeAccountId: account(tenantId) };
    expect(await env.payments.settingsUpdate(tenantId, input)).toEqual({
      paymentSettings: null,
      userErrors: [{ field: ['input', 'stripeAccountId'], code }],
    });
    const kept = await env.payments.settingsUpdate(tenantId, {});
    expect(kept.paymentSettings).toEqual({ captureMode: 'AUTOMATIC', stripeAccountId: null });
  });

  it('changes only the given fields', async () => {
    const { tenantId, account } = await env.stores.open();
    const { paymentSettings } = await env.payments.settingsUpdate(tenantId, { captureMode: 'MANUAL' });
    expect(paymentSettings).toEqual({ captureMode: 'MANUAL', stripeAccountId: account.id });
    const without = await env.payments.settingsUpdate(tenantId, { stripeAccountId: null });
    expect(without.paymentSettings).toEqual({ captureMode: 'MANUAL', stripeAccountId: null });
  });

  it('is refused during impersonation, because it determines who is paid', async () => {
    const impersonator = { ...admin(freshTenantId()), impersonatorId: 'user_support' };
    const mutation = 'mutation { paymentSettingsUpdate(input: {}) { userErrors { code } } }';
    expect((await env.order.ask(impersonator, mutation)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('an order by STRIPE', () => {
  it('is PAYMENT_METHOD_UNAVAILABLE in a store without an account, and writes nothing', async () => {
    const tenantId = freshTenantId();
    const { order: made, userErrors } = await orderCreate(env.order, customer(tenantId), byStripe());
    expect(made).toBeNull();
    expect(userErrors).toMatchObject([{ field: ['input', 'paymentMethodId'], code: 'PAYMENT_METHOD_UNAVAILABLE' }]);
    expect(await asOwner(env.order.ownerUrl, tenantId, 'SELECT 1 FROM orders')).toEqual([]);
  });

  it('is authorized and captured on the store’s account, with the order’s idempotency keys and metadata', async () => {
    const { tenantId, account, id } = await env.stores.sold();
    expect(env.stripe.keysOf(account)).toEqual([`${id}:authorize`, `${id}:capture`]);
    const read = await env.payments.orderOf(tenantId, id);
    expect(intentsOf(account)).toMatchObject([
      {
        amount: 30_000,
        currency: 'usd',
        capture_method: 'manual',
        status: 'succeeded',
        metadata: { tenant_id: tenantId, order_id: id },
      },
    ]);
    expect(read).toMatchObject({
      status: 'CONFIRMED',
      financialStatus: 'PAID',
      payment: {
        status: 'CAPTURED',
        provider: 'STRIPE',
        capturedAmount: { amount: '300.00' },
        providerAccount: account.id,
        providerReference: intentsOf(account)[0].id,
        transactions: [{ kind: 'AUTHORIZE' }, { kind: 'CAPTURE' }],
      },
    });
  });

  it.each([
    ['a declined card', 'pm_card_chargeDeclined', 'generic_decline'],
    ['a card with insufficient funds', 'pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['a card that does not exist', 'pm_none', 'resource_missing'],
  ])('with %s is PAYMENT_DECLINED, and nothing stays authorized', async (_what, token, failureCode) => {
    const { tenantId, account } = await env.stores.open();
    const { order: made, userErrors } = await orderCreate(env.order, customer(tenantId), byStripe(token));
    expect([made, userErrors[0].code]).toEqual([null, 'PAYMENT_DECLINED']);
    const [saga] = await finishedSagas(env.order.ownerUrl, tenantId);
    const { payment } = await env.payments.orderOf(tenantId, saga?.order_id ?? '');
    expect(payment).toMatchObject({ status: 'FAILED', failureCode });
    expect(intentsOf(account).filter(({ status }) => status === 'requires_capture')).toEqual([]);
  });

  it.each([
    ['that requires authentication', 'pm_card_authenticationRequired'],
    ['without a card', null],
  ])('%s stays PENDING with a secret for its buyer, and is confirmed when Stripe says so', async (_what, token) => {
    const { tenantId, account } = await env.stores.open();
    const { order: made, userErrors } = await orderCreate(env.order, customer(tenantId), byStripe(token));
    const [intent] = intentsOf(account);
    expect(userErrors).toMatchObject([{ code: 'PAYMENT_ACTION_REQUIRED' }]);
    expect(made).toMatchObject({ status: 'PENDING', payment: { clientSecret: intent.client_secret } });
    const query = 'query ($id: ID!) { order(id: $id) { payment { clientSecret providerReference } } }';
    const staff = await env.order.ask(admin(tenantId), query, { id: made.id });
    expect(staff.data.order.payment).toEqual({ clientSecret: null, providerReference: intent.id });
    const buyer = await env.order.ask(customer(tenantId), query, { id: made.id });
    expect(buyer.data.order.payment).toEqual({ clientSecret: intent.client_secret, providerReference: null });
    for (const caller of [customer(tenantId, 'user_other'), visitor(tenantId)]) {
      expect((await env.order.ask(caller, query, { id: made.id })).data.order).toBeNull();
    }

    account.authorize(intent);
    await hurry(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(await env.payments.orderOf(tenantId, made.id)).toMatchObject({
      status: 'CONFIRMED',
      payment: { status: 'CAPTURED' },
    });
  });

  it('that the buyer never completes is canceled after ten minutes, here and at Stripe', async () => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe(null));
    await asOwner(env.order.ownerUrl, tenantId, 'UPDATE order_sagas SET confirm_before = now(), lease_until = now()');
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intentsOf(account)).toMatchObject([{ status: 'canceled' }]);
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      status: 'CANCELED',
      payment: { status: 'VOIDED' },
    });
  });
});

describe('a failure at Stripe', () => {
  const CREATE = /^POST.*payment_intents$/;

  it.each<[string, Parameters<StripeServer['fail']>, number]>([
    ['that lost the answer to a charge', [CREATE, 'LOST', 2], 1],
    ['of every request under the order’s key, without effect', [CREATE, 'KEPT', 1], 1],
    ['of every request under the order’s key, after the authorization', [CREATE, 'DONE', 1], 1],
    ['of the first requests for a capture', [/capture$/, 'BEFORE', 2], 1],
    ['that lost the answer to a capture', [/capture$/, 'LOST', 2], 1],
  ])('%s is looked up, and the buyer is charged once', async (_what, failure, intents) => {
    const { tenantId, account } = await env.stores.open();
    env.stripe.fail(...failure);
    const id = await env.stores.buy(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intentsOf(account).map(({ status }) => status)).toEqual(Array(intents).fill('succeeded'));
    const { status, payment } = await env.payments.orderOf(tenantId, id);
    expect([status, payment.status, payment.capturedAmount.amount]).toEqual(['CONFIRMED', 'CAPTURED', '300.00']);
    expect(payment.transactions).toHaveLength(2);
  });

  it.each([-600, 600])('is looked up also with a clock that is %d seconds ahead', async (clockAhead) => {
    const { tenantId, account } = await env.stores.open();
    account.clockAhead = clockAhead;
    env.stripe.fail(CREATE, 'DONE', 1);
    const id = await env.stores.buy(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intentsOf(account).map(({ status }) => status)).toEqual(['succeeded']);
    expect((await env.payments.orderOf(tenantId, id)).status).toBe('CONFIRMED');
  });

  it.each<[string, Parameters<StripeServer['fail']>]>([
    ['that lost the answer to a refund', [/^POST.*refunds$/, 'LOST', 2]],
    ['of every request under the refund’s key', [/^POST.*refunds$/, 'KEPT', 1]],
  ])('%s is looked up, and the payment is refunded once', async (_what, failure) => {
    const { tenantId, account, id } = await env.stores.sold();
    env.stripe.fail(...failure);
    await env.payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    await env.payments.finishedRefunds(tenantId);
    expect(account.refunds).toMatchObject([{ amount: 2_500 }]);
    const { payment, refunds } = await env.payments.orderOf(tenantId, id);
    expect([payment.refundedAmount.amount, refunds]).toMatchObject(['25.00', [{ status: 'SUCCEEDED' }]]);
  });
});

describe('a payment captured by Stripe', () => {
  it('is refunded when the order is canceled', async () => {
    const { tenantId, account, id } = await env.stores.sold();
    await env.payments.orderCancel(tenantId, id);
    await finishedSagas(env.order.ownerUrl, tenantId);
    await env.payments.finishedRefunds(tenantId);
    expect(account.refunds).toMatchObject([{ amount: 30_000, metadata: { tenant_id: tenantId, order_id: id } }]);
  });

  it('that was refunded at Stripe itself can’t be refunded: REFUND_DECLINED, and the amount is released', async () => {
    const { tenantId, account, id } = await env.stores.sold();
    account.refund({ payment_intent: intentsOf(account)[0].id });
    const { userErrors } = await env.payments.orderRefund(tenantId, id, { amount: usd('1.00') });
    expect(userErrors).toMatchObject([{ code: 'REFUND_DECLINED' }]);
    expect((await env.payments.orderOf(tenantId, id)).payment.refundedAmount.amount).toBe('0.00');
  });

  it('is voided while it is only authorized', async () => {
    const { tenantId, account } = await env.stores.open('MANUAL');
    const id = await env.stores.buy(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    await env.payments.orderCancel(tenantId, id);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intentsOf(account)).toMatchObject([{ status: 'canceled', amount_received: 0 }]);
    expect((await env.payments.orderOf(tenantId, id)).payment.status).toBe('VOIDED');
  });

  it('whose authorization is lost before the capture is flagged, publishes payment.failed, and is not retried', async () => {
    const { tenantId, account } = await env.stores.open('MANUAL');
    const id = await env.stores.buy(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    account.cancel(intentsOf(account)[0]);
    await env.payments.orderPaymentCapture(tenantId, id);
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      status: 'CONFIRMED',
      financialStatus: 'VOIDED',
      payment: { status: 'VOIDED', failureCode: 'hold_lost', flag: expect.stringContaining('not paid') },
      saga: { state: 'DONE' },
    });
    const published = await asOwner(
      env.order.ownerUrl,
      tenantId,
      "SELECT data FROM outbox_events WHERE type = 'payment.failed'",
    );
    expect(published).toMatchObject([{ data: { orderId: id, code: 'hold_lost' } }]);
  });
});

describe('a payment that is captured in parts at Stripe', () => {
  const CAPTURE = `mutation ($id: ID!, $amount: MoneyInput) { orderPaymentCapture(id: $id, input: {
    amount: $amount, idempotencyKey: "key-of-one-part" }) { userErrors { code } } }`;
  const authorized = async (multicapture: boolean) => {
    const store = await env.stores.open('MANUAL');
    store.account.multicapture = multicapture;
    const id = await env.stores.buy(store.tenantId);
    await finishedSagas(env.order.ownerUrl, store.tenantId);
    const [intent] = intentsOf(store.account);
    const capture = (amount: string) => env.order.ask(admin(store.tenantId), CAPTURE, { id, amount: usd(amount) });
    return { ...store, id, intent, capture };
  };

  it.each([
    ['with multicapture keeps the rest', true, 'requires_capture', 'PARTIALLY_CAPTURED', 20_000],
    ['without it releases the rest', false, 'succeeded', 'CAPTURED', 0],
  ])('%s', async (_what, multicapture, atStripe, status, amount_capturable) => {
    const { tenantId, account, id, intent, capture } = await authorized(multicapture);
    await capture('100.00');
    const url = `${env.order.url}/webhooks/stripe`;
    const told = await env.stripe.deliver(url, 'charge.refunded', account.chargeOf(intent), { account: account.id });
    expect(await told.json()).toEqual({ outcome: 'ignored' });
    expect(intent).toMatchObject({ status: atStripe, amount_received: 10_000, amount_capturable });
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      financialStatus: 'PARTIALLY_PAID',
      payment: { status, capturedAmount: { amount: '100.00' }, refundedAmount: { amount: '0.00' }, flag: null },
      refunds: [],
    });
  });

  it.each<[string, Parameters<StripeServer['fail']>]>([
    ['whose answer is lost', [/capture$/, 'LOST', 2]],
    ['whose key has a 5xx for an answer, although it was done', [/capture$/, 'DONE', 1]],
    ['whose key has a 5xx for an answer, and that was not done', [/capture$/, 'KEPT', 1]],
  ])('is captured once where a part %s', async (_what, failure) => {
    const { tenantId, id, intent, capture } = await authorized(true);
    env.stripe.fail(...failure);
    await capture('100.00');
    await hurry(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intent).toMatchObject({ amount_received: 10_000, amount_capturable: 20_000 });
    const { payment } = await env.payments.orderOf(tenantId, id);
    expect([payment.status, payment.capturedAmount.amount]).toEqual(['PARTIALLY_CAPTURED', '100.00']);
    expect(payment.transactions).toHaveLength(2);
    await env.payments.orderCancel(tenantId, id);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intent).toMatchObject({ amount_received: 10_000, amount_capturable: 0 });
  });

  it('for a fulfillment, whose answer is lost, keeps its items from being sent until it is known, and is captured once', async () => {
    const { tenantId, account } = await env.stores.open('ON_FULFILLMENT');
    account.multicapture = true;
    const id = await env.stores.buy(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    env.stripe.fail(/capture$/, 'LOST', 2);
    const read = 'order { status fulfillments { status } } userErrors { code }';
    const fulfill = `mutation ($id: ID!) { orderFulfill(id: $id) { ${read} } }`;
    const { data } = await env.order.ask(admin(tenantId), fulfill, { id });
    const waiting = { status: 'CONFIRMED', fulfillments: [{ status: 'AWAITING_PAYMENT' }] };
    expect(data.orderFulfill).toEqual({ order: waiting, userErrors: [] });
    await hurry(tenantId);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(intentsOf(account)).toMatchObject([{ amount_received: 30_000 }]);
    const after = await env.order.ask(
      admin(tenantId),
      'query ($id: ID!) { order(id: $id) { status fulfillments { status } } }',
      { id },
    );
    expect(after.data.order).toEqual({ status: 'FULFILLED', fulfillments: [{ status: 'FULFILLED' }] });
  });
});
