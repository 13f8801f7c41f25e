import { admin, freshTenantId, member, service } from '../../shared/test/askSubgraph';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product.close());

const RESERVE = `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) { stockReserve(orderId: $orderId, lines: $lines) {
  lines { variantId quantity productName unitPrice { amount } } userErrors { field code } } }`;
const COMMIT = 'mutation ($orderId: ID!) { stockCommit(orderId: $orderId) { changed } }';
const RELEASE = 'mutation ($orderId: ID!) { stockRelease(orderId: $orderId) { changed } }';

async function store(stock = 10) {
  const tenantId = freshTenantId();
  const made = await makeProduct(product, admin(tenantId), {
    variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, stock }],
  });
  const run = async (query: string, variables: Record<string, unknown>) => {
    const { data, errors } = await product.ask(service(tenantId), query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0] as never as { changed: boolean; lines: unknown[]; userErrors: { code: string }[] };
  };
  return {
    ...made,
    tenantId,
    reserve: (orderId: string, quantity: number, variantId = made.variantId) =>
      run(RESERVE, { orderId, lines: [{ variantId, quantity }] }),
    commit: (orderId: string) => run(COMMIT, { orderId }),
    release: (orderId: string) => run(RELEASE, { orderId }),
    stock: async () => {
      const query = 'query ($id: ID!) { productVariant(id: $id) { quantityAvailable quantityOnHand } }';
      const { data } = await product.ask(admin(tenantId), query, { id: made.variantId });
      return [data.productVariant.quantityAvailable, data.productVariant.quantityOnHand];
    },
  };
}

describe('stockReserve', () => {
  it('is refused to everyone but a service', async () => {
    const { errors } = await product.ask(admin(freshTenantId()), RESERVE, { orderId: 'ord_1', lines: [] });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const staff = await product.ask(member(freshTenantId()), COMMIT, { orderId: 'ord_1' });
    expect(staff.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('takes nothing when one of its lines has too little, or is not on sale', async () => {
    const { tenantId, variantId, stock } = await store();
    const draft = await makeProduct(product, admin(tenantId), { status: 'DRAFT' });
    for (const [other, code] of [
      [{ variantId: draft.variantId, quantity: 1 }, 'NOT_FOUND'],
      [{ variantId: 'pvar_none', quantity: 1 }, 'NOT_FOUND'],
    ] as const) {
      const lines = [{ variantId, quantity: 1 }, other];
      const { data } = await product.ask(service(tenantId), RESERVE, { orderId: `ord_${other.variantId}`, lines });
      expect(data.stockReserve).toEqual({ lines: [], userErrors: [{ field: ['lines', other.variantId], code }] });
    }
    expect(await stock()).toEqual([10, 10]);
  });

  it('answers INSUFFICIENT_STOCK for more than there is', async () => {
    const { reserve, stock } = await store(2);
    expect((await reserve('ord_1', 3)).userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    expect(await stock()).toEqual([2, 2]);
  });

  it('answers a repeat, also ten at once, with the same lines and takes once', async () => {
    const { reserve, stock } = await store();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve('ord_1', 3)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ lines: [{ quantity: 3, unitPrice: { amount: '150.00' } }], userErrors: [] });
    expect(await stock()).toEqual([7, 10]);
  });

  it('sells the last 10 to exactly 10 of 50 who ask at once', async () => {
    const { reserve, stock } = await store(10);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => reserve(`ord_${n}`, 1)));
    expect(answers.filter(({ lines }) => lines.length === 1)).toHaveLength(10);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'INSUFFICIENT_STOCK')).toHaveLength(40);
    expect(await stock()).toEqual([0, 10]);
  });
});

describe('stockCommit and stockRelease', () => {
  it('commit takes off the shelf once, and release after it puts back once', async () => {
    const { reserve, commit, release, stock } = await store();
    await reserve('ord_1', 4);
    expect([(await commit('ord_1')).changed, (await commit('ord_1')).changed]).toEqual([true, false]);
    expect(await stock()).toEqual([6, 6]);
    expect([(await release('ord_1')).changed, (await release('ord_1')).changed]).toEqual([true, false]);
    expect(await stock()).toEqual([10, 10]);
  });

  it('release before commit gives back, and a commit that comes later does nothing', async () => {
    const { reserve, commit, release, stock } = await store();
    await reserve('ord_1', 4);
    expect((await release('ord_1')).changed).toBe(true);
    expect((await commit('ord_1')).changed).toBe(false);
    expect(await stock()).toEqual([10, 10]);
  });

  it('release before reserve refuses the reserve that is still on its way', async () => {
    const { reserve, release, stock } = await store();
    expect((await release('ord_1')).changed).toBe(false);
    expect((await reserve('ord_1', 1)).userErrors).toMatchObject([{ code: 'RELEASED' }]);
    expect(await stock()).toEqual([10, 10]);
  });

  it('keep stock right when reserve, commit and release of many orders race', async () => {
    const { reserve, commit, release, stock } = await store(20);
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await Promise.all([reserve(`ord_${n}`, 1), ...(n % 3 === 0 ? [release(`ord_${n}`)] : [])]);
        await Promise.all([commit(`ord_${n}`), ...(n % 2 === 0 ? [release(`ord_${n}`)] : [])]);
      }),
    );
    const [available, onHand] = await stock();
    expect(available).toBe(onHand);
    // Every order that was released at any moment holds nothing; the others have sold one each.
    const sold = Array.from({ length: 20 }, (_, n) => n).filter((n) => n % 3 !== 0 && n % 2 !== 0).length;
    expect(onHand).toBe(20 - sold);
  });
});
