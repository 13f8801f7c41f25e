import { createLogger } from '../../shared/log';
import { admin, customer, freshTenantId, member, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openTenantDatabase } from '../database';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { type ProductStandIn, startProductStandIn } from '../test/productStandIn';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import type { BillingProvider, Charge } from './provider';
import { renewDue } from './renewal';

const PLAN = 'plan { name limits { products staff customDomains } usage { id staff customDomains } }';
const BILLING =
  'billing { status periodStart periodEnd trialEndsAt nextPlan cancelAtPeriodEnd pastDueAt provider providerCustomerId }';
const CHANGE = `mutation ($plan: PlanName!) {
  it: tenantPlanChange(input: { plan: $plan }) { tenant { id ${PLAN} ${BILLING} } userErrors { field message code } }
}`;
const DAY_MS = 86_400_000;

/** Takes every payment that it is not told to refuse, or not to answer for; a repeat of a key is no other payment. */
class TestProvider implements BillingProvider {
  readonly name = 'test';
  readonly paid = new Map<string, Charge>();
  answers: (charge: Charge) => 'PAID' | 'REFUSED' | 'UNKNOWN' = () => 'PAID';
  asked = 0;

  async charge(charge: Charge) {
    this.asked += 1;
    // Long enough that what is done at the same time is done meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = this.answers(charge);
    if (answer !== 'REFUSED') this.paid.set(charge.key, charge);
    if (answer === 'UNKNOWN') throw new Error('The connection broke after the payment');
    return { isPaid: answer === 'PAID', customerId: `cus_${charge.tenantId}` };
  }

  paidFor(tenantId: string): string[] {
    return [...this.paid.values()].filter((charge) => charge.tenantId === tenantId).map(({ plan }) => plan);
  }
}

const provider = new TestProvider();
let products: ProductStandIn;
let tenant: TenantSubgraphUnderTest;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;

beforeAll(async () => {
  products = await startProductStandIn();
  tenant = await startTestSubgraph(undefined, { PRODUCT_SUBGRAPH_URL: products.url }, provider);
  database = await openTenantDatabase(tenant.appUrl, 4);
});
afterAll(async () => {
  await database.close();
  await tenant.close();
  await products.close();
});
afterEach(() => {
  provider.answers = () => 'PAID';
  products.isAway = false;
});

async function makeStore(): Promise<string> {
  const event = organizationCreated();
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  return event.data.id;
}

async function addMembers(id: string, count: number): Promise<void> {
  await asOwner(
    tenant.ownerUrl,
    id,
    `INSERT INTO tenant_members (tenant_id, user_id, membership_id, role, permissions, joined_at, source_updated_at, profile_at)
     SELECT $1, 'user_' || n, 'orgmem_' || n, 'org:member', '{}', now(), now(), now() FROM generate_series(1, $2::int) AS n`,
    [id, count],
  );
}

const choose = async (id: string, plan: string) => (await tenant.ask(admin(id), CHANGE, { plan })).data.it;
const codesOf = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);
const billingOf = async (id: string) =>
  (await tenant.ask(admin(id), `{ currentTenant { ${PLAN} ${BILLING} } }`)).data.currentTenant;

/** Moves all that is known of the store's billing into the past. */
const letTimePass = (id: string, days: number) =>
  asOwner(
    tenant.ownerUrl,
    id,
    `UPDATE tenant_billing SET period_start = period_start - $2::interval, period_end = period_end - $2::interval,
       due_at = due_at - $2::interval, past_due_at = past_due_at - $2::interval, trial_started_at = trial_started_at - $2::interval
     WHERE tenant_id = $1`,
    [id, `${days} days`],
  );

/** The plan chosen and the trial over, so that the store pays. */
async function makePayingStore(plan: string): Promise<string> {
  const id = await makeStore();
  await choose(id, plan);
  await letTimePass(id, 14);
  await renew();
  expect(await billingOf(id)).toMatchObject({ plan: { name: plan }, billing: { status: 'ACTIVE' } });
  return id;
}

const renew = () => renewDue({ db: database.db, provider, logger: createLogger('tenant', 'silent') });

describe('who may', () => {
  it.each([visitor, customer, member, service])('%# is refused to change the plan', async (caller) => {
    const id = await makeStore();
    const { errors } = await tenant.ask(caller(id), CHANGE, { plan: 'PRO' });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await billingOf(id)).plan.name).toBe('FREE');
  });

  it('sees the plan as staff, the billing as who manages the store, the limits alone as the gateway', async () => {
    const id = await makeStore();
    const query = `{ currentTenant { name ${PLAN} ${BILLING} limits { products } } }`;
    const seen = async (caller: Parameters<typeof tenant.ask>[0], asked = query) => {
      const { errors } = await tenant.ask(caller, asked);
      return errors?.map(({ path, extensions }) => `${path?.at(-1)} ${extensions?.code}`).sort() ?? [];
    };
    expect(await seen(visitor(id))).toEqual(['billing FORBIDDEN', 'limits FORBIDDEN', 'plan FORBIDDEN']);
    expect(await seen(customer(id))).toEqual(['billing FORBIDDEN', 'limits FORBIDDEN', 'plan FORBIDDEN']);
    expect(await seen(member(id))).toEqual(['billing FORBIDDEN', 'limits FORBIDDEN']);
    expect(await seen(admin(id))).toEqual(['limits FORBIDDEN']);
    const stock = '{ currentTenant { showsExactStock } }';
    for (const caller of [visitor, customer, member, admin]) {
      expect(await seen(caller(id), stock)).toEqual(['showsExactStock FORBIDDEN']);
    }
    expect(await seen(service(id), stock)).toEqual([]);
    expect(await seen(service(id))).toEqual(['billing FORBIDDEN', 'plan FORBIDDEN']);
  });

  it('answers who has no store as for any other change', async () => {
    const { errors } = await tenant.ask(admin(freshTenantId()), CHANGE, { plan: 'PRO' });
    expect(errors?.[0]?.extensions?.code).toBe('STORE_NOT_FOUND');
  });
});

describe('a lower plan', () => {
  it('is refused while the store has more than it allows, with an error for each, and what was paid for stays', async () => {
    const id = await makePayingStore('PRO');
    products.products.set(id, 1_001);
    await addMembers(id, 6);
    const { tenant: store, userErrors } = await choose(id, 'STARTER');
    expect(store).toBeNull();
    expect(userErrors).toEqual([
      {
        field: ['input', 'plan'],
        code: 'USAGE_ABOVE_LIMIT',
        message: 'The store has 1001 products; STARTER allows 1000.',
      },
      {
        field: ['input', 'plan'],
        code: 'USAGE_ABOVE_LIMIT',
        message: 'The store has 6 people who work for it; STARTER allows 5.',
      },
    ]);
    expect(await billingOf(id)).toMatchObject({ plan: { name: 'PRO' }, billing: { nextPlan: null } });
  });

  it('is SERVICE_UNAVAILABLE while the catalog can’t say how many products there are', async () => {
    const id = await makePayingStore('PRO');
    products.isAway = true;
    const { errors } = await tenant.ask(admin(id), CHANGE, { plan: 'STARTER' });
    expect(errors?.[0]?.extensions?.code).toBe('SERVICE_UNAVAILABLE');
    expect((await choose(id, 'FREE')).userErrors).toEqual([]);
  });

  it('holds from the end of the paid period on, is paid for then, and can be taken back before', async () => {
    const id = await makePayingStore('PRO');
    expect((await choose(id, 'STARTER')).tenant).toMatchObject({
      plan: { name: 'PRO' },
      billing: { status: 'ACTIVE', nextPlan: 'STARTER', cancelAtPeriodEnd: false },
    });
    expect((await choose(id, 'PRO')).tenant.billing.nextPlan).toBeNull();
    await choose(id, 'STARTER');
    await letTimePass(id, 30);
    expect(await renew()).toEqual([id]);
    expect(await billingOf(id)).toMatchObject({ plan: { name: 'STARTER' }, billing: { nextPlan: null } });
    expect(provider.paidFor(id)).toEqual(['PRO', 'STARTER']);
  });

  it('FREE is never refused: what the store has stays, and nothing is added', async () => {
    const id = await makePayingStore('STARTER');
    products.products.set(id, 900);
    await addMembers(id, 5);
    expect((await choose(id, 'FREE')).tenant.billing).toMatchObject({ nextPlan: 'FREE', cancelAtPeriodEnd: true });
    await letTimePass(id, 30);
    await renew();
    expect(await billingOf(id)).toEqual({
      plan: {
        name: 'FREE',
        limits: { products: 100, staff: 2, customDomains: 1 },
        usage: { id, staff: 5, customDomains: 0 },
      },
      billing: {
        status: 'CANCELED',
        periodStart: null,
        periodEnd: null,
        trialEndsAt: null,
        nextPlan: null,
        cancelAtPeriodEnd: false,
        pastDueAt: null,
        provider: 'test',
        providerCustomerId: `cus_${id}`,
      },
    });
    expect(provider.paidFor(id)).toEqual(['STARTER']);
  });
});

describe('a higher plan', () => {
  it('is refused when its payment is, and nothing has changed; the next try is another payment', async () => {
    const id = await makePayingStore('STARTER');
    provider.answers = () => 'REFUSED';
    expect(codesOf(await choose(id, 'PRO'))).toEqual(['PAYMENT_REFUSED']);
    expect(await billingOf(id)).toMatchObject({ plan: { name: 'STARTER' }, billing: { status: 'ACTIVE' } });
    provider.answers = () => 'PAID';
    expect((await choose(id, 'PRO')).tenant.plan.name).toBe('PRO');
    expect(provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('is tried for 14 days without a payment, once', async () => {
    const id = await makeStore();
    const { tenant: store } = await choose(id, 'PRO');
    const { periodStart, periodEnd, trialEndsAt, status } = store.billing;
    expect(status).toBe('TRIALING');
    expect(trialEndsAt).toBe(periodEnd);
    expect(Date.parse(periodEnd) - Date.parse(periodStart)).toBe(14 * DAY_MS);
    expect(store.plan.limits.products).toBe(50_000);
    expect(await renew()).toEqual([]);
    expect(provider.paidFor(id)).toEqual([]);

    await choose(id, 'FREE');
    await letTimePass(id, 14);
    await renew();
    expect((await choose(id, 'PRO')).tenant.billing.status).toBe('ACTIVE');
    expect(provider.paidFor(id)).toEqual(['PRO']);
  });

  it('is paid for once by ten requests at once', async () => {
    const id = await makePayingStore('STARTER');
    const before = provider.asked;
    const answers = await Promise.all(Array.from({ length: 10 }, () => choose(id, 'PRO')));
    expect(provider.asked).toBe(before + 1);
    const codes = new Set(answers.flatMap(codesOf));
    codes.delete('IN_PROGRESS');
    expect([...codes]).toEqual([]);
    expect(provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('whose payment is in doubt is PAYMENT_UNKNOWN; no other is chosen meanwhile; the renewal finds it out, and it is paid for once', async () => {
    const id = await makePayingStore('STARTER');
    provider.answers = () => 'UNKNOWN';
    expect(codesOf(await choose(id, 'PRO'))).toEqual(['PAYMENT_UNKNOWN']);
    const pending = async () => (await tenant.ask(admin(id), '{ currentTenant { billing { pendingPlan } } }')).data;
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: 'PRO' });
    expect((await billingOf(id)).plan.name).toBe('STARTER');
    provider.answers = () => 'PAID';
    expect(codesOf(await choose(id, 'ENTERPRISE'))).toEqual(['IN_PROGRESS']);
    expect(codesOf(await choose(id, 'FREE'))).toEqual(['IN_PROGRESS']);
    provider.answers = ({ tenantId }) => (tenantId === id ? 'UNKNOWN' : 'PAID');
    expect(await renew()).not.toContain(id);
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: 'PRO' });
    provider.answers = () => 'PAID';
    expect(await renew()).toEqual([id]);
    expect((await billingOf(id)).plan.name).toBe('PRO');
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: null });
    expect(provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('whose payment was in doubt is paid for once by who chooses it again; or is refused, and another can be chosen', async () => {
    const id = await makePayingStore('STARTER');
    provider.answers = () => 'UNKNOWN';
    expect(codesOf(await choose(id, 'PRO'))).toEqual(['PAYMENT_UNKNOWN']);
    provider.answers = () => 'PAID';
    expect((await choose(id, 'PRO')).tenant.plan.name).toBe('PRO');
    expect(provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
    provider.answers = () => 'UNKNOWN';
    await choose(id, 'ENTERPRISE');
    provider.answers = ({ tenantId }) => (tenantId === id ? 'REFUSED' : 'PAID');
    expect(await renew()).not.toContain(id);
    expect((await billingOf(id)).plan.name).toBe('PRO');
    expect(codesOf(await choose(id, 'FREE'))).toEqual([]);
  });
});

describe('the renewal', () => {
  it('leaves what is not due, and one store’s failure keeps no other from theirs', async () => {
    const [failing, fine, early] = [
      await makePayingStore('PRO'),
      await makePayingStore('PRO'),
      await makePayingStore('PRO'),
    ];
    provider.answers = ({ tenantId }) => (tenantId === failing ? 'UNKNOWN' : 'PAID');
    await letTimePass(failing, 31);
    await letTimePass(fine, 30);
    expect(await renew()).toEqual([fine]);
    expect(provider.paidFor(early)).toEqual(['PRO']);
    provider.answers = () => 'PAID';
    expect(await renew()).toEqual([failing]);
    expect(provider.paidFor(failing)).toEqual(['PRO', 'PRO']);
  });

  it('by three processes at once is paid for once', async () => {
    const id = await makePayingStore('PRO');
    await letTimePass(id, 30);
    const rounds = await Promise.all([renew(), renew(), renew()]);
    expect(rounds.flat().filter((it) => it === id).length).toBeGreaterThanOrEqual(1);
    expect(provider.paidFor(id)).toEqual(['PRO', 'PRO']);
  });

  it('a refused payment: past due with its plan, asked for every day, and back on FREE after two weeks', async () => {
    const id = await makePayingStore('PRO');
    provider.answers = ({ tenantId }) => (tenantId === id ? 'REFUSED' : 'PAID');
    await letTimePass(id, 30);
    await renew();
    expect(await billingOf(id)).toMatchObject({
      plan: { name: 'PRO' },
      billing: { status: 'PAST_DUE', pastDueAt: expect.any(String) },
    });
    const asked = provider.asked;
    await renew();
    expect(provider.asked).toBe(asked);
    for (let day = 1; day < 14; day += 1) {
      await letTimePass(id, 1);
      await renew();
    }
    expect(provider.asked).toBe(asked + 13);
    expect((await billingOf(id)).billing.status).toBe('PAST_DUE');
    await letTimePass(id, 1);
    await renew();
    expect(await billingOf(id)).toMatchObject({
      plan: { name: 'FREE' },
      billing: { status: 'CANCELED', pastDueAt: null },
    });
  });

  it('a payment that comes late: the store goes on, and pays at once when it chooses its plan again', async () => {
    const id = await makePayingStore('PRO');
    provider.answers = () => 'REFUSED';
    await letTimePass(id, 30);
    await renew();
    provider.answers = () => 'PAID';
    expect((await choose(id, 'PRO')).tenant.billing).toMatchObject({ status: 'ACTIVE', pastDueAt: null });
  });

  it('takes no payment of a store that is closed for good', async () => {
    const id = await makePayingStore('PRO');
    const confirm = (await tenant.ask(admin(id), '{ currentTenant { slug } }')).data.currentTenant.slug;
    await tenant.ask(
      admin(id),
      'mutation ($confirm: String!) { tenantDelete(input: { confirmSlug: $confirm }) { userErrors { code } } }',
      { confirm },
    );
    await letTimePass(id, 30);
    expect(await renew()).toEqual([id]);
    expect(provider.paidFor(id)).toEqual(['PRO']);
  });
});
