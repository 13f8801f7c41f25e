import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { one } from './test/makeStore';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

async function answer(caller: Caller, query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await product.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const codeOf = async (caller: Caller, query: string, variables: Record<string, unknown>) =>
  (await product.ask(caller, query, variables)).errors?.[0]?.extensions?.code;

/** A cap and a shirt on sale, and a draft. */
async function makeThree(tenantId = freshTenantId()) {
  const make = (name: string, more: object = {}) =>
    makeProduct(product, admin(tenantId), {
      name,
      externalReference: `erp-${name}`,
      variants: [one('10', { sku: name, barcode: `40-${name}` })],
      ...more,
    });
  const [cap, shirt, draft] = [await make('cap'), await make('shirt'), await make('draft', { status: 'DRAFT' })];
  return { tenantId, staff: admin(tenantId), cap, shirt, draft };
}

describe('products(where: { ids })', () => {
  const LIST =
    'query ($ids: [ID!]) { products(where: { ids: $ids }, sortKey: NAME) { totalCount nodes { name } facets { vendors { count } } } }';
  const names = async (caller: Caller, ids: string[] | null) =>
    (await answer(caller, LIST, { ids })).products.nodes.map(({ name }: { name: string }) => name);

  it('are those that the caller may see, without repeats, and none of another store', async () => {
    const { staff, tenantId, cap, shirt, draft } = await makeThree();
    const theirs = await makeProduct(product, admin(freshTenantId()));
    const ids = [draft.id, shirt.id, theirs.id, 'prod_none', shirt.id, cap.id];
    expect(await names(staff, ids)).toEqual(['cap', 'draft', 'shirt']);
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      expect(await names(caller, ids)).toEqual(['cap', 'shirt']);
    }
    expect([await names(staff, [cap.id]), await names(staff, []), (await names(staff, null)).length]).toEqual([
      ['cap'],
      [],
      3,
    ]);
    const many = Array.from({ length: 101 }, (_, n) => `prod_${n}`);
    expect(await codeOf(staff, LIST, { ids: many })).toBe('BAD_USER_INPUT');
  });
});

describe('productVariants', () => {
  const LIST = `query ($where: ProductVariantFilter, $first: Int, $after: String, $last: Int) {
    productVariants(where: $where, first: $first, after: $after, last: $last) {
      totalCount nodes { sku product { name } } pageInfo { hasNextPage endCursor } } }`;
  const list = async (caller: Caller, variables: Record<string, unknown> = {}) => {
    const { nodes, ...others } = (await answer(caller, LIST, variables)).productVariants;
    return { skus: nodes.map(({ sku }: { sku: string }) => sku), nodes, ...others };
  };

  it('show staff all, and shoppers those of products on sale, in the order they were added', async () => {
    const { staff, tenantId } = await makeThree();
    await makeThree();
    expect(await list(staff)).toMatchObject({ skus: ['cap', 'shirt', 'draft'], totalCount: 3 });
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      expect(await list(caller)).toMatchObject({ skus: ['cap', 'shirt'], totalCount: 2 });
      expect(await list(caller, { where: { skus: ['draft'] } })).toMatchObject({ skus: [], totalCount: 0 });
    }
  });

  it('are found by id, SKU and barcode when they match all conditions', async () => {
    const { staff, cap, shirt } = await makeThree();
    const theirs = await makeProduct(product, admin(freshTenantId()));
    for (const [where, skus] of [
      [{ ids: [shirt.variantId, cap.variantId, theirs.variantId] }, ['cap', 'shirt']],
      [{ skus: ['shirt', 'none', theirs.sku] }, ['shirt']],
      [{ barcodes: ['40-cap', '40-draft'] }, ['cap', 'draft']],
      [{ skus: ['cap', 'shirt'], barcodes: ['40-shirt'] }, ['shirt']],
      [{ ids: [] }, []],
    ] as const) {
      expect([where, (await list(staff, { where })).skus]).toEqual([where, skus]);
    }
    const many = Array.from({ length: 101 }, (_, n) => `${n}`);
    for (const name of ['ids', 'skus', 'barcodes']) {
      expect(await codeOf(staff, LIST, { where: { [name]: many } })).toBe('BAD_USER_INPUT');
    }
  });

  it('come in pages, forwards and backwards', async () => {
    const { staff } = await makeThree();
    const first = await list(staff, { first: 2 });
    expect([first.skus, first.pageInfo.hasNextPage]).toEqual([['cap', 'shirt'], true]);
    expect((await list(staff, { first: 2, after: first.pageInfo.endCursor })).skus).toEqual(['draft']);
    expect((await list(staff, { last: 2 })).skus).toEqual(['shirt', 'draft']);
  });
});

describe('product(externalReference:)', () => {
  const ONE = 'query ($externalReference: String) { product(externalReference: $externalReference) { name } }';

  it('finds the product for staff only, and never another store’s', async () => {
    const { staff, tenantId } = await makeThree();
    const named = (caller: Caller, externalReference: string) => answer(caller, ONE, { externalReference });
    expect(await named(staff, 'erp-draft')).toEqual({ product: { name: 'draft' } });
    for (const caller of [visitor(tenantId), customer(tenantId), admin(freshTenantId())]) {
      expect(await named(caller, 'erp-cap')).toEqual({ product: null });
    }
    const TWO = 'query ($id: ID) { product(id: $id, externalReference: "erp-cap") { name } }';
    expect(await codeOf(staff, TWO, { id: 'prod_none' })).toBe('BAD_USER_INPUT');
    expect(await codeOf(staff, ONE, { externalReference: null })).toBe('BAD_USER_INPUT');
  });
});

describe('Product.availableForSale and featuredImage', () => {
  it('follow from its variants and images', async () => {
    const { staff, tenantId } = await makeThree();
    const size = (value: string, more: object) => one('5', { optionValues: [{ option: 'Size', value }], ...more });
    const make = async (name: string, variants: object[], images: object[] = []) =>
      makeProduct(product, staff, { name, options: [{ name: 'Size', values: ['S', 'M'] }], variants, images });
    await make('gone', [size('S', { quantityOnHand: 0 }), size('M', { quantityOnHand: 0 })]);
    await make('some', [size('S', { quantityOnHand: 0 }), size('M', { quantityOnHand: 1 })]);
    const images = ['a', 'b'].map((name) => ({ url: `https://images.example.com/${name}.jpg` }));
    await make('late', [size('S', { quantityOnHand: 0, inventoryPolicy: 'CONTINUE' })], images);
    const query = '{ products(last: 3) { nodes { name availableForSale featuredImage { url } } } }';
    expect((await answer(visitor(tenantId), query)).products.nodes).toEqual([
      { name: 'gone', availableForSale: false, featuredImage: null },
      { name: 'some', availableForSale: true, featuredImage: null },
      { name: 'late', availableForSale: true, featuredImage: images[0] },
    ]);
  });
});
