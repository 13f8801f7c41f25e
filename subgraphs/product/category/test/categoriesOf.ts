import type { Caller } from '../../../shared/caller';
import type { SubgraphUnderTest } from '../../../shared/test/askSubgraph';
import { change } from '../../test/factories';

const ANSWER = 'category { id name slug path position version description seo { title } parent { name } }';

/** What can be done to a store's categories. @param product the subgraph, once it has started. */
export function categoriesOf(product: () => SubgraphUnderTest) {
  const categoryCreate = (caller: Caller, input: object) =>
    change(product(), caller, 'categoryCreate', { input: 'CategoryCreateInput!' }, { input }, ANSWER);
  const categoryUpdate = (caller: Caller, id: string, input: object) =>
    change(product(), caller, 'categoryUpdate', { id: 'ID!', input: 'CategoryUpdateInput!' }, { id, input }, ANSWER);
  const categoryMove = (caller: Caller, id: string, input: object) =>
    change(product(), caller, 'categoryMove', { id: 'ID!', input: 'CategoryMoveInput!' }, { id, input }, ANSWER);
  const categoryDelete = (caller: Caller, id: string, children = 'REFUSE', expectedVersion: number | null = null) =>
    change(
      product(),
      caller,
      'categoryDelete',
      { id: 'ID!', children: 'CategoryChildren!', expectedVersion: 'Int' },
      { id, children, expectedVersion },
      'deletedCategoryId',
    );
  const products = (
    caller: Caller,
    mutation: 'categoryProductsAdd' | 'categoryProductsRemove',
    id: string,
    productIds: string[],
  ) =>
    change(
      product(),
      caller,
      mutation,
      { id: 'ID!', productIds: '[ID!]!' },
      { id, productIds },
      'category { products { nodes { id } totalCount } }',
    );

  const make = async (caller: Caller, name: string, parentId: string | null = null) =>
    (await categoryCreate(caller, { name, parentId })).category.id as string;
  const paths = async (caller: Caller) => {
    const { data } = await product().ask(caller, '{ categories { path } }');
    return data.categories.map(({ path }: { path: string }) => path) as string[];
  };

  /** shoes / running / trail, and apparel. */
  async function makeTree(caller: Caller) {
    const shoes = await make(caller, 'Shoes');
    const running = await make(caller, 'Running', shoes);
    return { shoes, running, trail: await make(caller, 'Trail', running), apparel: await make(caller, 'Apparel') };
  }

  return { categoryCreate, categoryUpdate, categoryMove, categoryDelete, products, make, paths, makeTree };
}
