import { customer } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { traceOfRequest } from '../../../shared/trace';
import { finishedSagas, orderCreate } from '../../test/factories';
import { type Read, usd } from '../../test/payments';
import type { StripeAccount, StripeObject } from '../../test/stripe/stripeObjects';
import type { StripeServer } from '../../test/stripe/stripeServer';
import { byStripe, intentsOf } from '../../test/stripe/stripeStores';
import { type StripeTestEnv, startStripeTestEnv } from '../../test/stripe/stripeTestEnv';

let env: StripeTestEnv;
beforeAll(async () => {
  env = await startStripeTestEnv();
});
afterAll(() => env?.close());

async function deliver(type: string, object: StripeObject, account: StripeAccount, options = {}): Promise<Read> {
  const sent = await env.stripe.deliver(`${env.order.url}/webhooks/stripe`, type, object, {
    account: account.id,
    ...options,
  });
  return sent.status === 200 ? ((await sent.json()) as Read).outcome : sent.status;
}

const inboxOf = (tenantId: string) => asOwner(env.order.ownerUrl, tenantId, 'SELECT event_id FROM inbox_events');
const flagOf = async (tenantId: string, id: string) => (await env.payments.orderOf(tenantId, id)).payment.flag;

describe('a delivery', () => {
  const post = async (body: string, signature: string) => {
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    return (await fetch(`${env.order.url}/webhooks/stripe`, { method: 'POST', headers, body })).status;
  };

  it.each<[string, (given: { body: string; signature: string }) => { body: string; signature: string }]>([
    ['without a signature', ({ body }) => ({ body, signature: '' })],
    ['with another body', ({ body, signature }) => ({ body: body.replace('30000', '1'), signature })],
    [
      'with a reformatted body',
      ({ body, signature }) => ({ body: JSON.stringify(JSON.parse(body), null, 1), signature }),
    ],
    ['with a truncated signature', ({ body, signature }) => ({ body, signature: signature.slice(0, -1) })],
  ])('%s is refused: 400', async (_how, forge) => {
    const { account, intent, tenantId } = await env.stores.sold();
    const { body, signature } = forge(env.stripe.sign('payment_intent.succeeded', intent, account.id));
    expect(await post(body, signature)).toBe(400);
    expect(await inboxOf(tenantId)).toEqual([]);
  });

  it('is accepted when any of the secrets signed it, within five minutes', async () => {
    const { account, intent } = await env.stores.sold();
    const status = (options: Parameters<StripeServer['sign']>[3]) => {
      const { body, signature } = env.stripe.sign('customer.created', intent, account.id, options);
      return post(body, signature);
    };
    expect(await status({})).toBe(200);
    expect(await status({ secret: 'whsec_theoneoftheyearbefore' })).toBe(200);
    expect(await status({ secret: 'whsec_somebodyelsessecret' })).toBe(400);
    expect(await status({ at: new Date(Date.now() - 301_000) })).toBe(400);
  });

  it('of more than 256 KiB is refused: 413', async () => {
    const { body, signature } = env.stripe.sign('customer.created', { id: 'x'.repeat(256 * 1024) }, null);
    expect(await post(body, signature)).toBe(413);
  });

  it('of an unused type, or of a payment of another system, is ignored, and counted', async () => {
    const { account, intent } = await env.stores.sold();
    expect(await deliver('invoice.created', intent, account)).toBe('ignored');
    expect(await deliver('payment_intent.succeeded', { ...intent, metadata: {} }, account)).toBe('ignored');
    const metrics = await (await fetch(`${env.order.url}/metrics`)).text();
    expect(metrics).toMatch(/stripe_webhooks_total\{type="other",outcome="ignored"\} [1-9]/);
    expect(metrics).toContain('stripe_webhooks_total{type="payment_intent.succeeded",outcome="ignored"} 1');
  });
});

describe('an event about the buyer’s action', () => {
  it.each([
    ['confirms the order at once', (account: StripeAccount, intent: Read) => account.authorize(intent), 'CONFIRMED'],
    [
      'cancels the order after a failed authentication',
      (_: StripeAccount, intent: Read) => failAction(intent),
      'CANCELED',
    ],
  ])('%s, however often it is delivered', async (_what, act, status) => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe('pm_card_authenticationRequired'));
    const [intent] = intentsOf(account);
    act(account, intent);
    const snapshot = { ...intent };
    const send = (eventId: string) =>
      deliver('payment_intent.amount_capturable_updated', snapshot, account, { id: eventId });
    expect(await send(`evt_1_${id}`)).toBe('applied');
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect((await env.payments.orderOf(tenantId, id)).status).toBe(status);
    const before = await env.payments.orderOf(tenantId, id);
    expect(await send(`evt_1_${id}`)).toBe('repeated');
    expect(await send(`evt_2_${id}`)).toBe('ignored');
    expect(await env.payments.orderOf(tenantId, id)).toEqual(before);
  });

  const failAction = (intent: Read) =>
    Object.assign(intent, {
      status: 'requires_payment_method',
      last_payment_error: { type: 'card_error', code: 'payment_intent_authentication_failure' },
    });

  it('has no effect by its content alone: the payment is read from Stripe', async () => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe('pm_card_authenticationRequired'));
    const [intent] = intentsOf(account);
    const claim = { ...intent, status: 'succeeded', amount_received: intent.amount };
    expect(await deliver('payment_intent.succeeded', claim, account)).toBe('applied');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await env.payments.orderOf(tenantId, id)).status).toBe('PENDING');
  });
});

describe('an event about a payment whose saga is finished', () => {
  const expire = async (tenantId: string) => {
    await asOwner(env.order.ownerUrl, tenantId, 'UPDATE order_sagas SET confirm_before = now(), lease_until = now()');
    await finishedSagas(env.order.ownerUrl, tenantId);
  };

  it('of `succeeded` and `canceled`, in either order, is ignored when the payment is canceled at Stripe', async () => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe(null));
    await expire(tenantId);
    const [intent] = intentsOf(account);
    for (const status of ['canceled', 'succeeded', 'canceled']) {
      expect(await deliver(`payment_intent.${status}`, { ...intent, status }, account)).toBe('ignored');
    }
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      status: 'CANCELED',
      payment: { status: 'VOIDED', flag: null },
    });
  });

  it.each([
    ['was authorized', 'AUTHORIZED', { status: 'canceled', amount_received: 0 }],
    ['was captured', 'CAPTURED', { status: 'succeeded', amount_received: 30_000 }],
  ])('of a payment that %s after the cancellation voids or refunds it, and flags it', async (_what, state, after) => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe(null));
    await expire(tenantId);
    const [intent] = intentsOf(account);
    account.authorize(intent);
    if (state === 'CAPTURED') account.capture(intent);
    const snapshot = { ...intent };
    expect(await deliver('payment_intent.amount_capturable_updated', snapshot, account)).toBe('flagged');
    await finishedSagas(env.order.ownerUrl, tenantId);
    await env.payments.finishedRefunds(tenantId);
    expect(intent).toMatchObject(after);
    expect(account.refunds.map(({ amount }) => amount)).toEqual(state === 'CAPTURED' ? [30_000] : []);
    expect(await flagOf(tenantId, id)).toContain('after it was canceled');
  });

  it('of an expired authorization makes it VOIDED and flags it, once', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold('MANUAL');
    account.cancel(intent);
    const send = () => deliver('payment_intent.canceled', intent, account);
    expect([await send(), await send()]).toEqual(['flagged', 'ignored']);
    const { payment, financialStatus } = await env.payments.orderOf(tenantId, id);
    expect([payment.status, financialStatus, payment.flag]).toEqual([
      'VOIDED',
      'VOIDED',
      expect.stringContaining('not paid'),
    ]);
  });

  it('of a capture at Stripe itself makes it CAPTURED', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold('MANUAL');
    account.capture(intent);
    expect(await deliver('payment_intent.succeeded', intent, account, { id: `evt_${id}` })).toBe('applied');
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      financialStatus: 'PAID',
      payment: { status: 'CAPTURED', capturedAmount: { amount: '300.00' } },
    });
    const traces =
      "SELECT split_part(trace_parent, '-', 2) AS trace FROM outbox_events WHERE type = 'payment.captured'";
    expect(await asOwner(env.order.ownerUrl, tenantId, traces)).toEqual([
      { trace: traceOfRequest(`evt_${id}`).split('-')[1] },
    ]);
  });

  it('of our own refund is ignored, twice; of one made at Stripe it is recorded and flagged, once', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    await env.payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    const send = () => deliver('charge.refunded', account.chargeOf(intent), account);
    expect([await send(), await send()]).toEqual(['ignored', 'ignored']);
    account.refund({ payment_intent: intent.id, amount: '100' });
    expect([await send(), await send()]).toEqual(['flagged', 'ignored']);
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      financialStatus: 'PARTIALLY_REFUNDED',
      payment: { refundedAmount: { amount: '26.00' }, flag: expect.stringContaining('More of it went back') },
      refunds: [{ amount: { amount: '25.00' } }, { amount: { amount: '1.00' }, status: 'SUCCEEDED' }],
    });
    account.refund({ payment_intent: intent.id, amount: '27400' });
    expect(await send()).toBe('flagged');
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      financialStatus: 'REFUNDED',
      payment: { refundedAmount: { amount: '300.00' } },
    });
  });

  it('of a pending refund completes it when it has succeeded, and flags it when it fails later', async () => {
    const { tenantId, account, id } = await env.stores.sold();
    account.refundStatus = 'pending';
    const { orderRefund: refund } = await env.payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    expect(refund.status).toBe('PENDING');
    await asOwner(env.order.ownerUrl, tenantId, "UPDATE order_refunds SET lease_until = now() + interval '1 hour'");
    const [made] = account.refunds;
    made.status = 'succeeded';
    expect(await deliver('refund.updated', made, account)).toBe('applied');
    await env.payments.finishedRefunds(tenantId);
    expect((await env.payments.orderOf(tenantId, id)).refunds).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(await deliver('refund.updated', made, account)).toBe('ignored');
    expect(await deliver('refund.failed', { ...made, status: 'failed' }, account)).toBe('flagged');
    expect(await flagOf(tenantId, id)).toContain('came back');
  });
});

describe('metadata that names', () => {
  it('another store’s order, from one’s own account, is refused and flags that order, without another change', async () => {
    const theirs = await env.stores.sold();
    const mine = await env.stores.sold();
    const before = await env.payments.orderOf(theirs.tenantId, theirs.id);
    const stolen = { ...mine.intent, metadata: theirs.intent.metadata };
    expect(await deliver('payment_intent.succeeded', stolen, mine.account)).toBe('flagged');
    expect(await env.payments.orderOf(theirs.tenantId, theirs.id)).toEqual({
      ...before,
      payment: { ...before.payment, flag: expect.stringContaining('Another account') },
    });
  });

  it('another store’s order with one’s own store is refused, like an order that does not exist', async () => {
    const theirs = await env.stores.sold();
    const mine = await env.stores.sold();
    for (const order_id of [theirs.id, 'ord_none']) {
      const stolen = { ...mine.intent, metadata: { ...mine.intent.metadata, order_id } };
      expect(await deliver('payment_intent.succeeded', stolen, mine.account)).toBe('refused');
    }
    expect(await flagOf(theirs.tenantId, theirs.id)).toBeNull();
    expect(await inboxOf(mine.tenantId)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an order, of another payment', { id: 'pi_another' }, 'Another payment'],
    ['an order, of another amount', { amount: 1 }, 'not what the order costs'],
    ['an order, of another currency', { currency: 'jpy' }, 'not what the order costs'],
  ])('%s is flagged, and has no effect', async (_what, changes, words) => {
    const { tenantId, account } = await env.stores.open();
    const made = await orderCreate(env.order, customer(tenantId), byStripe(null));
    const [intent] = intentsOf(account);
    const claim = { ...intent, ...changes, status: 'succeeded' };
    expect(await deliver('payment_intent.succeeded', claim, account)).toBe('flagged');
    const read = await env.payments.orderOf(tenantId, made.order.id);
    expect([read.status, read.payment.flag]).toEqual(['PENDING', expect.stringContaining(words)]);
  });

  it('an order whose total differs from the authorized amount does not confirm it', async () => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe(null));
    const [intent] = intentsOf(account);
    account.authorize(intent);
    intent.amount_capturable = 1;
    await deliver('payment_intent.amount_capturable_updated', { ...intent }, account);
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect(await env.payments.orderOf(tenantId, id)).toMatchObject({
      status: 'CANCELED',
      payment: { status: 'FAILED', failureCode: 'amount_mismatch', flag: expect.stringContaining('another amount') },
    });
    expect(intent.status).toBe('canceled');
  });
});

describe('while', () => {
  it.each<[string, (during: () => Promise<void>, intentId: string) => Promise<void>]>([
    [
      'the database fails',
      async (during) => {
        await asOwner(env.order.ownerUrl, 'org_any', 'REVOKE INSERT ON inbox_events FROM order_app');
        await during();
        await asOwner(env.order.ownerUrl, 'org_any', 'GRANT INSERT ON inbox_events TO order_app');
      },
    ],
    [
      'Stripe does not answer',
      async (during, intentId) => {
        env.stripe.fail(new RegExp(`^GET.*${intentId}`), 'BEFORE', 2);
        await during();
      },
    ],
  ])(
    '%s, an event is not stored and the answer is 5xx; when it is sent again, it has its effect',
    async (_what, fail) => {
      const { account, intent, tenantId, id } = await env.stores.sold('MANUAL');
      account.cancel(intent);
      const send = () => deliver('payment_intent.canceled', intent, account, { id: `evt_${id}` });
      await fail(async () => {
        expect(await send()).toBe(500);
      }, intent.id);
      expect((await env.payments.orderOf(tenantId, id)).payment.status).toBe('AUTHORIZED');
      expect(await send()).toBe('flagged');
    },
  );
});
