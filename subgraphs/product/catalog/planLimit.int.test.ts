import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
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
afterAll(() => product.close());

const limited = (tenantId: string, productLimit: number | null): Caller => ({ ...admin(tenantId), productLimit });

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
  it('is answered with LIMIT_REACHED, and adds nothing; what is there stays when a lower plan allows less', async () => {
    const id = freshTenantId();
    await create(limited(id, 2));
    await create(limited(id, 2));
    for (const limit of [2, 1, 0]) {
      expect(await create(limited(id, limit))).toEqual({
        product: null,
        userErrors: [{ field: ['input'], code: 'LIMIT_REACHED', message: expect.stringContaining(`allows ${limit} `) }],
      });
    }
    expect((await usageOf(service(id))).data._entities).toEqual([{ id, products: 2 }]);
  });

  it('is each store’s own', async () => {
    const [full, other] = [freshTenantId(), freshTenantId()];
    await create(limited(full, 1));
    expect((await create(limited(other, 1))).userErrors).toEqual([]);
  });

  it('holds when twenty are added at once: as many as there is room for, and none too many', async () => {
    const id = freshTenantId();
    await create(limited(id, 5));
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(limited(id, 5))));
    expect(answers.filter((answer) => answer.product !== null)).toHaveLength(4);
    expect((await usageOf(service(id))).data._entities[0].products).toBe(5);
  });

  it('is none where none is said', async () => {
    const id = freshTenantId();
    for (let n = 0; n < 3; n += 1) expect((await create(limited(id, null))).userErrors).toEqual([]);
  });
});

describe('PlanUsage', () => {
  it.each([visitor, customer])('%# is refused', async (caller) => {
    const { errors } = await usageOf(caller(freshTenantId()));
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  it("is null for another store's, as for none's", async () => {
    const [own, other] = [freshTenantId(), freshTenantId()];
    await create(admin(other));
    expect((await usageOf(admin(own), other)).data._entities).toEqual([null]);
    expect((await usageOf(admin(own), freshTenantId())).data._entities).toEqual([null]);
  });
});
