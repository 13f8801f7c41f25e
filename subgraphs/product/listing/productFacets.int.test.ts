import type { Caller } from '../../shared/caller';
import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { countStatements } from '../../shared/test/countStatements';
import { makeProduct } from '../test/factories';
import { startSubgraphHere } from '../test/startSubgraphHere';
import { category, makeStore, one, price, type Store } from './test/makeStore';

let product: Awaited<ReturnType<typeof startSubgraphHere>>;
let store: Store;
beforeAll(async () => {
  product = await startSubgraphHere();
  store = await makeStore(product);
  await makeStore(product);
});
afterAll(() => product?.close());

const FIELDS = `categories { count category { name } } vendors { value count } productTypes { value count } tags { value count }
  options { option values { value count } } prices { count min { amount currencyCode } max { amount } }`;
const FACETS = `query ($where: ProductFilter, $query: String) { products(first: 1, where: $where, query: $query) { totalCount facets { ${FIELDS} } } }`;
const facets = async (caller: Caller, variables: Record<string, unknown> = {}) =>
  (await product.ask(caller, FACETS, variables)).data.products.facets;

it('count the products that a shopper may see, highest count first', async () => {
  expect(await facets(store.shopper)).toEqual({
    categories: [
      { count: 1, category: { name: 'Shoes' } },
      { count: 1, category: { name: 'Running' } },
    ],
    vendors: [
      { value: 'Nike', count: 2 },
      { value: 'Adidas', count: 1 },
    ],
    productTypes: [
      { value: 'Running shoes', count: 2 },
      { value: 'Hats', count: 1 },
    ],
    tags: [
      { value: 'road', count: 2 },
      { value: 'sun', count: 2 },
    ],
    options: [
      {
        option: 'Size',
        values: [
          { value: '42', count: 2 },
          { value: '43', count: 1 },
        ],
      },
    ],
    prices: [{ count: 3, min: { amount: '20.00', currencyCode: 'USD' }, max: { amount: '160.00' } }],
  });
});

it('include drafts for staff', async () => {
  expect((await facets(store.staff)).vendors).toContainEqual({ value: 'Draftsman', count: 1 });
  expect(JSON.stringify(await facets(store.shopper))).not.toMatch(/Draftsman|secret/);
});

it('are those of the filtered and searched list', async () => {
  expect((await facets(store.shopper, { where: { tags: ['sun'] }, query: 'pegasus' })).vendors).toEqual([
    { value: 'Nike', count: 1 },
  ]);
  expect((await facets(store.shopper, { query: 'nothing of it' })).prices).toEqual([]);
});

/** Of a list, as "Nike 2, Adidas 1". */
const summary = (values: { value: string; count: number }[]) =>
  values.map(({ value, count }) => `${value} ${count}`).join(', ');

describe('each ignores the list’s own condition on it', () => {
  it('a chosen vendor leaves the other vendors in their facet, and restricts all other facets', async () => {
    const { vendors, productTypes, tags, categories } = await facets(store.shopper, { where: { vendors: ['Adidas'] } });
    expect(summary(vendors)).toBe('Nike 2, Adidas 1');
    expect([summary(productTypes), summary(tags), categories]).toEqual(['Hats 1', 'sun 1', []]);
  });

  it('each of two conditions restricts the other’s facet', async () => {
    const { vendors, tags, productTypes } = await facets(store.shopper, {
      where: { vendors: ['Nike'], tags: ['sun'] },
    });
    expect([summary(vendors), summary(tags), summary(productTypes)]).toEqual([
      'Adidas 1, Nike 1',
      'road 2, sun 1',
      'Running shoes 1',
    ]);
  });

  it('also for type, category and price; a condition without a facet restricts all facets', async () => {
    const of = async (where: object) => facets(store.shopper, { where });
    expect(summary((await of({ productTypes: ['Hats'] })).productTypes)).toBe('Running shoes 2, Hats 1');
    expect((await of({ categoryId: store.running })).categories).toHaveLength(2);
    expect((await of({ price: { max: price('20') } })).prices).toEqual([
      { count: 3, min: { amount: '20.00', currencyCode: 'USD' }, max: { amount: '160.00' } },
    ]);
    const available = await of({ availableForSale: true, vendors: ['Adidas'] });
    expect([summary(available.vendors), available.prices]).toEqual(['Nike 1', []]);
  });

  it('an option’s values are counted over variants that match the other options’ conditions', async () => {
    const staff = admin(freshTenantId());
    const options = [
      { name: 'Color', values: ['Red', 'Blue'] },
      { name: 'Size', values: ['S', 'M'] },
    ];
    const variant = (color: string, size: string) =>
      one('10', {
        optionValues: [
          { option: 'Color', value: color },
          { option: 'Size', value: size },
        ],
      });
    await makeProduct(product, staff, { options, variants: [variant('Red', 'S'), variant('Blue', 'M')] });
    await makeProduct(product, staff, { options, variants: [variant('Red', 'M')] });
    const of = async (...wanted: [string, string][]) => {
      const where = { optionValues: wanted.map(([option, value]) => ({ option, value })) };
      const { options: counted } = await facets(staff, { where });
      return counted.map(({ option, values }: { option: string; values: [] }) => `${option}: ${summary(values)}`);
    };
    expect(await of()).toEqual(['Color: Red 2, Blue 1', 'Size: M 2, S 1']);
    expect(await of(['Size', 'M'])).toEqual(['Color: Blue 1, Red 1', 'Size: M 2, S 1']);
    expect(await of(['Color', 'Red'], ['Size', 'S'])).toEqual(['Color: Red 1', 'Size: M 1, S 1']);
    expect(await of(['Size', 'S'], ['Size', 'M'])).toEqual(['Color: Red 2, Blue 1', 'Size: M 2, S 1']);
  });
});

it('the products of all categories in a list take one statement, their counts one, and their facets one, with the categories’ names', async () => {
  const { tenantId, shoes, running } = await makeStore(product);
  const empty = await category(product, tenantId, 'Empty');
  const statements = countStatements();
  const { data, errors } = await product.ask(
    admin(tenantId),
    `{ categories { id products(sortKey: NAME, reverse: true, includeDescendants: true, first: 2) { totalCount nodes { name }
      pageInfo { hasNextPage endCursor } facets { vendors { value count } } } } }`,
  );
  expect(errors).toBeUndefined();
  // The tree, its branches, the pages, the counts, the facets.
  expect(statements.stop()).toBe(5);
  const of = (id: string) => {
    const { products } = data.categories.find((found: { id: string }) => found.id === id);
    const names = products.nodes.map(({ name }: { name: string }) => name).join();
    return [names, products.totalCount, products.pageInfo.hasNextPage, summary(products.facets.vendors)];
  };
  expect([of(shoes), of(running), of(empty)]).toEqual([
    ['Vomero,Pegasus', 3, true, 'Nike 2, Draftsman 1'],
    ['Pegasus', 1, false, 'Nike 1'],
    ['', 0, false, ''],
  ]);
});

it('a category’s products are filtered, sorted and paged like any list; two lists of one category do not mix', async () => {
  const { data } = await product.ask(
    store.shopper,
    `query ($id: ID!) { category(id: $id) {
      cheap: products(includeDescendants: true, where: { price: { max: { amount: "90", currencyCode: USD } } }) { nodes { name } }
      all: products(includeDescendants: true, sortKey: PRICE, reverse: true) { nodes { name } } } }`,
    { id: store.shoes },
  );
  const names = ({ nodes }: { nodes: { name: string }[] }) => nodes.map(({ name }) => name);
  expect([names(data.category.cheap), names(data.category.all)]).toEqual([['Vomero'], ['Pegasus', 'Vomero']]);
});
