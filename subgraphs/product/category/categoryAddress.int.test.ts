import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { change, faultsOf } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

/** A store's categories by name and slug. */
function storeOf(tenantId: string) {
  const caller = admin(tenantId);
  return {
    create: (name: string, slug: string) =>
      change(
        product,
        caller,
        'categoryCreate',
        { input: 'CategoryCreateInput!' },
        { input: { name, slug } },
        'category { id }',
      ),
    move: (id: string, slug: string, expectedVersion?: number) =>
      change(
        product,
        caller,
        'categoryUpdate',
        { id: 'ID!', input: 'CategoryUpdateInput!' },
        { id, input: { slug, ...(expectedVersion && { expectedVersion }) } },
        'category { slug }',
      ),
    at: async (slug: string) => {
      const query = 'query ($slug: String!) { category(slug: $slug) { name slug } }';
      return (await product.ask(visitor(tenantId), query, { slug })).data.category;
    },
  };
}

it('a former slug leads to its category, and to no other store’s', async () => {
  const [tenantId, other] = [freshTenantId(), freshTenantId()];
  const store = storeOf(tenantId);
  const { category } = await store.create('Shoes', 'shoes');
  await store.move(category.id, 'footwear');
  await store.move(category.id, 'all-shoes');
  for (const slug of ['shoes', 'footwear', 'all-shoes']) {
    expect(await store.at(slug)).toEqual({ name: 'Shoes', slug: 'all-shoes' });
    expect(await storeOf(other).at(slug)).toBeNull();
  }
  await store.move(category.id, 'shoes');
  expect((await store.at('all-shoes')).slug).toBe('shoes');
});

it('another category can take a former slug, created or renamed, and it leads there from then on', async () => {
  const store = storeOf(freshTenantId());
  const { category: shoes } = await store.create('Shoes', 'shoes');
  await store.move(shoes.id, 'footwear');
  await store.move(shoes.id, 'all-shoes');
  const { category: boots } = await store.create('Boots', 'shoes');
  expect((await store.at('shoes')).name).toBe('Boots');
  await store.move(boots.id, 'footwear');
  expect((await store.at('footwear')).name).toBe('Boots');
  expect((await store.at('shoes')).name).toBe('Boots');
});

it('a refused change of the slug leaves all slugs unchanged', async () => {
  const store = storeOf(freshTenantId());
  const { category } = await store.create('Shoes', 'shoes');
  await store.create('Boots', 'boots');
  expect(faultsOf(await store.move(category.id, 'boots'))).toEqual(['input.slug TAKEN']);
  expect(faultsOf(await store.move(category.id, 'footwear', 9))).toEqual(['input.expectedVersion STALE_VERSION']);
  expect(await store.at('footwear')).toBeNull();
  expect((await store.at('shoes')).slug).toBe('shoes');
});
