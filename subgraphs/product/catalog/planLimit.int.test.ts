import type { Caller } from '../../shared/caller';
import { PLANS } from '../../shared/plans';
import { admin, customer, freshTenantId, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { fillStore, leaveRoomFor, putOnPlan } from '../test/planRow';
import { startTestSubgraph } from '../test/startTestSubgraph';

const CREATE = `mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } userErrors { field code message } }
}`;
const USAGE =
  'query ($id: ID!) { _entities(representations: [{ __typename: "PlanUsage", id: $id }]) { ... on PlanUsage { id products } } }';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

let products = 0;
async function create(caller: Caller) {
  const sku = `SKU-${++products}`;
  const input = { name: sku, variants: [{ sku, price: { amount: '1.00', currencyCode: 'USD' } }] };
  const { data, errors } = await product.ask(caller, CREATE, { input });
  if (errors) throw new Error(errors[0]?.message);
  return data.productCreate;
}

const usageOf = async (caller: Caller, id = caller.tenantId) => product.ask(caller, USAGE, { id });

describe("the plan's limit of products", () => {
  it('answers LIMIT_REACHED and adds nothing; existing products stay when a lower plan allows fewer', async () => {
    const id = freshTenantId();
    await leaveRoomFor(product.ownerUrl, id, 2, 'STARTER');
    await create(admin(id));
    await create(admin(id));
    for (const plan of ['STARTER', 'FREE'] as const) {
      await putOnPlan(product.ownerUrl, id, plan);
      const message = expect.stringContaining(`allows ${PLANS[plan].products} `);
      expect(await create(admin(id))).toEqual({
        product: null,
        userErrors: [{ field: ['input'], code: 'LIMIT_REACHED', message }],
      });
    }
    expect((await usageOf(service(id))).data._entities).toEqual([{ id, products: 1_000 }]);
  });

  it('is each store’s own', async () => {
    const [full, other] = [freshTenantId(), freshTenantId()];
    for (const id of [full, other]) await leaveRoomFor(product.ownerUrl, id, 1);
    await create(admin(full));
    expect((await create(admin(other))).userErrors).toEqual([]);
  });

  it('holds for twenty concurrent additions: exactly as many succeed as the limit allows', async () => {
    const id = freshTenantId();
    await leaveRoomFor(product.ownerUrl, id, 5);
    await create(admin(id));
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(admin(id))));
    expect(answers.filter((answer) => answer.product !== null)).toHaveLength(4);
    expect((await usageOf(service(id))).data._entities[0].products).toBe(100);
  });

  it('is that of the first plan until an event names the store’s plan', async () => {
    const id = freshTenantId();
    await fillStore(product.ownerUrl, id, 99);
    expect((await create(admin(id))).userErrors).toEqual([]);
    expect((await create(admin(id))).userErrors).toMatchObject([{ code: 'LIMIT_REACHED' }]);
  });

  it('does not exist on an unlimited plan', async () => {
    const id = freshTenantId();
    await fillStore(product.ownerUrl, id, 100);
    await putOnPlan(product.ownerUrl, id, 'ENTERPRISE');
    for (let n = 0; n < 3; n += 1) expect((await create(admin(id))).userErrors).toEqual([]);
  });
});

describe('PlanUsage', () => {
  it.each([visitor, customer])('%# is refused', async (caller) => {
    const { errors } = await usageOf(caller(freshTenantId()));
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  it('is null for another store, as for an unknown one', async () => {
    const [own, other] = [freshTenantId(), freshTenantId()];
    await create(admin(other));
    expect((await usageOf(admin(own), other)).data._entities).toEqual([null]);
    expect((await usageOf(admin(own), freshTenantId())).data._entities).toEqual([null]);
  });
});
