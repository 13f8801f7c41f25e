import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, service } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { change, faultsOf, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const ANSWER = `productVariant { id sku version position price { amount currencyCode } compareAtPrice { amount } unitCost { amount }
  optionValues { value } product { version priceRange { min { amount } max { amount currencyCode } } variants { nodes { sku } } } }`;

const variantCreate = (caller: Caller, productId: string, input: object) =>
  change(
    product,
    caller,
    'productVariantCreate',
    { productId: 'ID!', input: 'ProductVariantInput!' },
    { productId, input },
    ANSWER,
  );
const variantUpdate = (caller: Caller, id: string, input: object) =>
  change(
    product,
    caller,
    'productVariantUpdate',
    { id: 'ID!', input: 'ProductVariantUpdateInput!' },
    { id, input },
    ANSWER,
  );
const variantDelete = (caller: Caller, id: string) =>
  change(product, caller, 'productVariantDelete', { id: 'ID!' }, { id }, 'deletedProductVariantId');

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const size = (value: string) => [{ option: 'Size', value }];
const newSku = () => `SKU-${randomUUID().slice(0, 8)}`;

/** A product in two of its three sizes, at 10 and 20 dollars. */
async function makeShirt(caller: Caller) {
  const { id } = await makeProduct(product, caller, {
    options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
    variants: [
      { sku: newSku(), price: usd('10'), optionValues: size('S') },
      { sku: newSku(), price: usd('20'), optionValues: size('M') },
    ],
  });
  const query = 'query ($id: ID!) { product(id: $id) { variants { nodes { id sku } } } }';
  const { data } = await product.ask(caller, query, { id });
  return { id, variants: data.product.variants.nodes as { id: string; sku: string }[] };
}
const prices = async (caller: Caller, id: string) => {
  const query = 'query ($id: ID!) { product(id: $id) { priceRange { min { amount } max { amount } } } }';
  const { min, max } = (await product.ask(caller, query, { id })).data.product.priceRange;
  return `${min.amount}–${max.amount}`;
};

describe('variants of another store', () => {
  it('are NOT_FOUND, as unknown ones, and nothing of them changes', async () => {
    const [victim, attacker] = [freshTenantId('victim'), admin(freshTenantId('attacker'))];
    const theirs = await makeShirt(admin(victim));
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const [variant] = theirs.variants;
    const input = { sku: 'X', price: usd('1') };
    const foreign = [
      await variantCreate(attacker, theirs.id, input),
      await variantUpdate(attacker, variant?.id ?? '', input),
      await variantDelete(attacker, variant?.id ?? ''),
    ];
    expect(foreign).toEqual([
      await variantCreate(attacker, 'prod_none', input),
      await variantUpdate(attacker, 'pvar_none', input),
      await variantDelete(attacker, 'pvar_none'),
    ]);
    expect(foreign.map(faultsOf)).toEqual([['productId NOT_FOUND'], ['id NOT_FOUND'], ['id NOT_FOUND']]);
    for (const work of [
      variantUpdate(customer(victim), variant?.id ?? '', {}),
      variantDelete(customer(victim), variant?.id ?? ''),
    ]) {
      await expect(work).rejects.toThrow('FORBIDDEN');
    }
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('leave their SKUs free for this store', async () => {
    const theirs = await makeShirt(admin(freshTenantId()));
    const caller = admin(freshTenantId());
    const { id } = await makeShirt(caller);
    const [variant] = theirs.variants;
    const made = await variantCreate(caller, id, { sku: variant?.sku, price: usd('1'), optionValues: size('L') });
    expect(made.productVariant.sku).toBe(variant?.sku);
  });
});

describe('productVariantCreate', () => {
  it('refuses a repeated combination, an unknown option value, a taken SKU and another currency, and changes nothing', async () => {
    const caller = admin(freshTenantId());
    const { id, variants } = await makeShirt(caller);
    const before = await checksumOfTenant(product.ownerUrl, caller.tenantId ?? '');
    const refused = async (input: object) =>
      faultsOf(await variantCreate(caller, id, { sku: newSku(), price: usd('1'), optionValues: size('L'), ...input }));
    expect(await refused({ optionValues: size('S') })).toEqual(['input.optionValues TAKEN']);
    expect(await refused({ optionValues: size('XXL') })).toEqual(['input.optionValues INVALID']);
    expect(await refused({ optionValues: [] })).toEqual(['input.optionValues INVALID']);
    expect(await refused({ sku: variants[0]?.sku })).toEqual(['input.sku TAKEN']);
    expect(await refused({ price: { amount: '1', currencyCode: 'EUR' } })).toEqual([
      'input.price.currencyCode INVALID',
    ]);
    expect(await refused({ sku: '', quantityOnHand: -1 })).toEqual([
      'input.sku REQUIRED',
      'input.quantityOnHand INVALID',
    ]);
    expect(await checksumOfTenant(product.ownerUrl, caller.tenantId ?? '')).toEqual(before);
  });

  it('adds a variant after the others, and updates the price range', async () => {
    const caller = admin(freshTenantId());
    const { id } = await makeShirt(caller);
    const made = await variantCreate(caller, id, { sku: newSku(), price: usd('5'), optionValues: size('L') });
    expect(made.productVariant).toMatchObject({
      position: 2,
      product: { version: 2, priceRange: { min: { amount: '5.00' }, max: { amount: '20.00' } } },
    });
  });

  it('of many concurrent ones for the same combination adds one', async () => {
    const caller = admin(freshTenantId());
    const { id } = await makeShirt(caller);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        variantCreate(caller, id, { sku: newSku(), price: usd('5'), optionValues: size('L') }),
      ),
    );
    expect(answers.map(faultsOf).sort()).toEqual([[], ...Array(5).fill(['input.optionValues TAKEN'])]);
  });

  it('refuses the 101st', async () => {
    const caller = admin(freshTenantId());
    const values = Array.from({ length: 100 }, (_, n) => String(n));
    const variants = values.map((value) => ({ sku: newSku(), price: usd('1'), optionValues: size(value) }));
    const { id } = await makeProduct(product, caller, { options: [{ name: 'Size', values }], variants });
    const refused = await variantCreate(caller, id, { sku: newSku(), price: usd('1'), optionValues: size('1') });
    expect(faultsOf(refused)).toEqual(['productId INVALID']);
  });
});

describe('productVariantUpdate', () => {
  it('refuses a taken SKU or combination, a second currency, and null for a required field', async () => {
    const caller = admin(freshTenantId());
    const { variants } = await makeShirt(caller);
    const [first, second] = variants;
    const refused = async (input: object) => faultsOf(await variantUpdate(caller, first?.id ?? '', input));
    expect(await refused({ sku: second?.sku })).toEqual(['input.sku TAKEN']);
    expect(await refused({ optionValues: size('M') })).toEqual(['input.optionValues TAKEN']);
    expect(await refused({ price: { amount: '1', currencyCode: 'JPY' } })).toEqual([
      'input.price.currencyCode INVALID',
    ]);
    expect(await refused({ unitCost: { amount: '1', currencyCode: 'JPY' } })).toEqual([
      'input.unitCost.currencyCode INVALID',
    ]);
    expect(await refused({ sku: null, price: null, optionValues: null, position: null })).toEqual(
      ['sku', 'price', 'optionValues', 'position'].map((name) => `input.${name} REQUIRED`),
    );
  });

  it('changes the given fields only, and the price range in the same transaction', async () => {
    const caller = admin(freshTenantId());
    const { id, variants } = await makeShirt(caller);
    const [first] = variants;
    const dearer = await variantUpdate(caller, first?.id ?? '', { price: usd('99'), compareAtPrice: usd('120') });
    expect(dearer.productVariant).toMatchObject({ sku: first?.sku, version: 2, compareAtPrice: { amount: '120.00' } });
    expect(await prices(caller, id)).toBe('20.00–99.00');
    const moved = await variantUpdate(caller, first?.id ?? '', { optionValues: size('L'), compareAtPrice: null });
    expect(moved.productVariant).toMatchObject({ optionValues: [{ value: 'L' }], compareAtPrice: null, version: 3 });
  });

  it('lets a product’s only variant change its currency, which clears amounts in the old one', async () => {
    const caller = admin(freshTenantId());
    const { variantId } = await makeProduct(product, caller);
    await variantUpdate(caller, variantId, { unitCost: usd('3') });
    const { productVariant } = await variantUpdate(caller, variantId, {
      price: { amount: '500', currencyCode: 'JPY' },
    });
    expect(productVariant).toMatchObject({
      price: { amount: '500', currencyCode: 'JPY' },
      unitCost: null,
      product: { priceRange: { max: { amount: '500', currencyCode: 'JPY' } } },
    });
  });

  it('with an old version is STALE_VERSION with the current variant; a sale makes no new version', async () => {
    const tenantId = freshTenantId();
    const { variantId } = await makeProduct(product, admin(tenantId));
    await product.ask(
      service(tenantId),
      `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${variantId}", quantity: 1 }]) { userErrors { code } } }`,
    );
    const change = (amount: string) =>
      variantUpdate(admin(tenantId), variantId, { price: usd(amount), expectedVersion: 1 });
    const answers = await Promise.all([change('1'), change('2')]);
    const [stale] = answers.filter(({ userErrors }) => userErrors.length > 0);
    const [done] = answers.filter(({ userErrors }) => userErrors.length === 0);
    expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
    expect(stale.productVariant).toEqual(done.productVariant);
  });

  it('moves a variant to another position among its siblings', async () => {
    const caller = admin(freshTenantId());
    const { id, variants } = await makeShirt(caller);
    const skus = variants.map(({ sku }) => sku);
    await variantCreate(caller, id, { sku: 'LAST', price: usd('1'), optionValues: size('L') });
    const move = async (variantId: string | undefined, position: number) => {
      const { productVariant } = await variantUpdate(caller, variantId ?? '', { position });
      return productVariant.product.variants.nodes.map(({ sku }: { sku: string }) => sku);
    };
    expect(await move(variants[1]?.id, 0)).toEqual([skus[1], skus[0], 'LAST']);
    expect(await move(variants[1]?.id, 1)).toEqual([skus[0], skus[1], 'LAST']);
    expect(await move(variants[0]?.id, 99)).toEqual([skus[1], 'LAST', skus[0]]);
  });
});

describe('productVariantDelete', () => {
  it('deletes a variant and updates the price range, but never the last one, also of two concurrent requests', async () => {
    const caller = admin(freshTenantId());
    const { id, variants } = await makeShirt(caller);
    const answers = await Promise.all(variants.map((variant) => variantDelete(caller, variant.id)));
    expect(answers.map(faultsOf).sort()).toEqual([[], ['id REQUIRED']]);
    expect(['10.00–10.00', '20.00–20.00']).toContain(await prices(caller, id));
  });

  it('is IN_USE while an order has reserved stock of it', async () => {
    const tenantId = freshTenantId();
    const { id, variants } = await makeShirt(admin(tenantId));
    const made = await variantCreate(admin(tenantId), id, {
      sku: newSku(),
      price: usd('5'),
      optionValues: size('L'),
      quantityOnHand: 5,
    });
    const variantId = made.productVariant.id;
    await product.ask(
      service(tenantId),
      `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${variantId}", quantity: 1 }]) { userErrors { code } } }`,
    );
    expect(faultsOf(await variantDelete(admin(tenantId), variantId))).toEqual(['id IN_USE']);
    expect(faultsOf(await variantDelete(admin(tenantId), variants[0]?.id ?? ''))).toEqual([]);
  });
});
