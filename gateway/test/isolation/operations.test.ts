import { Source } from 'graphql';
import { readSchemas, type SubgraphSchemas } from '../../compose';
import { listLists } from './lists';
import { keyOf, listEntities, listOperations } from './operations';

/** The current schemas, with additions to the product subgraph's. */
const withMore = (sdl: string): SubgraphSchemas => {
  const schemas = readSchemas();
  return { ...schemas, product: [...schemas.product, new Source(sdl, 'product')] };
};
const keysOf = (schemas?: SubgraphSchemas) =>
  listOperations(schemas).flatMap((operation) => {
    const kinds = operation.leaves.map(({ path, kind }) => `${keyOf(operation, path)} (${kind})`);
    return kinds.length > 0 ? kinds : [keyOf(operation)];
  });
const TODAY = new Set(keysOf());
const added = (sdl: string) => keysOf(withMore(sdl)).filter((key) => !TODAY.has(key));

describe('an addition to the schema is tested without a change of the test:', () => {
  it.each<[string, string, string[]]>([
    ['a query', 'extend type Query { gift: Product }', ['Query.gift']],
    [
      'an id, also of a kind that the stores have none of yet, which is an error until they do',
      'extend type Mutation { giftWrap("gift_…" id: ID!, "pvar_…" with: [ID!]): Product }',
      ['Mutation.giftWrap id (gift)', 'Mutation.giftWrap with (pvar)'],
    ],
    [
      'an id that does not say what it names, which is an error',
      'extend type Query { gift(whose: ID!): Product }',
      ['Query.gift whose (id without a prefix: whose)'],
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
  ])('%s', (_what, sdl, keys) => {
    expect(added(sdl).sort()).toEqual(keys.sort());
  });

  it('an entity', () => {
    const names = listEntities(withMore('"A gift." type Gift @key(fields: "id") { "gift_…" id: ID! }')).map(
      ({ name, kind }) => `${name} ${kind}`,
    );
    expect(names).toContain('Gift gift');
  });

  it('a list, at any depth', () => {
    const lists = listLists(
      withMore('extend type ProductImage { likes(first: Int, after: String): ProductVariantConnection }'),
    );
    const likes = lists.find(({ title }) => title === 'ProductImage.likes');
    expect([likes?.operation.name, likes?.path.at(-1)]).toEqual([expect.any(String), 'likes']);
  });
});
