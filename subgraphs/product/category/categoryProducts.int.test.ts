import type { Caller } from '../../shared/caller';
import { admin, freshTenantId, service, visitor } from '../../shared/test/askSubgraph';
import { faultsOf, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { categoriesOf } from './test/categoriesOf';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const { products, make, makeTree } = categoriesOf(() => product);

describe('the products of a category', () => {
  const listed = async (caller: Caller, id: string, includeDescendants: boolean) => {
    const query = `query ($id: ID!, $all: Boolean!) { category(id: $id) {
      products(includeDescendants: $all, sortKey: NAME) { nodes { name } totalCount } } }`;
    const { data } = await product.ask(caller, query, { id, all: includeDescendants });
    const { nodes, totalCount } = data.category.products;
    expect(nodes).toHaveLength(totalCount);
    return nodes.map(({ name }: { name: string }) => name).join('');
  };

  it('are those assigned to it, or on request those of its branch, without repeats, and only visible ones', async () => {
    const tenantId = freshTenantId();
    const { shoes, running, trail, apparel } = await makeTree(admin(tenantId));
    for (const [name, categoryIds, status] of [
      ['A', [shoes, running, trail], 'ACTIVE'],
      ['B', [trail], 'ACTIVE'],
      ['C', [apparel], 'ACTIVE'],
      ['D', [running], 'DRAFT'],
    ] as const) {
      await makeProduct(product, admin(tenantId), { name, categoryIds, status });
    }
    expect(await listed(visitor(tenantId), shoes, false)).toBe('A');
    expect(await listed(visitor(tenantId), shoes, true)).toBe('AB');
    expect(await listed(admin(tenantId), shoes, true)).toBe('ABD');
    expect(await listed(visitor(tenantId), apparel, true)).toBe('C');
  });

  it('are added and removed; a repeat changes nothing, and each changed product has a new version', async () => {
    const caller = admin(freshTenantId());
    const id = await make(caller, 'Shoes');
    const [a, b] = [await makeProduct(product, caller), await makeProduct(product, caller)];
    const both = await products(caller, 'categoryProductsAdd', id, [a.id, b.id, a.id]);
    expect(both.category.products.totalCount).toBe(2);
    await products(caller, 'categoryProductsAdd', id, [a.id]);
    const less = await products(caller, 'categoryProductsRemove', id, [a.id]);
    expect(less.category.products.nodes).toEqual([{ id: b.id }]);
    await products(caller, 'categoryProductsRemove', id, [a.id]);
    const versionOf = async (productId: string) =>
      (await product.ask(caller, `{ product(id: "${productId}") { version } }`)).data.product.version;
    expect([await versionOf(a.id), await versionOf(b.id)]).toEqual([3, 2]);
    expect(faultsOf(await products(caller, 'categoryProductsAdd', id, []))).toEqual(['productIds REQUIRED']);
  });
});

describe('what a discount asks of a product', () => {
  const RESERVE = `mutation ($lines: [StockReserveLine!]!) { stockReserve(orderId: "ord_1", lines: $lines) {
    lines { tags categoryIds } userErrors { code } } }`;
  const ENTITIES = `query ($variants: [_Any!]!) { _entities(representations: $variants) {
    ... on ProductVariant { product { tags categoryLineageIds } } } }`;

  it('are its tags and its categories with all above them: for a cart, and when stock is reserved, also in a repeat', async () => {
    const tenantId = freshTenantId();
    const { shoes, running, trail, apparel } = await makeTree(admin(tenantId));
    const { variantId } = await makeProduct(product, admin(tenantId), {
      tags: ['sale'],
      categoryIds: [trail, apparel],
    });
    const categoryIds = [shoes, running, trail, apparel].sort();
    const variants = [{ __typename: 'ProductVariant', id: variantId }];
    const { data } = await product.ask(visitor(tenantId), ENTITIES, { variants });
    expect(data._entities).toEqual([{ product: { tags: ['sale'], categoryLineageIds: categoryIds } }]);
    for (const _time of ['first', 'repeat']) {
      const reserved = await product.ask(service(tenantId), RESERVE, { lines: [{ variantId, quantity: 1 }] });
      expect(reserved.data.stockReserve).toEqual({ lines: [{ tags: ['sale'], categoryIds }], userErrors: [] });
    }
  });
});
