import { admin, customer, freshTenantId, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { BILLING, BilledStores, CHANGE, PLAN } from '../test/billedStores';

const DAY_MS = 86_400_000;
const codesOf = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);

let stores: BilledStores;
beforeAll(async () => {
  stores = await BilledStores.start();
});
afterAll(() => stores?.close());
afterEach(() => stores?.reset());

describe('access', () => {
  it.each([visitor, customer, member, service])('%# is refused to change the plan', async (caller) => {
    const id = await stores.make();
    const { errors } = await stores.tenant.ask(caller(id), CHANGE, { plan: 'PRO' });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    expect((await stores.billingOf(id)).plan.name).toBe('FREE');
  });

  it('to the plan is for staff, to the billing for those who manage the store, and to the limits for the gateway only', async () => {
    const id = await stores.make();
    const query = `{ currentTenant { name ${PLAN} ${BILLING} limits { products } } }`;
    const seen = async (caller: Parameters<typeof stores.tenant.ask>[0]) => {
      const { errors } = await stores.tenant.ask(caller, query);
      return errors?.map(({ path, extensions }) => `${path?.at(-1)} ${extensions?.code}`).sort() ?? [];
    };
    expect(await seen(visitor(id))).toEqual([
      'billing UNAUTHENTICATED',
      'limits UNAUTHENTICATED',
      'plan UNAUTHENTICATED',
    ]);
    expect(await seen(customer(id))).toEqual(['billing FORBIDDEN', 'limits FORBIDDEN', 'plan FORBIDDEN']);
    expect(await seen(member(id))).toEqual(['billing FORBIDDEN', 'limits FORBIDDEN']);
    expect(await seen(admin(id))).toEqual(['limits FORBIDDEN']);
    expect(await seen(service(id))).toEqual(['billing FORBIDDEN', 'plan FORBIDDEN']);
  });

  it('is STORE_NOT_FOUND for an organization without a store', async () => {
    const { errors } = await stores.tenant.ask(admin(freshTenantId()), CHANGE, { plan: 'PRO' });
    expect(errors?.[0]?.extensions?.code).toBe('STORE_NOT_FOUND');
  });
});

describe('a lower plan', () => {
  it('is refused while the store uses more than it allows, with an error for each limit, and the paid plan stays', async () => {
    const id = await stores.makePaying('PRO');
    stores.products.products.set(id, 1_001);
    await stores.addMembers(id, 6);
    const { tenant: store, userErrors } = await stores.choose(id, 'STARTER');
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
    expect(await stores.billingOf(id)).toMatchObject({ plan: { name: 'PRO' }, billing: { nextPlan: null } });
  });

  it('is SERVICE_UNAVAILABLE while the catalog can’t say how many products there are', async () => {
    const id = await stores.makePaying('PRO');
    stores.products.isAway = true;
    const { errors } = await stores.tenant.ask(admin(id), CHANGE, { plan: 'STARTER' });
    expect(errors?.[0]?.extensions?.code).toBe('SERVICE_UNAVAILABLE');
    expect((await stores.choose(id, 'FREE')).userErrors).toEqual([]);
  });

  it('applies from the end of the paid period on, is charged then, and can be canceled before', async () => {
    const id = await stores.makePaying('PRO');
    expect((await stores.choose(id, 'STARTER')).tenant).toMatchObject({
      plan: { name: 'PRO' },
      billing: { status: 'ACTIVE', nextPlan: 'STARTER', cancelAtPeriodEnd: false },
    });
    expect((await stores.choose(id, 'PRO')).tenant.billing.nextPlan).toBeNull();
    await stores.choose(id, 'STARTER');
    await stores.letTimePass(id, 30);
    expect(await stores.renew()).toEqual([id]);
    expect(await stores.billingOf(id)).toMatchObject({ plan: { name: 'STARTER' }, billing: { nextPlan: null } });
    expect(stores.provider.paidFor(id)).toEqual(['PRO', 'STARTER']);
  });

  it('FREE is never refused: the store keeps what it has, but can’t add more', async () => {
    const id = await stores.makePaying('STARTER');
    stores.products.products.set(id, 900);
    await stores.addMembers(id, 5);
    expect((await stores.choose(id, 'FREE')).tenant.billing).toMatchObject({
      nextPlan: 'FREE',
      cancelAtPeriodEnd: true,
    });
    await stores.letTimePass(id, 30);
    await stores.renew();
    expect(await stores.billingOf(id)).toEqual({
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
    expect(stores.provider.paidFor(id)).toEqual(['STARTER']);
  });
});

describe('a higher plan', () => {
  it('is refused when its payment is, and changes nothing; the next attempt is another payment', async () => {
    const id = await stores.makePaying('STARTER');
    stores.provider.answers = () => 'REFUSED';
    expect(codesOf(await stores.choose(id, 'PRO'))).toEqual(['PAYMENT_DECLINED']);
    expect(await stores.billingOf(id)).toMatchObject({ plan: { name: 'STARTER' }, billing: { status: 'ACTIVE' } });
    stores.provider.answers = () => 'PAID';
    expect((await stores.choose(id, 'PRO')).tenant.plan.name).toBe('PRO');
    expect(stores.provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('has a trial of 14 days without a payment, once', async () => {
    const id = await stores.make();
    const { tenant: store } = await stores.choose(id, 'PRO');
    const { periodStart, periodEnd, trialEndsAt, status } = store.billing;
    expect(status).toBe('TRIALING');
    expect(trialEndsAt).toBe(periodEnd);
    expect(Date.parse(periodEnd) - Date.parse(periodStart)).toBe(14 * DAY_MS);
    expect(store.plan.limits.products).toBe(50_000);
    expect(await stores.renew()).toEqual([]);
    expect(stores.provider.paidFor(id)).toEqual([]);

    await stores.choose(id, 'FREE');
    await stores.letTimePass(id, 14);
    await stores.renew();
    expect((await stores.choose(id, 'PRO')).tenant.billing.status).toBe('ACTIVE');
    expect(stores.provider.paidFor(id)).toEqual(['PRO']);
  });

  it('is paid for once by ten concurrent requests', async () => {
    const id = await stores.makePaying('STARTER');
    const before = stores.provider.asked;
    const answers = await Promise.all(Array.from({ length: 10 }, () => stores.choose(id, 'PRO')));
    expect(stores.provider.asked).toBe(before + 1);
    const codes = new Set(answers.flatMap(codesOf));
    codes.delete('IN_PROGRESS');
    expect([...codes]).toEqual([]);
    expect(stores.provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('is paid for once when its lease expires during the payment: the slow request is IN_PROGRESS', async () => {
    const id = await stores.makePaying('STARTER');
    let second: Awaited<ReturnType<typeof stores.choose>>;
    stores.provider.answers = async () => {
      stores.provider.answers = () => 'PAID';
      await stores.expireLease(id);
      second = await stores.choose(id, 'PRO');
      return 'PAID' as const;
    };
    expect(codesOf(await stores.choose(id, 'PRO'))).toEqual(['IN_PROGRESS']);
    expect(second?.tenant.plan.name).toBe('PRO');
    expect(stores.provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('a request whose lease has expired does not release the lease of the next one', async () => {
    const id = await stores.makePaying('STARTER');
    const before = stores.provider.asked;
    let endFirst = () => {};
    const firstEnded = new Promise<void>((resolve) => {
      endFirst = resolve;
    });
    let second: ReturnType<typeof stores.choose> | undefined;
    let isLeased: boolean | undefined;
    stores.provider.answers = async () => {
      stores.provider.answers = async () => {
        await firstEnded;
        isLeased = await stores.isLeased(id);
        return 'PAID' as const;
      };
      await stores.expireLease(id);
      second = stores.choose(id, 'PRO');
      while (stores.provider.asked < before + 2) await new Promise((resolve) => setTimeout(resolve, 5));
      return 'UNKNOWN' as const;
    };
    expect(codesOf(await stores.choose(id, 'PRO'))).toEqual(['PAYMENT_UNKNOWN']);
    endFirst();
    expect((await second)?.tenant.plan.name).toBe('PRO');
    expect(isLeased).toBe(true);
  });

  it('whose payment is in doubt is PAYMENT_UNKNOWN; no other can be chosen meanwhile; the renewal repeats the charge, and it is paid for once', async () => {
    const id = await stores.makePaying('STARTER');
    stores.provider.answers = () => 'UNKNOWN';
    expect(codesOf(await stores.choose(id, 'PRO'))).toEqual(['PAYMENT_UNKNOWN']);
    const pending = async () =>
      (await stores.tenant.ask(admin(id), '{ currentTenant { billing { pendingPlan } } }')).data;
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: 'PRO' });
    expect((await stores.billingOf(id)).plan.name).toBe('STARTER');
    stores.provider.answers = () => 'PAID';
    expect(codesOf(await stores.choose(id, 'ENTERPRISE'))).toEqual(['IN_PROGRESS']);
    expect(codesOf(await stores.choose(id, 'FREE'))).toEqual(['IN_PROGRESS']);
    stores.provider.answers = ({ tenantId }) => (tenantId === id ? 'UNKNOWN' : 'PAID');
    expect(await stores.renew()).not.toContain(id);
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: 'PRO' });
    stores.provider.answers = () => 'PAID';
    expect(await stores.renew()).toEqual([id]);
    expect((await stores.billingOf(id)).plan.name).toBe('PRO');
    expect((await pending()).currentTenant.billing).toEqual({ pendingPlan: null });
    expect(stores.provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
  });

  it('whose payment was in doubt is paid for once when it is chosen again; or is refused, and another can be chosen', async () => {
    const id = await stores.makePaying('STARTER');
    stores.provider.answers = () => 'UNKNOWN';
    expect(codesOf(await stores.choose(id, 'PRO'))).toEqual(['PAYMENT_UNKNOWN']);
    stores.provider.answers = () => 'PAID';
    expect((await stores.choose(id, 'PRO')).tenant.plan.name).toBe('PRO');
    expect(stores.provider.paidFor(id)).toEqual(['STARTER', 'PRO']);
    stores.provider.answers = () => 'UNKNOWN';
    await stores.choose(id, 'ENTERPRISE');
    stores.provider.answers = ({ tenantId }) => (tenantId === id ? 'REFUSED' : 'PAID');
    expect(await stores.renew()).not.toContain(id);
    expect((await stores.billingOf(id)).plan.name).toBe('PRO');
    expect(codesOf(await stores.choose(id, 'FREE'))).toEqual([]);
  });
});
