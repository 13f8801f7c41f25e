import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, service } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { change, faultsOf, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const ANSWER = `product { id name slug status externalReference vendor version options { name values } metafields { key }
  priceRange { min { amount } max { amount } }
  variants { nodes { id sku version quantityAvailable price { amount } optionValues { value } } } }`;

const productSet = (caller: Caller, identifier: object, input: object) =>
  change(
    product,
    caller,
    'productSet',
    { identifier: 'ProductIdentifierInput!', input: 'ProductSetInput!' },
    { identifier, input },
    ANSWER,
  );

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const variant = (sku: string, size: string, price: string, changes: object = {}) => ({
  sku,
  price: usd(price),
  optionValues: [{ option: 'Size', value: size }],
  ...changes,
});
const SHIRT = {
  name: 'Shirt',
  status: 'ACTIVE',
  options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
  variants: [variant('S', 'S', '10', { quantityOnHand: 5 }), variant('M', 'M', '20', { quantityOnHand: 5 })],
};
const skusOf = ({ product: { variants } }: Awaited<ReturnType<typeof productSet>>) =>
  variants.nodes.map(({ sku }: { sku: string }) => sku).join('');

it('is refused to customers, and for another store’s id as for an unknown one', async () => {
  const victim = freshTenantId('victim');
  const { id } = await makeProduct(product, admin(victim));
  const before = await checksumOfTenant(product.ownerUrl, victim);
  const foreign = await productSet(admin(freshTenantId()), { id }, SHIRT);
  expect(foreign).toEqual(await productSet(admin(freshTenantId()), { id: 'prod_none' }, SHIRT));
  expect(faultsOf(foreign)).toEqual(['identifier.id NOT_FOUND']);
  await expect(productSet(customer(victim), { id }, SHIRT)).rejects.toThrow('FORBIDDEN');
  expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
});

it('answers BAD_USER_INPUT for no identifier and for two', async () => {
  for (const identifier of [{}, { slug: 'a', externalReference: 'b' }]) {
    await expect(productSet(admin(freshTenantId()), identifier, SHIRT)).rejects.toThrow('BAD_USER_INPUT');
  }
});

it('needs a name and variants to create a product', async () => {
  const refused = await productSet(admin(freshTenantId()), { slug: 'shirt' }, { vendor: 'Nike' });
  expect(faultsOf(refused)).toEqual(['input.name REQUIRED', 'input.variants REQUIRED']);
});

it.each(['slug', 'externalReference'])(
  'by %s adds the product, and changes the same one the next time',
  async (name) => {
    const tenantId = freshTenantId();
    const first = await productSet(admin(tenantId), { [name]: 'shirt-1' }, SHIRT);
    expect(first.product).toMatchObject({ name: 'Shirt', [name]: 'shirt-1', version: 1 });
    const second = await productSet(admin(tenantId), { [name]: 'shirt-1' }, { vendor: 'Nike' });
    expect(second.product).toMatchObject({ id: first.product.id, name: 'Shirt', vendor: 'Nike', version: 2 });
    const elsewhere = await productSet(admin(freshTenantId()), { [name]: 'shirt-1' }, SHIRT);
    expect(elsewhere.product.id).not.toBe(first.product.id);
  },
);

it('by id changes the given fields; with an old version it is STALE_VERSION with the current product', async () => {
  const caller = admin(freshTenantId());
  const { product: made } = await productSet(caller, { slug: 'shirt' }, SHIRT);
  const done = await productSet(caller, { id: made.id }, { vendor: 'Nike', expectedVersion: 1 });
  const stale = await productSet(caller, { id: made.id }, { vendor: 'Puma', expectedVersion: 1 });
  expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
  expect(stale.product).toEqual(done.product);
});

it('sent many times concurrently creates one product', async () => {
  const caller = admin(freshTenantId());
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => productSet(caller, { externalReference: 'erp-1' }, SHIRT)),
  );
  expect(answers.flatMap(faultsOf)).toEqual([]);
  expect(new Set(answers.map(({ product: { id } }) => id)).size).toBe(1);
  const { data } = await product.ask(caller, '{ products { totalCount } }');
  expect(data.products.totalCount).toBe(1);
});

it('replaces the variants by the list: the same SKU keeps its id and stock, missing ones are deleted, new ones added', async () => {
  const caller = admin(freshTenantId());
  const { product: before } = await productSet(caller, { slug: 'shirt' }, SHIRT);
  const [small, medium] = before.variants.nodes;
  const after = await productSet(
    caller,
    { slug: 'shirt' },
    {
      options: [{ name: 'Size', values: ['M', 'L'] }],
      variants: [variant('L', 'L', '30', { quantityOnHand: 7 }), variant('M', 'M', '25', { quantityOnHand: 99 })],
    },
  );
  expect(skusOf(after)).toBe('LM');
  const [large, same] = after.product.variants.nodes;
  expect(same).toMatchObject({ id: medium.id, quantityAvailable: 5, price: { amount: '25.00' }, version: 2 });
  expect(large).toMatchObject({ quantityAvailable: 7, version: 1 });
  expect(after.product.priceRange).toEqual({ min: { amount: '25.00' }, max: { amount: '30.00' } });
  const { data } = await product.ask(caller, `{ productVariant(id: "${small.id}") { id } }`);
  expect(data.productVariant).toBeNull();
});

it('sent again leaves variants unchanged; two variants can swap values', async () => {
  const caller = admin(freshTenantId());
  await productSet(caller, { slug: 'shirt' }, SHIRT);
  const same = await productSet(caller, { slug: 'shirt' }, SHIRT);
  expect(same.product.variants.nodes.map(({ version }: { version: number }) => version)).toEqual([1, 1]);
  const exchanged = await productSet(
    caller,
    { slug: 'shirt' },
    { variants: [variant('S', 'M', '10'), variant('M', 'S', '20')] },
  );
  expect(
    exchanged.product.variants.nodes.map(
      ({ optionValues }: { optionValues: { value: string }[] }) => optionValues[0]?.value,
    ),
  ).toEqual(['M', 'S']);
});

it('sent again makes no new version and no event; a difference makes both', async () => {
  const caller = admin(freshTenantId());
  const whole = {
    ...SHIRT,
    tags: ['a'],
    metafields: [{ namespace: 'care', key: 'washing', type: 'SINGLE_LINE_TEXT', value: '30' }],
    images: [{ url: 'https://x.example/a.png', altText: 'A' }, { url: 'https://x.example/b.png' }],
    variants: SHIRT.variants.map((given, index) => ({
      ...given,
      imagePosition: index,
      metafields: [{ namespace: 'erp', key: 'id', type: 'NUMBER_INTEGER', value: String(index) }],
    })),
  };
  const first = await productSet(caller, { externalReference: 'erp-1' }, whole);
  expect(faultsOf(first)).toEqual([]);
  const events = () =>
    asOwner(
      product.ownerUrl,
      caller.tenantId ?? '',
      'SELECT type, aggregate_version FROM outbox_events ORDER BY position',
    );
  const before = [await checksumOfTenant(product.ownerUrl, caller.tenantId ?? ''), await events()];
  const again = await productSet(caller, { externalReference: 'erp-1' }, { ...whole, expectedVersion: 1 });
  expect(again).toEqual(first);
  expect([await checksumOfTenant(product.ownerUrl, caller.tenantId ?? ''), await events()]).toEqual(before);

  let version = 1;
  for (const different of [
    { tags: ['b'] },
    { images: [] },
    { metafields: null },
    { variants: whole.variants.map((given) => ({ ...given, imagePosition: null, metafields: [] })) },
    { options: [{ name: 'Size', values: ['S', 'M'] }], variants: SHIRT.variants },
  ]) {
    for (let n = 0; n < 2; n += 1) {
      const { product: set, userErrors } = await productSet(caller, { externalReference: 'erp-1' }, different);
      expect([userErrors, set.version]).toEqual([[], version + 1]);
    }
    version += 1;
  }
});

it('replaces the images by the list: matched by id or address they keep their ids, missing ones are deleted, new ones added', async () => {
  const caller = admin(freshTenantId());
  const at = (name: string) => `https://x.example/${name}.png`;
  const images = 'product { images { id url altText } variants { nodes { image { url } } } }';
  const set = (input: object) =>
    change(
      product,
      caller,
      'productSet',
      { identifier: 'ProductIdentifierInput!', input: 'ProductSetInput!' },
      { identifier: { slug: 'shirt' }, input },
      images,
    );
  const made = await set({
    ...SHIRT,
    images: [{ url: at('a'), altText: 'A' }, { url: at('b') }],
    variants: SHIRT.variants.map((given) => ({ ...given, imagePosition: 0 })),
  });
  const [a, b] = made.product.images;
  const after = await set({ images: [{ url: at('c') }, { id: b.id, altText: 'B' }] });
  expect(after.product.images).toEqual([
    { id: expect.any(String), url: at('c'), altText: null },
    { ...b, altText: 'B' },
  ]);
  expect(after.product.variants.nodes).toEqual([{ image: null }, { image: null }]);
  expect((await set({ images: [{ url: at('b') }] })).product.images).toEqual([{ ...b, altText: 'B' }]);
  const refused = await Promise.all([
    set({ images: [{ id: a.id }] }),
    set({ images: [{ id: b.id }, { id: b.id }] }),
    set({ images: [{}] }),
    set({ images: [{ url: 'http://x.example/a.png' }] }),
    set({ variants: [{ ...variant('S', 'S', '10'), imagePosition: 1 }] }),
  ]);
  expect(refused.flatMap(faultsOf)).toEqual([
    'input.images.0.id NOT_FOUND',
    'input.images.1.id INVALID',
    'input.images.0 INVALID',
    'input.images.0.url INVALID',
    'input.variants.0.imagePosition INVALID',
  ]);
});

it('is IN_USE when a variant with reserved stock would be deleted, and TAKEN for another product’s SKU; nothing changes', async () => {
  const tenantId = freshTenantId();
  const other = await makeProduct(product, admin(tenantId));
  const { product: made } = await productSet(admin(tenantId), { slug: 'shirt' }, SHIRT);
  await product.ask(
    service(tenantId),
    `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${made.variants.nodes[0].id}", quantity: 1 }]) { userErrors { code } } }`,
  );
  const before = await checksumOfTenant(product.ownerUrl, tenantId);
  const without = await productSet(
    admin(tenantId),
    { slug: 'shirt' },
    { name: 'B', variants: [variant('M', 'M', '20')] },
  );
  expect(faultsOf(without)).toEqual(['input.variants IN_USE']);
  const taken = await productSet(
    admin(tenantId),
    { slug: 'shirt' },
    { variants: [...SHIRT.variants, variant(other.sku, 'L', '1')] },
  );
  expect(faultsOf(taken)).toEqual(['input.variants.2.sku TAKEN']);
  const alone = await productSet(admin(tenantId), { slug: 'shirt' }, { options: SHIRT.options });
  expect(faultsOf(alone)).toEqual(['input.variants REQUIRED']);
  const twice = await productSet(
    admin(tenantId),
    { slug: 'shirt' },
    { variants: [variant('S', 'S', '1'), variant('X', 'S', '1')] },
  );
  expect(faultsOf(twice)).toEqual(['input.variants.1.optionValues INVALID']);
  expect(await checksumOfTenant(product.ownerUrl, tenantId)).toEqual(before);
});
