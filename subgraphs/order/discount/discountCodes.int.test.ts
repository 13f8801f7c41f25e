import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { countStatements } from '../../shared/test/countStatements';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderCreatePatiently, orderInput } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const READ = `query ($id: ID!, $first: Int, $after: String) { discount(id: $id) { isAutomatic code uses codes(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { id code usageLimit uses } } } }`;

/** A discount for codes of a new store. */
async function makeDiscount(changes: object = {}) {
  const tenantId = freshTenantId();
  const { discount } = await pricingRulesOf(order, tenantId).discount({ isAutomatic: false, ...changes });
  const send = async (name: 'Create' | 'Delete', input: object, id = discount.id, caller = admin(tenantId)) => {
    const query = `mutation ($id: ID!, $input: DiscountCodes${name}Input!) { discountCodes${name}(id: $id, input: $input) {
      discount { id } userErrors { field code message } } }`;
    const { data, errors } = await order.ask(caller, query, { id, input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data[`discountCodes${name}`];
  };
  const read = async (page: object = {}) =>
    (await order.ask(admin(tenantId), READ, { id: discount.id, ...page })).data.discount;
  const buy = (discountCodes: string[], email = 'ada@example.com') =>
    orderCreate(order, visitor(tenantId), orderInput({ discountCodes, email }));
  return { tenantId, id: discount.id as string, send, read, buy };
}

describe('discountCodesCreate', () => {
  it('names each code that is taken, is there twice or is none, and adds none of them', async () => {
    const { tenantId, send, read } = await makeDiscount();
    await pricingRulesOf(order, tenantId).discount({ code: 'theirs' });
    const refused = await send('Create', { codes: ['A', 'THEIRS', 'B', 'a'] });
    expect(codesOf(refused)).toEqual(['input.codes.1 TAKEN', 'input.codes.3 TAKEN']);
    expect(codesOf(await send('Create', { codes: ['A', 'b c', ''] }))).toEqual([
      'input.codes.1 INVALID',
      'input.codes.2 INVALID',
    ]);
    expect((await read()).codes.totalCount).toBe(0);
  });

  it.each<[string, object, string[]]>([
    ['neither codes nor a number', {}, ['input.codes INVALID']],
    ['both', { codes: ['A'], random: { count: 1 } }, ['input.codes INVALID']],
    ['no codes', { codes: [] }, ['input.codes REQUIRED']],
    ['10,001 random codes', { random: { count: 10_001 } }, ['input.random.count INVALID']],
    ['a prefix with spaces', { random: { count: 1, prefix: 'a b' } }, ['input.random.prefix INVALID']],
    ['a limit of 0', { codes: ['A'], usageLimit: 0 }, ['input.usageLimit INVALID']],
  ])('refuses %s', async (_what, input, expected) => {
    const { send } = await makeDiscount();
    expect(codesOf(await send('Create', input))).toEqual(expected);
  });

  it("refuses an automatic discount, and answers NOT_FOUND for another store's", async () => {
    const { id, send } = await makeDiscount();
    const automatic = await makeDiscount({ isAutomatic: true });
    expect(codesOf(await automatic.send('Create', { codes: ['A'] }))).toEqual(['id INVALID']);
    const asOther = admin(freshTenantId());
    expect(codesOf(await send('Create', { codes: ['A'] }, id, asOther))).toEqual(['id NOT_FOUND']);
  });

  it('adds 10,000 random codes, which are listed by cursor, found by one statement, and deleted', async () => {
    const { tenantId, send, read, buy } = await makeDiscount();
    expect((await send('Create', { random: { count: 10_000, prefix: 'vip-' }, usageLimit: 1 })).userErrors).toEqual([]);
    const first = await read({ first: 2 });
    const second = await read({ first: 2, after: first.codes.pageInfo.endCursor });
    expect([first.code, first.codes.totalCount, first.codes.pageInfo.hasNextPage]).toEqual([
      first.codes.nodes[0].code,
      10_000,
      true,
    ]);
    const four = [...first.codes.nodes, ...second.codes.nodes];
    expect(new Set(four.map(({ code }) => code)).size).toBe(4);
    expect(four[0]).toEqual({
      id: expect.stringMatching(/^dcod_/),
      code: expect.stringMatching(/^VIP-/),
      usageLimit: 1,
      uses: 0,
    });

    const carts = cartsOf(order, visitor(tenantId));
    const price = async (discountCodes: string[]) => {
      const { cart } = await carts.create({ lines: [line('pvar_1')], discountCodes });
      const counted = countStatements();
      const { cost } = await carts.read(cart.id);
      return { discount: cost.discount.amount, statements: counted.stop() };
    };
    const [without, withCode] = [await price([]), await price([four[3].code])];
    expect([without.discount, withCode.discount]).toEqual(['0.00', '15.00']);
    expect(withCode.statements).toBe(without.statements);

    expect((await buy([four[0].code])).order).not.toBeNull();
    const codeIds = four.map((code) => code.id);
    expect(codesOf(await send('Delete', { codeIds: [...codeIds, 'dcod_none'] }))).toEqual([
      'input.codeIds.4 NOT_FOUND',
    ]);
    expect((await send('Delete', { codeIds })).userErrors).toEqual([]);
    expect(await read({ first: 1 })).toMatchObject({ uses: 1, codes: { totalCount: 9_996 } });
    expect(codesOf(await buy([four[1].code]))).toEqual(['input.discountCodes DISCOUNT_NOT_APPLICABLE']);
  });
});

describe('a code among several of a discount', () => {
  it('has a limit of its own, also for 20 concurrent buyers; the discount counts them all', async () => {
    const { tenantId, send, read } = await makeDiscount({ usageLimit: 100 });
    await send('Create', { codes: ['ONE', 'TWO'], usageLimit: 1 });
    const buyers = Array.from({ length: 20 }, (_, n) =>
      orderCreatePatiently(
        order,
        customer(tenantId, `user_${n}`),
        orderInput({ email: `buyer${n}@example.com`, discountCodes: [n % 2 ? 'ONE' : 'TWO'] }),
      ),
    );
    const payloads = await Promise.all(buyers);
    expect(payloads.filter((payload) => payload.order)).toHaveLength(2);
    expect(await read()).toMatchObject({ uses: 2, codes: { nodes: [{ uses: 1 }, { uses: 1 }] } });
  });

  it('is not used with another of them: the first is; its use is returned with the order', async () => {
    const { tenantId, send, read, buy } = await makeDiscount();
    await send('Create', { codes: ['A', 'B'] });
    const { order: placed } = await buy(['B', 'A']);
    expect((await read()).codes.nodes).toMatchObject([
      { code: 'A', uses: 0 },
      { code: 'B', uses: 1 },
    ]);
    const cancel = `mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "x" }) { userErrors { code } } }`;
    await order.ask(admin(tenantId), cancel, { id: placed.id });
    expect(await read()).toMatchObject({ uses: 0, codes: { nodes: [{ uses: 0 }, { uses: 0 }] } });
  });

  it('counts for a customer like the others, in any spelling of their address', async () => {
    const { send, buy } = await makeDiscount({ usageLimitPerCustomer: 1 });
    await send('Create', { codes: ['A', 'B'] });
    expect((await buy(['A'], 'ada+1@example.com')).order).not.toBeNull();
    expect(codesOf(await buy(['B'], 'ADA+two@Example.com'))).toEqual(['input.discountCodes DISCOUNT_NOT_APPLICABLE']);
  });
});
