import { admin, customer } from '../../../shared/test/askSubgraph';
import { asOwner } from '../../../shared/test/asOwner';
import { finishedSagas } from '../../test/factories';
import { type Read, usd } from '../../test/payments';
import type { StripeAccount, StripeObject } from '../../test/stripe/stripeObjects';
import { type StripeTestEnv, startStripeTestEnv } from '../../test/stripe/stripeTestEnv';

let env: StripeTestEnv;
beforeAll(async () => {
  env = await startStripeTestEnv();
});
afterAll(() => env?.close());

async function tell(what: string, dispute: StripeObject, account: StripeAccount, id?: string): Promise<Read> {
  const options = { account: account.id, ...(id && { id }) };
  const url = `${env.order.url}/webhooks/stripe`;
  const sent = await env.stripe.deliver(url, `charge.dispute.${what}`, { ...dispute }, options);
  return sent.status === 200 ? ((await sent.json()) as Read).outcome : sent.status;
}

const DISPUTES = `query ($id: ID!) { order(id: $id) { payment { flag disputedAmount { amount } }
  disputes { providerReference status reason amount { amount currencyCode } evidenceDueAt closedAt } } }`;
const readBy = async (caller: ReturnType<typeof admin>, id: string): Promise<Read> =>
  (await env.order.ask(caller, DISPUTES, { id })).data.order;
const FULFILL = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) {
  order { status } userErrors { field code } } }`;
const fulfill = async (tenantId: string, id: string, input: Read = null): Promise<Read> =>
  (await env.order.ask(admin(tenantId), FULFILL, { id, input })).data.orderFulfill;
const eventsOf = (tenantId: string) =>
  asOwner(
    env.order.ownerUrl,
    tenantId,
    `SELECT type, data->>'status' AS status FROM outbox_events WHERE type LIKE 'dispute.%' ORDER BY position`,
  );
const openDisputes = async (tenantId: string): Promise<Read> => {
  const list = '{ orders(where: { hasOpenDispute: true }) { nodes { id } } }';
  return (await env.order.ask(admin(tenantId), list)).data.orders.nodes.map(({ id }: Read) => id);
};

describe('an event about a dispute is refused', () => {
  it('of a payment of another store’s account: it flags that payment, and nothing is disputed', async () => {
    const theirs = await env.stores.sold();
    const mine = await env.stores.sold();
    Object.assign(mine.intent, { metadata: theirs.intent.metadata });
    const dispute = mine.account.dispute(mine.intent);
    expect(await tell('created', dispute, mine.account)).toBe('flagged');
    expect(await readBy(admin(theirs.tenantId), theirs.id)).toMatchObject({
      disputes: [],
      payment: { flag: expect.stringContaining('Another account'), disputedAmount: { amount: '0.00' } },
    });
  });

  it('that names another account’s payment, or a dispute that Stripe does not know', async () => {
    const theirs = await env.stores.sold();
    const mine = await env.stores.sold();
    const dispute = theirs.account.dispute(theirs.intent);
    expect(await tell('created', dispute, mine.account)).toBe('refused');
    expect(await tell('created', { ...dispute, id: 'du_none' }, theirs.account)).toBe('refused');
    expect((await readBy(admin(theirs.tenantId), theirs.id)).disputes).toEqual([]);
  });

  it('of a payment that another system made: it is ignored', async () => {
    const { account, intent } = await env.stores.sold();
    const foreign = { ...intent, id: 'pi_foreign', metadata: {} };
    account.intents.set(foreign.id, foreign);
    expect(await tell('created', account.dispute(foreign), account)).toBe('ignored');
  });
});

describe('an open dispute', () => {
  it('is shown to staff and to nobody else, and its order is found', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    const dispute = account.dispute(intent);
    expect(await tell('created', dispute, account)).toBe('applied');
    const due = new Date(dispute.evidence_details.due_by * 1000).toISOString();
    expect(await readBy(admin(tenantId), id)).toEqual({
      payment: { flag: expect.stringContaining('disputes'), disputedAmount: { amount: '300.00' } },
      disputes: [
        {
          providerReference: dispute.id,
          status: 'NEEDS_RESPONSE',
          reason: 'fraudulent',
          amount: usd('300.00'),
          evidenceDueAt: due,
          closedAt: null,
        },
      ],
    });
    expect(await readBy(customer(tenantId), id)).toEqual({
      payment: { flag: null, disputedAmount: null },
      disputes: null,
    });
    expect(await openDisputes(tenantId)).toEqual([id]);
  });

  it('keeps what it disputes from being refunded, by a request or a cancellation; what it does not dispute can be', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    await tell('created', account.dispute(intent, { amount: 20_000 }), account);
    const refund = (amount: string) => env.payments.orderRefund(tenantId, id, { amount: usd(amount) });
    expect((await refund('100.01')).userErrors).toEqual([{ field: ['input'], code: 'PAYMENT_DISPUTED' }]);
    expect((await refund('10.00')).userErrors).toEqual([]);
    await env.payments.orderCancel(tenantId, id);
    await finishedSagas(env.order.ownerUrl, tenantId);
    await env.payments.finishedRefunds(tenantId);
    expect(account.refunds.map(({ amount }) => amount)).toEqual([1_000, 9_000]);
  });

  it('keeps the order from being fulfilled without a word of staff', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    await tell('created', account.dispute(intent), account);
    const refused = { order: null, userErrors: [{ field: ['input', 'acknowledgeDispute'], code: 'PAYMENT_DISPUTED' }] };
    expect(await fulfill(tenantId, id)).toEqual(refused);
    expect(await fulfill(tenantId, id, { idempotencyKey: 'fulfill-it-1' })).toEqual(refused);
    const sent = await fulfill(tenantId, id, { idempotencyKey: 'fulfill-it-1', acknowledgeDispute: true });
    expect(sent).toEqual({ order: { status: 'FULFILLED' }, userErrors: [] });
  });

  it('that is an inquiry withholds nothing: a refund ends it', async () => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    await tell('created', account.dispute(intent, { status: 'warning_needs_response' }), account);
    expect((await fulfill(tenantId, id)).userErrors).toMatchObject([{ code: 'PAYMENT_DISPUTED' }]);
    expect((await env.payments.orderRefund(tenantId, id, { amount: usd('300.00') })).userErrors).toEqual([]);
  });
});

describe('the outcome of a dispute', () => {
  it.each([
    ['lost: it reduces what the customer has spent, and is no sale', 'lost', 30_000, '', '0.00', 0],
    ['lost after a refund of the rest', 'lost', 29_000, '10.00', '0.00', 0],
    ['lost for more than a refund has left', 'lost', 30_000, '10.00', '0.00', 0],
    ['lost for a part, which is not of some of the items', 'lost', 10_000, '', '200.00', 2],
    ['won', 'won', 30_000, '', '300.00', 2],
    ['not known yet', 'needs_response', 30_000, '', '300.00', 2],
  ])('is counted when it is %s', async (_which, status, amount, refund, spent, units) => {
    const { tenantId, account, intent, id } = await env.stores.sold();
    if (refund) {
      await env.payments.orderRefund(tenantId, id, { amount: usd(refund) });
      await env.payments.finishedRefunds(tenantId);
    }
    expect(await tell('closed', account.dispute(intent, { status, amount }), account)).toBe('applied');
    const query = `{ customers { nodes { ordersCount totalSpent { amount } } }
      _entities(representations: [{ __typename: "Product", id: "prod_1" }]) { ... on Product { sales { units } } } }`;
    const { data } = await env.order.ask(admin(tenantId), query);
    expect(data.customers.nodes).toEqual([{ ordersCount: 1, totalSpent: [{ amount: spent }] }]);
    expect(data._entities).toEqual([{ sales: { units } }]);
  });

  it.each([
    ['won', 'WON', '0.00', null, []],
    ['lost', 'LOST', '300.00', expect.stringContaining('disputes'), [{ code: 'PAYMENT_DISPUTED' }]],
  ])('%s is kept, with events in any order and twice', async (status, outcome, disputedAmount, flag, userErrors) => {
    const { tenantId, account, id, intent } = await env.stores.sold();
    const dispute = account.dispute(intent);
    const first = { ...dispute };
    dispute.status = status;
    expect(await tell('closed', dispute, account, `evt_1_${id}`)).toBe('applied');
    expect(await tell('closed', dispute, account, `evt_1_${id}`)).toBe('repeated');
    for (const what of ['funds_reinstated', 'created', 'updated', 'funds_withdrawn']) {
      expect(await tell(what, first, account)).toBe('ignored');
    }
    expect(await readBy(admin(tenantId), id)).toMatchObject({
      payment: { flag, disputedAmount: { amount: disputedAmount } },
      disputes: [{ status: outcome, closedAt: expect.any(String) }],
    });
    expect(await eventsOf(tenantId)).toEqual([{ type: 'dispute.closed', status: outcome }]);
    expect(await openDisputes(tenantId)).toEqual([]);
    const refund = await env.payments.orderRefund(tenantId, id, { amount: usd('300.00') });
    expect(refund.userErrors).toMatchObject(userErrors);
    expect((await fulfill(tenantId, id)).userErrors).toMatchObject(userErrors);
  });

  it('is told as an event, after those that opened and changed it', async () => {
    const { tenantId, account, intent } = await env.stores.sold();
    const dispute = account.dispute(intent, { status: 'warning_needs_response' });
    await tell('created', dispute, account);
    for (const status of ['needs_response', 'under_review', 'won']) {
      dispute.status = status;
      await Promise.all([tell('updated', dispute, account), tell('funds_withdrawn', dispute, account)]);
    }
    expect(await eventsOf(tenantId)).toEqual([
      { type: 'dispute.opened', status: 'INQUIRY_NEEDS_RESPONSE' },
      { type: 'dispute.updated', status: 'NEEDS_RESPONSE' },
      { type: 'dispute.updated', status: 'UNDER_REVIEW' },
      { type: 'dispute.closed', status: 'WON' },
    ]);
  });
});
