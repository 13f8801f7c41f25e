import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { change, faultsOf, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const ARGS = { productId: 'ID!', variants: '[ProductVariantsBulkInput!]!' };
const SHOWN =
  'product { version priceRange { min { amount } max { amount } } variants { nodes { sku version price { amount } barcode } } }';
const bulkUpdate = (caller: Caller, productId: string, variants: object[]) =>
  change(product, caller, 'productVariantsBulkUpdate', ARGS, { productId, variants }, SHOWN);

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

/** A product in S, M and L, at 10, 20 and 30 dollars. */
async function makeShirt(caller: Caller) {
  const sizes = ['S', 'M', 'L'];
  const { id } = await makeProduct(product, caller, {
    options: [{ name: 'Size', values: [...sizes, 'XL'] }],
    variants: sizes.map((value, n) => ({
      sku: `SHIRT-${value}`,
      price: usd(`${n + 1}0`),
      optionValues: [{ option: 'Size', value }],
    })),
  });
  const { data } = await product.ask(caller, 'query ($id: ID!) { product(id: $id) { variants { nodes { id } } } }', {
    id,
  });
  const [s = '', m = '', l = ''] = data.product.variants.nodes.map((variant: { id: string }) => variant.id);
  return { id, s, m, l };
}

it('is refused to shoppers, and answers NOT_FOUND for another store’s product and variants, as for unknown ones', async () => {
  const [victim, attacker] = [freshTenantId(), admin(freshTenantId())];
  const [theirs, own] = [await makeShirt(admin(victim)), await makeShirt(attacker)];
  const before = await checksumOfTenant(product.ownerUrl, victim);
  const price = { price: usd('1') };
  await expect(bulkUpdate(customer(victim), theirs.id, [{ id: theirs.s, input: price }])).rejects.toThrow('FORBIDDEN');
  for (const [productId, id, random] of [
    [theirs.id, theirs.s, ['prod_none', theirs.s]],
    [own.id, theirs.s, [own.id, 'pvar_none']],
  ] as const) {
    const foreign = await bulkUpdate(attacker, productId, [{ id, input: price }]);
    expect(foreign).toEqual(await bulkUpdate(attacker, random[0], [{ id: random[1], input: price }]));
    expect(foreign.userErrors[0].code).toBe('NOT_FOUND');
  }
  expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
});

it('changes all or none, and returns the errors of each', async () => {
  const tenantId = freshTenantId();
  const caller = admin(tenantId);
  const { id, s, m, l } = await makeShirt(caller);
  const { variantId } = await makeProduct(product, caller, { variants: [{ sku: 'TAKEN', price: usd('1') }] });
  const before = await checksumOfTenant(product.ownerUrl, tenantId);
  const refused = async (...variants: object[]) => faultsOf(await bulkUpdate(caller, id, variants));
  const good = { id: s, input: { price: usd('11') } };

  expect(await refused()).toEqual(['variants REQUIRED']);
  expect(await refused(...Array(101).fill(good))).toEqual(['variants INVALID']);
  expect(await refused(good, good)).toEqual(['variants.1.id INVALID']);
  expect(await refused(good, { id: 'pvar_none', input: {} }, { id: variantId, input: {} })).toEqual([
    'variants.1.id NOT_FOUND',
    'variants.2.id NOT_FOUND',
  ]);
  expect(await refused(good, { id: m, input: { sku: '', position: -1 } }, { id: l, input: { price: null } })).toEqual([
    'variants.1.input.sku REQUIRED',
    'variants.1.input.position INVALID',
    'variants.2.input.price REQUIRED',
  ]);
  // The first one keeps its SKU: it is not in the other's way.
  expect(await refused({ id: s, input: { sku: 'SHIRT-S' } }, { id: m, input: { sku: 'TAKEN' } })).toEqual([
    'variants.1.input.sku TAKEN',
  ]);
  const taken = { optionValues: [{ option: 'Size', value: 'L' }] };
  expect(await refused(good, { id: m, input: taken })).toEqual(['variants.1.input.optionValues TAKEN']);
  const metafields = [{ namespace: 'a b', key: 'c', type: 'BOOLEAN', value: 'true' }];
  expect(await refused(good, { id: m, input: { metafields } })).toEqual([
    'variants.1.input.metafields.0.namespace INVALID',
  ]);
  expect(await checksumOfTenant(product.ownerUrl, tenantId)).toEqual(before);
});

it('changes the given fields only: one new version of the product, its price range, one event for each price', async () => {
  const tenantId = freshTenantId();
  const caller = admin(tenantId);
  const { id, s, m, l } = await makeShirt(caller);
  const done = await bulkUpdate(caller, id, [
    { id: l, input: { price: usd('5'), position: 0 } },
    // Free by then: the one before has it no longer.
    { id: s, input: { optionValues: [{ option: 'Size', value: 'XL' }] } },
    { id: m, input: { price: usd('25'), barcode: '4006381333931', optionValues: [{ option: 'Size', value: 'S' }] } },
  ]);
  expect(done).toEqual({
    userErrors: [],
    product: {
      version: 2,
      priceRange: { min: { amount: '5.00' }, max: { amount: '25.00' } },
      variants: {
        nodes: [
          { sku: 'SHIRT-L', version: 2, price: { amount: '5.00' }, barcode: null },
          { sku: 'SHIRT-S', version: 2, price: { amount: '10.00' }, barcode: null },
          { sku: 'SHIRT-M', version: 2, price: { amount: '25.00' }, barcode: '4006381333931' },
        ],
      },
    },
  });
  const events = await asOwner<{ type: string }>(
    product.ownerUrl,
    tenantId,
    "SELECT type FROM outbox_events WHERE type IN ('product.updated', 'variant.price_changed') ORDER BY type",
  );
  expect(events.map(({ type }) => type)).toEqual(['product.updated', 'variant.price_changed', 'variant.price_changed']);
});

it('with an old version of one is STALE_VERSION with the current product, and changes none', async () => {
  const tenantId = freshTenantId();
  const caller = admin(tenantId);
  const { id, s, m } = await makeShirt(caller);
  const attempt = (amount: string) =>
    bulkUpdate(caller, id, [
      { id: s, input: { price: usd(amount) } },
      { id: m, input: { price: usd(amount), expectedVersion: 1 } },
    ]);
  const answers = await Promise.all([attempt('1'), attempt('2')]);
  const [stale] = answers.filter(({ userErrors }) => userErrors.length > 0);
  const [done] = answers.filter(({ userErrors }) => userErrors.length === 0);
  expect(faultsOf(stale)).toEqual(['variants.1.input.expectedVersion STALE_VERSION']);
  expect(stale.product).toEqual(done.product);
});
