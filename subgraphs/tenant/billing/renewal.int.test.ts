import { admin } from '../../shared/test/askSubgraph';
import { BilledStores } from '../test/billedStores';

let stores: BilledStores;
beforeAll(async () => {
  stores = await BilledStores.start();
});
afterAll(() => stores?.close());
afterEach(() => stores?.reset());

describe('the renewal', () => {
  it('skips stores that are not due, and a failure does not stop the others', async () => {
    const [failing, fine, early] = [
      await stores.makePaying('PRO'),
      await stores.makePaying('PRO'),
      await stores.makePaying('PRO'),
    ];
    stores.provider.answers = ({ tenantId }) => (tenantId === failing ? 'UNKNOWN' : 'PAID');
    await stores.letTimePass(failing, 31);
    await stores.letTimePass(fine, 30);
    expect(await stores.renew()).toEqual([fine]);
    expect(stores.provider.paidFor(early)).toEqual(['PRO']);
    stores.provider.answers = () => 'PAID';
    expect(await stores.renew()).toEqual([failing]);
    expect(stores.provider.paidFor(failing)).toEqual(['PRO', 'PRO']);
  });

  it('by three concurrent processes charges once', async () => {
    const id = await stores.makePaying('PRO');
    await stores.letTimePass(id, 30);
    const runs = await Promise.all([stores.renew(), stores.renew(), stores.renew()]);
    expect(runs.flat().filter((it) => it === id).length).toBeGreaterThanOrEqual(1);
    expect(stores.provider.paidFor(id)).toEqual(['PRO', 'PRO']);
  });

  it('a refused payment: past due with its plan, charged again every day, and back on FREE after two weeks', async () => {
    const id = await stores.makePaying('PRO');
    stores.provider.answers = ({ tenantId }) => (tenantId === id ? 'REFUSED' : 'PAID');
    await stores.letTimePass(id, 30);
    await stores.renew();
    expect(await stores.billingOf(id)).toMatchObject({
      plan: { name: 'PRO' },
      billing: { status: 'PAST_DUE', pastDueAt: expect.any(String) },
    });
    const asked = stores.provider.asked;
    await stores.renew();
    expect(stores.provider.asked).toBe(asked);
    for (let day = 1; day < 14; day += 1) {
      await stores.letTimePass(id, 1);
      await stores.renew();
    }
    expect(stores.provider.asked).toBe(asked + 13);
    expect((await stores.billingOf(id)).billing.status).toBe('PAST_DUE');
    await stores.letTimePass(id, 1);
    await stores.renew();
    expect(await stores.billingOf(id)).toMatchObject({
      plan: { name: 'FREE' },
      billing: { status: 'CANCELED', pastDueAt: null },
    });
  });

  it('a late payment: the store keeps its plan, and pays immediately when it chooses it again', async () => {
    const id = await stores.makePaying('PRO');
    stores.provider.answers = () => 'REFUSED';
    await stores.letTimePass(id, 30);
    await stores.renew();
    stores.provider.answers = () => 'PAID';
    expect((await stores.choose(id, 'PRO')).tenant.billing).toMatchObject({ status: 'ACTIVE', pastDueAt: null });
  });

  it('does not charge a deleted store', async () => {
    const id = await stores.makePaying('PRO');
    const confirm = (await stores.tenant.ask(admin(id), '{ currentTenant { slug } }')).data.currentTenant.slug;
    await stores.tenant.ask(
      admin(id),
      'mutation ($confirm: String!) { tenantDelete(input: { confirmSlug: $confirm }) { userErrors { code } } }',
      { confirm },
    );
    await stores.letTimePass(id, 30);
    expect(await stores.renew()).toEqual([id]);
    expect(stores.provider.paidFor(id)).toEqual(['PRO']);
  });
});
