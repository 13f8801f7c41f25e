import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { change, faultsOf, makeProduct, productInput } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const ANSWER =
  'product { id name slug description vendor tags status publishedAt version categories { name } metafields { key value } }';

const productUpdate = (caller: Caller, id: string, input: object) =>
  change(product, caller, 'productUpdate', { id: 'ID!', input: 'ProductUpdateInput!' }, { id, input }, ANSWER);
const productDelete = (caller: Caller, id: string, expectedVersion: number | null = null) =>
  change(
    product,
    caller,
    'productDelete',
    { id: 'ID!', expectedVersion: 'Int' },
    { id, expectedVersion },
    'deletedProductId',
  );
const find = async (caller: Caller, args: { id?: string; slug?: string }) => {
  const query = 'query ($id: ID, $slug: String) { product(id: $id, slug: $slug) { id slug version } }';
  return (await product.ask(caller, query, args)).data.product;
};
const category = async (caller: Caller, name: string) => {
  const query = 'mutation ($name: String!) { categoryCreate(input: { name: $name }) { category { id } } }';
  return (await product.ask(caller, query, { name })).data.categoryCreate.category.id as string;
};

describe('productUpdate', () => {
  it('is refused to visitors and customers, and changes nothing then', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const before = await checksumOfTenant(product.ownerUrl, tenantId);
    for (const caller of [visitor(tenantId), customer(tenantId), service(tenantId)]) {
      await expect(productUpdate(caller, id, { name: 'Mine' })).rejects.toThrow(refusalOf(caller));
    }
    expect(await checksumOfTenant(product.ownerUrl, tenantId)).toEqual(before);
  });

  it('answers NOT_FOUND for another store’s product, as for an unknown one, and changes nothing of it', async () => {
    const victim = freshTenantId('victim');
    const { id } = await makeProduct(product, admin(victim));
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const foreign = await productUpdate(admin(freshTenantId()), id, { name: 'Mine', expectedVersion: 7 });
    expect(foreign).toEqual(
      await productUpdate(admin(freshTenantId()), 'prod_none', { name: 'Mine', expectedVersion: 7 }),
    );
    expect(faultsOf(foreign)).toEqual(['id NOT_FOUND']);
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('answers NOT_FOUND for another store’s category, as for an unknown one; another store’s slug and reference are free', async () => {
    const victim = admin(freshTenantId('victim'));
    const theirs = await makeProduct(product, victim, { slug: 'secret', externalReference: 'erp-1' });
    const caller = admin(freshTenantId('attacker'));
    const { id } = await makeProduct(product, caller);
    const foreign = await productUpdate(caller, id, { categoryIds: [await category(victim, 'Secret')] });
    expect(foreign).toEqual(await productUpdate(caller, id, { categoryIds: ['cat_none'] }));
    expect(faultsOf(foreign)).toEqual(['input.categoryIds.0 NOT_FOUND']);
    const own = await productUpdate(caller, id, { slug: theirs.slug, externalReference: 'erp-1' });
    expect(own).toMatchObject({ product: { slug: 'secret' }, userErrors: [] });
  });

  it('has no input field for the tenant, the id or the version: such an input is invalid', async () => {
    const { id } = await makeProduct(product, admin(freshTenantId()));
    for (const smuggled of [
      'tenantId: "org_b"',
      'id: "prod_b"',
      'version: 9',
      'minPriceAmount: 0',
      'createdAt: "2020-01-01"',
    ]) {
      const query = `mutation { productUpdate(id: "${id}", input: { name: "A", ${smuggled} }) { product { id } } }`;
      const { errors } = await product.ask(admin(freshTenantId()), query);
      expect(errors?.[0]?.message).toContain('is not defined by type "ProductUpdateInput"');
    }
  });

  it('refuses to clear a required field', async () => {
    const caller = admin(freshTenantId());
    const { id } = await makeProduct(product, caller);
    const refused = await productUpdate(caller, id, { name: null, slug: null, status: null });
    expect(faultsOf(refused)).toEqual(['input.name REQUIRED', 'input.slug REQUIRED', 'input.status REQUIRED']);
    expect(faultsOf(await productUpdate(caller, id, { name: '  ' }))).toEqual(['input.name REQUIRED']);
  });

  it('answers TAKEN for another product’s slug or reference, and keeps nothing of the refused change', async () => {
    const tenantId = freshTenantId();
    const first = await makeProduct(product, admin(tenantId), { externalReference: 'erp-1' });
    const { id } = await makeProduct(product, admin(tenantId));
    const before = await checksumOfTenant(product.ownerUrl, tenantId);
    expect(faultsOf(await productUpdate(admin(tenantId), id, { name: 'B', slug: first.slug }))).toEqual([
      'input.slug TAKEN',
    ]);
    expect(faultsOf(await productUpdate(admin(tenantId), id, { externalReference: 'erp-1' }))).toEqual([
      'input.externalReference TAKEN',
    ]);
    expect(faultsOf(await productUpdate(admin(tenantId), id, { name: 'B', categoryIds: ['cat_none'] }))).toEqual([
      'input.categoryIds.0 NOT_FOUND',
    ]);
    expect(await checksumOfTenant(product.ownerUrl, tenantId)).toEqual(before);
  });

  it('changes the given fields only; null clears a field', async () => {
    const caller = admin(freshTenantId());
    const made = await makeProduct(product, caller, { name: 'Air', description: 'Soft.', vendor: 'Nike', tags: ['a'] });
    const renamed = await productUpdate(caller, made.id, { name: 'Air Max' });
    expect(renamed.product).toMatchObject({
      name: 'Air Max',
      slug: 'air',
      description: 'Soft.',
      vendor: 'Nike',
      tags: ['a'],
      version: 2,
    });
    const emptied = await productUpdate(caller, made.id, { description: null, vendor: null, tags: null });
    expect(emptied.product).toMatchObject({ name: 'Air Max', description: '', vendor: '', tags: [], version: 3 });
  });

  it('of two changes of the same version one succeeds; the other gets the current product', async () => {
    const caller = admin(freshTenantId());
    const { id } = await makeProduct(product, caller);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => productUpdate(caller, id, { name: `Name ${n}`, expectedVersion: 1 })),
    );
    const [done, ...others] = answers.filter((answer) => answer.userErrors.length === 0);
    expect(others).toEqual([]);
    for (const stale of answers.filter((answer) => answer !== done)) {
      expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
      expect(stale.product).toEqual(done.product);
    }
    expect(done.product.version).toBe(2);
  });

  it('adds the product to categories and removes it, and sets, replaces and deletes metafields', async () => {
    const caller = admin(freshTenantId());
    const [a, b] = [await category(caller, 'A'), await category(caller, 'B')];
    const metafield = (key: string, value: string) => ({ namespace: 'care', key, type: 'SINGLE_LINE_TEXT', value });
    const { id } = await makeProduct(product, caller, { categoryIds: [a], metafields: [metafield('washing', 'cold')] });
    const both = await productUpdate(caller, id, { categoryIds: [b, a, b], metafields: [metafield('drying', 'no')] });
    expect(both.product.categories.map(({ name }: { name: string }) => name)).toEqual(['A', 'B']);
    expect(both.product.metafields).toEqual([
      { key: 'drying', value: 'no' },
      { key: 'washing', value: 'cold' },
    ]);
    const less = await productUpdate(caller, id, {
      categoryIds: [b],
      metafields: [metafield('drying', 'yes')],
      metafieldsToDelete: [
        { namespace: 'care', key: 'washing' },
        { namespace: 'care', key: 'none' },
      ],
    });
    expect(less.product).toMatchObject({ categories: [{ name: 'B' }], metafields: [{ key: 'drying', value: 'yes' }] });
    expect((await productUpdate(caller, id, { categoryIds: null })).product.categories).toEqual([]);
  });

  it('publishes a draft that becomes ACTIVE immediately, but not again, and not when the input has a date', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { status: 'DRAFT' });
    const first = await productUpdate(admin(tenantId), id, { status: 'ACTIVE' });
    expect(await find(visitor(tenantId), { id })).not.toBeNull();
    await productUpdate(admin(tenantId), id, { status: 'ARCHIVED' });
    expect(await find(visitor(tenantId), { id })).toBeNull();
    const again = await productUpdate(admin(tenantId), id, { status: 'ACTIVE' });
    expect(again.product.publishedAt).toBe(first.product.publishedAt);
    await productUpdate(admin(tenantId), id, { publishedAt: null });
    expect(await find(visitor(tenantId), { id })).toBeNull();
    await productUpdate(admin(tenantId), id, { status: 'ACTIVE', name: 'Still unpublished' });
    expect(await find(visitor(tenantId), { id })).toBeNull();
  });
});

describe('a former slug of a product', () => {
  it('keeps leading to it, through several changes, also back to an earlier slug', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { slug: 'one' });
    for (const slug of ['two', 'three']) await productUpdate(admin(tenantId), id, { slug });
    for (const slug of ['one', 'two', 'three']) {
      expect(await find(visitor(tenantId), { slug })).toMatchObject({ id, slug: 'three' });
    }
    await productUpdate(admin(tenantId), id, { slug: 'one' });
    expect(await find(visitor(tenantId), { slug: 'three' })).toMatchObject({ id, slug: 'one' });
    expect(await find(visitor(freshTenantId()), { slug: 'one' })).toBeNull();
  });

  it('leads to another product once that takes it, created or renamed', async () => {
    const caller = admin(freshTenantId());
    const first = await makeProduct(product, caller, { slug: 'one' });
    await productUpdate(caller, first.id, { slug: 'two' });
    const second = await makeProduct(product, caller, { slug: 'one' });
    expect(await find(caller, { slug: 'one' })).toMatchObject({ id: second.id });
    await productUpdate(caller, first.id, { slug: 'three' });
    await productUpdate(caller, second.id, { slug: 'two' });
    expect(await find(caller, { slug: 'two' })).toMatchObject({ id: second.id });
    expect(await find(caller, { slug: 'one' })).toMatchObject({ id: second.id });
    await productDelete(caller, second.id);
    expect(await find(caller, { slug: 'one' })).toBeNull();
  });

  it('of a hidden product leads shoppers nowhere', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { slug: 'one', status: 'DRAFT' });
    await productUpdate(admin(tenantId), id, { slug: 'two' });
    expect(await find(visitor(tenantId), { slug: 'one' })).toBeNull();
    expect(await find(admin(tenantId), { slug: 'one' })).toMatchObject({ id });
  });
});

describe('productDelete', () => {
  it('answers NOT_FOUND for another store’s product, as for an unknown one, and STALE_VERSION for an old version', async () => {
    const victim = freshTenantId('victim');
    const { id } = await makeProduct(product, admin(victim));
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const foreign = await productDelete(admin(freshTenantId()), id);
    expect(foreign).toEqual(await productDelete(admin(freshTenantId()), 'prod_none'));
    expect(faultsOf(foreign)).toEqual(['id NOT_FOUND']);
    expect(await productDelete(admin(victim), id, 2)).toMatchObject({
      deletedProductId: null,
      userErrors: [{ field: ['expectedVersion'], code: 'STALE_VERSION' }],
    });
    await expect(productDelete(customer(victim), id)).rejects.toThrow('FORBIDDEN');
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('deletes everything that belongs to a product, and frees its slug and SKUs', async () => {
    const tenantId = freshTenantId();
    const input = productInput({ slug: 'one', categoryIds: [await category(admin(tenantId), 'A')] });
    const { id } = await makeProduct(product, admin(tenantId), input);
    expect(await productDelete(admin(tenantId), id, 1)).toEqual({ deletedProductId: id, userErrors: [] });
    for (const table of ['products', 'product_variants', 'product_options', 'product_categories']) {
      expect(await asOwner(product.ownerUrl, tenantId, `SELECT 1 FROM ${table}`)).toEqual([]);
    }
    expect((await makeProduct(product, admin(tenantId), input)).slug).toBe('one');
  });

  it('is IN_USE while an order has reserved stock of it, and succeeds once that was sold or released', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const stock = (query: string) => product.ask(service(tenantId), `mutation { ${query} }`);
    await stock(
      `stockReserve(orderId: "ord_1", lines: [{ variantId: "${variantId}", quantity: 2 }]) { userErrors { code } }`,
    );
    expect(faultsOf(await productDelete(admin(tenantId), id))).toEqual(['id IN_USE']);
    await stock('stockRelease(orderId: "ord_1") { changed }');
    expect(faultsOf(await productDelete(admin(tenantId), id))).toEqual([]);
  });
});
