import type { Caller } from '../../shared/caller';
import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { makeStore, price, type Store } from './test/makeStore';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $where: ProductFilter, $sortKey: ProductSortKey!, $reverse: Boolean!, $query: String) {
  products(first: $first, after: $after, last: $last, before: $before, where: $where, sortKey: $sortKey, reverse: $reverse, query: $query) {
    totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Listed {
  names: string[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

async function list(caller: Caller, variables: Record<string, unknown> = {}): Promise<Listed> {
  const { data, errors } = await product.ask(caller, LIST, { sortKey: 'NAME', reverse: false, ...variables });
  if (errors) throw new Error(JSON.stringify(errors));
  const { nodes, ...others } = data.products;
  return { names: nodes.map(({ name }: { name: string }) => name), ...others };
}

const codeOf = async (caller: Caller, variables: Record<string, unknown>) => {
  const { errors } = await product.ask(caller, LIST, { sortKey: 'NAME', reverse: false, ...variables });
  return errors?.[0]?.extensions?.code;
};

let store: Store;
beforeAll(async () => {
  store = await makeStore(product);
  await makeStore(product);
});

describe('products(where:)', () => {
  it.each<[string, (own: Store) => Record<string, unknown>, string[]]>([
    ['nothing', () => ({}), ['Cap', 'Pegasus', 'Vomero']],
    ['a status that is not theirs to see', () => ({ statuses: ['DRAFT'] }), []],
    ['no status', () => ({ statuses: [] }), []],
    ['a category', ({ shoes }) => ({ categoryId: shoes }), ['Vomero']],
    [
      'a category and those below',
      ({ shoes }) => ({ categoryId: shoes, includeDescendants: true }),
      ['Pegasus', 'Vomero'],
    ],
    ['a category that is nowhere', () => ({ categoryId: 'cat_none', includeDescendants: true }), []],
    ['one of two tags', () => ({ tags: ['sun', 'rain'] }), ['Cap', 'Pegasus']],
    ['a vendor', () => ({ vendors: ['Nike'] }), ['Pegasus', 'Vomero']],
    ['a product type', () => ({ productTypes: ['Hats'] }), ['Cap']],
    ['a price from', () => ({ price: { min: price('90') } }), ['Pegasus', 'Vomero']],
    ['a price between', () => ({ price: { min: price('20.01'), max: price('90') } }), ['Vomero']],
    ['a price that its dearest variant alone has', () => ({ price: { min: price('155') } }), ['Pegasus']],
    ['a price between those of its variants', () => ({ price: { min: price('151'), max: price('159') } }), []],
    ['a price that its second variant has', () => ({ price: { min: price('155'), max: price('165') } }), ['Pegasus']],
    ['a range that ends before it begins', () => ({ price: { min: price('90'), max: price('20') } }), []],
    ['a price in another currency', () => ({ price: { min: price('0', 'EUR') } }), []],
    ['what can be bought', () => ({ availableForSale: true }), ['Pegasus']],
    ['what is sold out', () => ({ availableForSale: false }), ['Cap', 'Vomero']],
    ['an option’s value', () => ({ optionValues: [{ option: 'Size', value: '43' }] }), ['Pegasus']],
    [
      'one of an option’s values',
      () => ({ optionValues: ['43', '42', '41'].map((value) => ({ option: 'Size', value })) }),
      ['Pegasus', 'Vomero'],
    ],
    [
      'values of two options, of which it has one',
      () => ({
        optionValues: [
          { option: 'Size', value: '43' },
          { option: 'Color', value: 'Red' },
        ],
      }),
      [],
    ],
    ['the future', () => ({ createdAt: { from: '2999-01-01T00:00:00Z' } }), []],
    [
      'the past',
      () => ({ updatedAt: { from: '2000-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z' } }),
      ['Cap', 'Pegasus', 'Vomero'],
    ],
    ['several at once', () => ({ vendors: ['Nike'], availableForSale: true, tags: ['sun'] }), ['Pegasus']],
  ])('shows a shopper the products that match %s', async (_what, where, names) => {
    const { names: found, totalCount } = await list(store.shopper, { where: where(store) });
    expect(found).toEqual(names);
    expect(totalCount).toBe(names.length);
  });

  it('shows staff drafts, too', async () => {
    expect((await list(store.staff, { where: { statuses: ['DRAFT'] } })).names).toEqual(['Boots']);
    expect((await list(store.staff, { where: { categoryId: store.shoes, includeDescendants: true } })).names).toEqual([
      'Boots',
      'Pegasus',
      'Vomero',
    ]);
  });

  it('is BAD_USER_INPUT for unknown values and for too many', async () => {
    for (const where of [
      { tenantId: 'org_other' },
      { OR: [] },
      { tags: Array.from({ length: 101 }, (_, n) => `${n}`) },
      { price: { min: price('1.001') } },
    ]) {
      expect(await codeOf(store.shopper, { where })).toBe('BAD_USER_INPUT');
    }
    expect(await codeOf(store.shopper, { sortKey: 'id; DROP TABLE products' })).toBe('BAD_USER_INPUT');
    expect(await codeOf(store.shopper, { sortKey: 'RELEVANCE' })).toBe('BAD_USER_INPUT');
    expect(await codeOf(store.shopper, { query: 'x'.repeat(201) })).toBe('BAD_USER_INPUT');
  });
});

describe('products(sortKey:)', () => {
  it.each<[string, string[]]>([
    ['NAME', ['Cap', 'Pegasus', 'Vomero']],
    ['PRICE', ['Cap', 'Vomero', 'Pegasus']],
    ['CREATED_AT', ['Cap', 'Pegasus', 'Vomero']],
    ['UPDATED_AT', ['Cap', 'Pegasus', 'Vomero']],
  ])('%s sorts in both directions, with pages in both directions', async (sortKey, names) => {
    for (const reverse of [false, true]) {
      const expected = reverse ? names.toReversed() : names;
      const page = (cut: object) => list(store.shopper, { sortKey, reverse, ...cut });
      const first = await page({ first: 2 });
      expect([first.names, first.pageInfo.hasNextPage]).toEqual([expected.slice(0, 2), true]);
      const next = await page({ first: 2, after: first.pageInfo.endCursor });
      expect([next.names, next.pageInfo.hasNextPage]).toEqual([expected.slice(2), false]);
      const back = await page({ last: 1, before: next.pageInfo.startCursor });
      expect([back.names, back.pageInfo.hasPreviousPage]).toEqual([expected.slice(1, 2), true]);
    }
  });

  it('BEST_SELLING shows the most bought products first, and those never bought last', async () => {
    const tenantId = freshTenantId();
    const staff = admin(tenantId);
    for (const name of ['A', 'B', 'C']) await makeProduct(product, staff, { name });
    const sold =
      "UPDATE product_sales SET sold_quantity = ascii(name) FROM products WHERE id = product_id AND name <> 'A'";
    await asOwner(product.ownerUrl, tenantId, sold);
    const first = await list(staff, { sortKey: 'BEST_SELLING', first: 1 });
    const next = await list(staff, { sortKey: 'BEST_SELLING', first: 2, after: first.pageInfo.endCursor });
    expect([...first.names, ...next.names]).toEqual(['C', 'B', 'A']);
    expect((await list(staff, { sortKey: 'BEST_SELLING', reverse: true })).names).toEqual(['A', 'B', 'C']);
  });

  it('refuses a cursor of another sort', async () => {
    const { pageInfo } = await list(store.shopper, { first: 1 });
    expect(await codeOf(store.shopper, { sortKey: 'PRICE', after: pageInfo.endCursor })).toBe('BAD_USER_INPUT');
  });

  it('continues after a cursor whose product was deleted, and ignores one inserted before it', async () => {
    const tenantId = freshTenantId();
    const staff = admin(tenantId);
    const made = [];
    for (const name of ['B', 'D', 'F']) made.push(await makeProduct(product, staff, { name }));
    const { pageInfo } = await list(staff, { first: 2 });
    await makeProduct(product, staff, { name: 'A' });
    await product.ask(staff, 'mutation ($id: ID!) { productDelete(id: $id) { deletedProductId } }', {
      id: made[1]?.id,
    });
    expect((await list(staff, { first: 2, after: pageInfo.endCursor })).names).toEqual(['F']);
    expect((await list(staff, { last: 2, before: pageInfo.endCursor })).names).toEqual(['A', 'B']);
  });
});

describe('products(query:)', () => {
  it.each<[string, string, string[]]>([
    ['a word of the name', 'pegasus', ['Pegasus']],
    ['its beginning', 'peg', ['Pegasus']],
    ['a word that is spelled wrongly', 'Pegasis', ['Pegasus']],
    ['another form of a word', 'run', ['Pegasus', 'Vomero']],
    ['a word without its accent', 'cafe', ['Pegasus']],
    ['a word with an accent too many', 'Pégasus', ['Pegasus']],
    ['two words, of a name and a vendor', 'nike vom', ['Vomero']],
    ['two words that no product has both of', 'cap nike', []],
    ['an SKU', 'CAP-1', ['Cap']],
    ['only signs', '%_*&|!', []],
    ['signs of LIKE, as many as a name has letters', '___', []],
    ['signs of a tsquery around a word', "pegasus' | !cap:* <-> (", []],
    ['spaces alone, as nothing', '  ', ['Cap', 'Pegasus', 'Vomero']],
    ['a word of a draft', 'boots', []],
  ])('finds by %s', async (_what, query, names) => {
    expect((await list(store.shopper, { query })).names).toEqual(names);
  });

  it('sorts by relevance, in pages', async () => {
    const tenantId = freshTenantId();
    const staff = admin(tenantId);
    await makeProduct(product, staff, { name: 'Cap', description: 'Goes with a runner.' });
    await makeProduct(product, staff, { name: 'Runner', description: 'A shoe.' });
    await makeProduct(product, staff, { name: 'Shirt', tags: ['runner'] });
    const best = await list(staff, { query: 'runner', sortKey: 'RELEVANCE', first: 1 });
    expect(best).toMatchObject({ names: ['Runner'], totalCount: 3 });
    const next = await list(staff, { query: 'runner', sortKey: 'RELEVANCE', first: 2, after: best.pageInfo.endCursor });
    expect(next).toMatchObject({ names: ['Shirt', 'Cap'], pageInfo: { hasNextPage: false } });
  });

  it('finds a product by its current name only', async () => {
    const tenantId = freshTenantId();
    const staff = admin(tenantId);
    const { id } = await makeProduct(product, staff, { name: 'Sandal' });
    const update =
      'mutation ($id: ID!, $input: ProductUpdateInput!) { productUpdate(id: $id, input: $input) { userErrors { code } } }';
    await product.ask(staff, update, { id, input: { name: 'Clog' } });
    expect((await list(staff, { query: 'clog' })).names).toEqual(['Clog']);
    expect((await list(staff, { query: 'sandal' })).names).toEqual([]);
  });
});

it('another store’s category in a filter finds the same as an unknown one', async () => {
  const other = await makeStore(product);
  for (const includeDescendants of [false, true]) {
    const [foreign, random] = await Promise.all(
      [other.shoes, 'cat_none'].map((categoryId) => list(store.staff, { where: { categoryId, includeDescendants } })),
    );
    expect(foreign).toEqual(random);
  }
});
