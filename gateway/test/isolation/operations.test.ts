import { Source } from 'graphql';
import { readSchemas, type SubgraphSchemas } from '../../compose';
import { listLists } from './lists';
import { keyOf, listEntities, listOperations } from './operations';

/** What is added to the product subgraph's schema, and what the walk then tries. Composed once, since that takes a second. */
const ADDITIONS: [what: string, sdl: string, keys: string[]][] = [
  ['a query', 'extend type Query { gift: Product }', ['Query.gift']],
  [
    'an id, also of a kind that the stores have none of yet, which is an error until they do',
    'extend type Mutation { giftWrap("gift_…" id: ID!, "pvar_…" with: [ID!]): Product }',
    ['Mutation.giftWrap id (gift)', 'Mutation.giftWrap with (pvar)'],
  ],
  [
    'an id that does not say what it names, which is an error',
    'extend type Query { giftOf(whose: ID!): Product }',
    ['Query.giftOf whose (id without a prefix: whose)'],
  ],
  [
    'a filter, however deep',
    `input ShelfFilter { any: [ShelfFilter!] on: ShelfIn } input ShelfIn { "cat_…" categoryId: ID label: String }
     extend input ProductFilter { shelf: ShelfFilter }`,
    ['Query.products where shelf on categoryId (cat)', 'Query.products where shelf on label (text label)'],
  ],
  [
    'a text of which there may be one',
    'extend input CategoryUpdateInput { sku: String, externalReference: String, key: String, mood: String }',
    ['sku (sku)', 'externalReference (externalReference)', 'key (text key)'].map(
      (rest) => `Mutation.categoryUpdate input ${rest}`,
    ),
  ],
];
const current = readSchemas();
const extended: SubgraphSchemas = {
  ...current,
  product: [
    ...current.product,
    ...ADDITIONS.map(([, sdl]) => new Source(sdl, 'product')),
    new Source('"A gift." type Gift @key(fields: "id") { "gift_…" id: ID! }', 'product'),
    new Source('extend type ProductImage { likes(first: Int, after: String): ProductVariantConnection }', 'product'),
  ],
};
const keysOf = (schemas: SubgraphSchemas) =>
  listOperations(schemas).flatMap((operation) => {
    const kinds = operation.leaves.map(({ path, kind }) => `${keyOf(operation, path)} (${kind})`);
    return kinds.length > 0 ? kinds : [keyOf(operation)];
  });

describe('an addition to the schema is tested without a change of the test:', () => {
  const today = new Set(keysOf(current));
  const added = keysOf(extended).filter((key) => !today.has(key));

  it.each(ADDITIONS)('%s', (_what, _sdl, keys) => {
    expect(added).toEqual(expect.arrayContaining(keys));
  });

  it('and nothing else', () => {
    expect(added.sort()).toEqual(ADDITIONS.flatMap(([, , keys]) => keys).sort());
  });

  it('an entity', () => {
    expect(listEntities(extended).map(({ name, kind }) => `${name} ${kind}`)).toContain('Gift gift');
  });

  it('a list, at any depth', () => {
    const likes = listLists(extended).find(({ title }) => title === 'ProductImage.likes');
    expect([likes?.operation.name, likes?.path.at(-1)]).toEqual([expect.any(String), 'likes']);
  });
});
