import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { countStatements } from '../../shared/test/countStatements';
import { change, faultsOf, makeProduct } from '../test/factories';
import { startSubgraphHere } from '../test/startSubgraphHere';

let product: Awaited<ReturnType<typeof startSubgraphHere>>;
beforeAll(async () => {
  product = await startSubgraphHere();
});
afterAll(() => product?.close());

const FIELDS = 'id metafields { namespace key type value isPublic }';

/** Products, variants and categories have metafields by the same rules. */
const OWNERS = {
  product: {
    payload: 'product',
    make: async (caller: Caller) => (await makeProduct(product, caller)).id,
    update: ['productUpdate', 'ProductUpdateInput!'],
  },
  productVariant: {
    payload: 'productVariant',
    make: async (caller: Caller) => (await makeProduct(product, caller)).variantId,
    update: ['productVariantUpdate', 'ProductVariantUpdateInput!'],
  },
  category: {
    payload: 'category',
    make: async (caller: Caller) => {
      const made = await change(
        product,
        caller,
        'categoryCreate',
        { input: 'CategoryCreateInput!' },
        { input: { name: 'Shoes' } },
        'category { id }',
      );
      return made.category.id as string;
    },
    update: ['categoryUpdate', 'CategoryUpdateInput!'],
  },
} as const;
const text = (key: string, value: string, isPublic = false) => ({
  namespace: 'care',
  key,
  type: 'SINGLE_LINE_TEXT',
  value,
  isPublic,
});

describe.each(Object.entries(OWNERS))('the metafields of a %s', (owner, { make, update: [mutation, type] }) => {
  const update = (caller: Caller, id: string, input: object) =>
    change(product, caller, mutation, { id: 'ID!', input: type }, { id, input }, `${owner} { ${FIELDS} }`);
  const shownTo = async (caller: Caller, id: string) =>
    (
      await product.ask(
        caller,
        `query ($id: ID!) { ${owner}(id: $id) { metafields(namespace: "care") { key } metafield(namespace: "care", key: "b") { value } } }`,
        { id },
      )
    ).data[owner];

  it('are added, replaced one by one and deleted; shoppers see the public ones', async () => {
    const caller = admin(freshTenantId());
    const id = await make(caller);
    const both = await update(caller, id, { metafields: [text('b', '2'), text('a', '1', true)] });
    expect(both[owner].metafields).toEqual([text('a', '1', true), text('b', '2')]);
    expect(await shownTo(caller, id)).toEqual({ metafields: [{ key: 'a' }, { key: 'b' }], metafield: { value: '2' } });
    expect(await shownTo(customer(caller.tenantId ?? ''), id)).toEqual({ metafields: [{ key: 'a' }], metafield: null });
    const less = await update(caller, id, {
      metafields: [text('b', '3')],
      metafieldsToDelete: [
        { namespace: 'care', key: 'a' },
        { namespace: 'care', key: 'none' },
      ],
    });
    expect(less[owner].metafields).toEqual([text('b', '3')]);
    expect((await update(caller, id, {}))[owner].metafields).toEqual([text('b', '3')]);
  });

  it('are refused when they are invalid for their type, repeated, or more than 50 in all; then nothing changes', async () => {
    const caller = admin(freshTenantId());
    const id = await make(caller);
    const wrong = await update(caller, id, {
      metafields: [{ ...text('a', 'x'), type: 'DATE' }, text('b', ''), text('b', '1')],
    });
    expect(faultsOf(wrong)).toEqual([
      'input.metafields.0.value INVALID',
      'input.metafields.1.value REQUIRED',
      'input.metafields.2.key INVALID',
    ]);
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => text(`k${from + index}`, '1'));
    await update(caller, id, { metafields: many(0, 30) });
    expect(faultsOf(await update(caller, id, { metafields: many(20, 31) }))).toEqual(['input.metafields INVALID']);
    expect((await update(caller, id, { metafields: many(20, 30) }))[owner].metafields).toHaveLength(50);
  });
});

it('of all products, variants and categories in a list take one statement for each kind', async () => {
  const caller = admin(freshTenantId());
  for (let n = 0; n < 3; n += 1) await OWNERS.category.make(caller);
  for (let n = 0; n < 3; n += 1) await makeProduct(product, caller);
  const statements = countStatements();
  await product.ask(
    caller,
    '{ categories { metafields { key } } products { nodes { metafields { key } variants { nodes { metafields { key } metafield(namespace: "a", key: "b") { key } } } } } }',
  );
  // The two lists, the variants, and the three kinds of metafields.
  expect(statements.stop()).toBe(6);
});

it('can be given with a new category', async () => {
  const made = await change(
    product,
    admin(freshTenantId()),
    'categoryCreate',
    { input: 'CategoryCreateInput!' },
    { input: { name: 'Shoes', metafields: [text('a', '1')] } },
    `category { ${FIELDS} }`,
  );
  expect(made.category.metafields).toEqual([text('a', '1')]);
});
