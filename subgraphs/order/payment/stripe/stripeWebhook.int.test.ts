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
afterAll(() => env.close());

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
      'with its body written another way',
      ({ body, signature }) => ({ body: JSON.stringify(JSON.parse(body), null, 1), signature }),
    ],
    ['with a truncated signature', ({ body, signature }) => ({ body, signature: signature.slice(0, -1) })],
  ])('%s is refused: 400', async (_how, forge) => {
    const { account, intent, tenantId } = await env.stores.sold();
    const { body, signature } = forge(env.stripe.sign('payment_intent.succeeded', intent, account.id));
    expect(await post(body, signature)).toBe(400);
    expect(await inboxOf(tenantId)).toEqual([]);
  });

  it('is taken when any of the secrets signed it, within five minutes', async () => {
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

  it('of a type that is not used, or of a payment that is not of this system, is ignored, and counted', async () => {
    const { account, intent } = await env.stores.sold();
    expect(await deliver('invoice.created', intent, account)).toBe('ignored');
    expect(await deliver('payment_intent.succeeded', { ...intent, metadata: {} }, account)).toBe('ignored');
    const metrics = await (await fetch(`${env.order.url}/metrics`)).text();
    expect(metrics).toMatch(/stripe_webhooks_total\{type="other",outcome="ignored"\} [1-9]/);
    expect(metrics).toContain('stripe_webhooks_total{type="payment_intent.succeeded",outcome="ignored"} 1');
  });
});

describe('what a buyer has done', () => {
  it.each([
    ['confirms their order at once', (account: StripeAccount, intent: Read) => account.authorize(intent), 'CONFIRMED'],
    ['in vain, with the order’s card, cancels it', (_: StripeAccount, intent: Read) => failAction(intent), 'CANCELED'],
  ])('%s, however often it is told', async (_what, act, status) => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe('pm_card_authenticationRequired'));
    const [intent] = intentsOf(account);
    act(account, intent);
    const told = { ...intent };
    const tell = (eventId: string) =>
      deliver('payment_intent.amount_capturable_updated', told, account, { id: eventId });
    expect(await tell(`evt_1_${id}`)).toBe('applied');
    await finishedSagas(env.order.ownerUrl, tenantId);
    expect((await env.payments.orderOf(tenantId, id)).status).toBe(status);
    const before = await env.payments.orderOf(tenantId, id);
    expect(await tell(`evt_1_${id}`)).toBe('repeated');
    expect(await tell(`evt_2_${id}`)).toBe('ignored');
    expect(await env.payments.orderOf(tenantId, id)).toEqual(before);
  });

  const failAction = (intent: Read) =>
    Object.assign(intent, {
      status: 'requires_payment_method',
      last_payment_error: { type: 'card_error', code: 'payment_intent_authentication_failure' },
    });

  it('is not believed of a webhook alone: Stripe is asked', async () => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe('pm_card_authenticationRequired'));
    const [intent] = intentsOf(account);
    const claim = { ...intent, status: 'succeeded', amount_received: intent.amount };
    expect(await deliver('payment_intent.succeeded', claim, account)).toBe('applied');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await env.payments.orderOf(tenantId, id)).status).toBe('PENDING');
  });
});

describe('told of a payment that nobody works on', () => {
  const expire = async (tenantId: string) => {
    await asOwner(env.order.ownerUrl, tenantId, 'UPDATE order_sagas SET confirm_before = now(), lease_until = now()');
    await finishedSagas(env.order.ownerUrl, tenantId);
  };

  it('`succeeded` after `canceled`, in either order, is ignored where Stripe says that it is canceled', async () => {
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
    ['holds', 'AUTHORIZED', { status: 'canceled', amount_received: 0 }],
    ['has taken', 'CAPTURED', { status: 'succeeded', amount_received: 30_000 }],
  ])('money that Stripe %s for a canceled order goes back, and is flagged', async (_what, state, after) => {
    const { tenantId, account } = await env.stores.open();
    const id = await env.stores.buy(tenantId, byStripe(null));
    await expire(tenantId);
    const [intent] = intentsOf(account);
    account.authorize(intent);
    if (state === 'CAPTURED') account.capture(intent);
    const told = { ...intent };
    expect(await deliver('payment_intent.amount_capturable_updated', told, account)).toBe('flagged');
    await finishedSagas(env.order.ownerUrl, tenantId);
    await env.payments.finishedRefunds(tenantId);
    expect(intent).toMatchObject(after);
    expect(account.refunds.map(({ amount }) => amount)).toEqual(state === 'CAPTURED' ? [30_000] : []);
    expect(await flagOf(tenantId, id)).toContain('after it was canceled');
  });

  it('a hold that has ended makes it VOIDED and flags it, once', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold('MANUAL');
    account.cancel(intent);
    const told = () => deliver('payment_intent.canceled', intent, account);
    expect([await told(), await told()]).toEqual(['flagged', 'ignored']);
    const { payment, financialStatus } = await env.payments.orderOf(tenantId, id);
    expect([payment.status, financialStatus, payment.flag]).toEqual([
      'VOIDED',
      'VOIDED',
      expect.stringContaining('not paid'),
    ]);
  });

  it('a hold that was taken at Stripe itself is CAPTURED here, too', async () => {
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

  it('a refund of ours is ignored, twice; one that was made at Stripe is flagged', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    await env.payments.orderRefund(tenantId, id, { amount: usd('25.00') });
    const told = () => deliver('charge.refunded', account.chargeOf(intent), account);
    expect([await told(), await told()]).toEqual(['ignored', 'ignored']);
    account.refund({ payment_intent: intent.id, amount: '100' });
    expect(await told()).toBe('flagged');
    expect((await env.payments.orderOf(tenantId, id)).payment).toMatchObject({
      refundedAmount: { amount: '25.00' },
      flag: expect.stringContaining('More of it went back'),
    });
  });

  it('a refund that Stripe needed time for is done when it says so; one that comes back later is flagged', async () => {
    const { tenantId, account, id } = await env.stores.sold();
    account.refundStatus = 'pending';
    const { refund } = await env.payments.orderRefund(tenantId, id, { amount: usd('25.00') });
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
  it('another store’s order from one’s own account is refused and flags that order, which stays as it is', async () => {
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

  it('another store’s order as one’s own is refused, as one that never was', async () => {
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
  ])('%s is flagged, and pays for nothing', async (_what, changes, words) => {
    const { tenantId, account } = await env.stores.open();
    const made = await orderCreate(env.order, customer(tenantId), byStripe(null));
    const [intent] = intentsOf(account);
    const claim = { ...intent, ...changes, status: 'succeeded' };
    expect(await deliver('payment_intent.succeeded', claim, account)).toBe('flagged');
    const read = await env.payments.orderOf(tenantId, made.order.id);
    expect([read.status, read.payment.flag]).toEqual(['PENDING', expect.stringContaining(words)]);
  });

  it('an order whose intent at Stripe is of another amount than it costs is not confirmed by it', async () => {
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
      'Stripe itself does not answer',
      async (during, intentId) => {
        env.stripe.fail(new RegExp(`^GET.*${intentId}`), 'BEFORE', 2);
        await during();
      },
    ],
  ])('%s, nothing is taken in and the answer is 5xx; when it is sent again, it has its effect', async (_what, fail) => {
    const { account, intent, tenantId, id } = await env.stores.sold('MANUAL');
    account.cancel(intent);
    const tell = () => deliver('payment_intent.canceled', intent, account, { id: `evt_${id}` });
    await fail(async () => {
      expect(await tell()).toBe(500);
    }, intent.id);
    expect((await env.payments.orderOf(tenantId, id)).payment.status).toBe('AUTHORIZED');
    expect(await tell()).toBe('flagged');
  });
});
