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

const ANSWER = `product { version options { name values } priceRange { max { amount } }
  variants { nodes { sku optionValues { option value } } } }`;

const optionCreate = (caller: Caller, productId: string, input: object) =>
  change(
    product,
    caller,
    'productOptionCreate',
    { productId: 'ID!', input: 'ProductOptionCreateInput!' },
    { productId, input },
    ANSWER,
  );
const optionUpdate = (caller: Caller, productId: string, option: string, input: object) =>
  change(
    product,
    caller,
    'productOptionUpdate',
    { productId: 'ID!', option: 'String!', input: 'ProductOptionUpdateInput!' },
    { productId, option, input },
    ANSWER,
  );
const optionDelete = (caller: Caller, productId: string, option: string, whenVariantsCollide = 'REFUSE') =>
  change(
    product,
    caller,
    'productOptionDelete',
    { productId: 'ID!', option: 'String!', whenVariantsCollide: 'VariantCollision!', expectedVersion: 'Int' },
    { productId, option, whenVariantsCollide, expectedVersion: null },
    ANSWER,
  );

type Answer = Awaited<ReturnType<typeof optionCreate>>;
/** ["Red/S", …]: each variant's values, in the order of the options. */
const combinations = ({ product: { variants } }: Answer) =>
  variants.nodes.map(({ optionValues }: { optionValues: { value: string }[] }) =>
    optionValues.map(({ value }) => value).join('/'),
  );

/** In red and blue, S and M; the red S costs 10 and each further one 10 more. */
async function makeShirt(caller: Caller) {
  const sku = randomUUID().slice(0, 8);
  const { id } = await makeProduct(product, caller, {
    options: [
      { name: 'Color', values: ['Red', 'Blue'] },
      { name: 'Size', values: ['S', 'M', 'L'] },
    ],
    variants: ['Red/S', 'Red/M', 'Blue/S', 'Blue/M'].map((combination, index) => ({
      sku: `${sku}-${index}`,
      price: { amount: String(10 * (index + 1)), currencyCode: 'USD' },
      quantityOnHand: 5,
      optionValues: combination.split('/').map((value, at) => ({ option: ['Color', 'Size'][at], value })),
    })),
  });
  return id;
}

it('an option of another store’s product is NOT_FOUND, as an unknown one, and nothing of it changes', async () => {
  const [victim, attacker] = [freshTenantId('victim'), admin(freshTenantId('attacker'))];
  const theirs = await makeShirt(admin(victim));
  const before = await checksumOfTenant(product.ownerUrl, victim);
  const work = async (id: string) => [
    await optionCreate(attacker, id, { name: 'Fit', values: ['Slim'] }),
    await optionUpdate(attacker, id, 'Size', { name: 'Mine' }),
    await optionDelete(attacker, id, 'Size', 'KEEP_FIRST'),
  ];
  const foreign = await work(theirs);
  expect(foreign).toEqual(await work('prod_none'));
  expect(foreign.flatMap(faultsOf)).toEqual(Array(3).fill('productId NOT_FOUND'));
  await expect(optionDelete(customer(victim), theirs, 'Size')).rejects.toThrow('FORBIDDEN');
  expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
});

describe('productOptionCreate', () => {
  it('refuses a repeated name, repeated values, an unknown value for existing variants, and a fourth option', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const refused = async (input: object) =>
      faultsOf(await optionCreate(caller, id, { name: 'Fit', values: ['Slim'], ...input }));
    expect(await refused({ name: 'Size' })).toEqual(['input.name TAKEN']);
    expect(await refused({ values: ['Slim', 'Slim'] })).toEqual(['input.values.1 INVALID']);
    expect(await refused({ values: [] })).toEqual(['input.values REQUIRED', 'input.existingVariantsHave INVALID']);
    expect(await refused({ existingVariantsHave: 'Wide' })).toEqual(['input.existingVariantsHave INVALID']);
    expect(await refused({})).toEqual([]);
    expect(await refused({ name: 'Length' })).toEqual(['productId INVALID']);
  });

  it('gives existing variants one of its values, at the requested position', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const answer = await optionCreate(caller, id, {
      name: 'Fit',
      values: ['Slim', 'Wide'],
      existingVariantsHave: 'Wide',
      position: 1,
    });
    expect(answer.product.options.map(({ name }: { name: string }) => name)).toEqual(['Color', 'Fit', 'Size']);
    expect(combinations(answer)).toEqual(['Red/Wide/S', 'Red/Wide/M', 'Blue/Wide/S', 'Blue/Wide/M']);
  });

  it('adds the first option to a product without any', async () => {
    const caller = admin(freshTenantId());
    const { id } = await makeProduct(product, caller);
    expect(combinations(await optionCreate(caller, id, { name: 'Size', values: ['S', 'M'] }))).toEqual(['S']);
  });
});

describe('productOptionUpdate', () => {
  it('renames the option and its values, also in the variants; two values can swap names', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const renamed = await optionUpdate(caller, id, 'Color', {
      name: 'Shade',
      values: [{ value: 'Navy', was: 'Blue' }, { value: 'Red' }],
    });
    expect(renamed.product.options[0]).toEqual({ name: 'Shade', values: ['Navy', 'Red'] });
    expect(combinations(renamed)).toEqual(['Red/S', 'Red/M', 'Navy/S', 'Navy/M']);
    const exchanged = await optionUpdate(caller, id, 'Size', {
      values: [{ value: 'M', was: 'S' }, { value: 'S', was: 'M' }, { value: 'L' }, { value: 'XL' }],
    });
    expect(exchanged.product.options[1].values).toEqual(['M', 'S', 'L', 'XL']);
    expect(combinations(exchanged)).toEqual(['Red/M', 'Red/S', 'Navy/M', 'Navy/S']);
  });

  it('removes an unused value, and answers IN_USE for one that a variant has', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const inUse = await optionUpdate(caller, id, 'Size', { values: [{ value: 'S' }, { value: 'L' }] });
    expect(faultsOf(inUse)).toEqual(['input.values IN_USE']);
    expect(inUse.userErrors[0].message).toContain('M');
    const done = await optionUpdate(caller, id, 'Size', { values: [{ value: 'S' }, { value: 'M' }] });
    expect(done.product.options[1].values).toEqual(['S', 'M']);
  });

  it('moves an option to another position, in its variants too', async () => {
    const caller = admin(freshTenantId());
    const answer = await optionUpdate(caller, await makeShirt(caller), 'Size', { position: 0 });
    expect(combinations(answer)).toEqual(['S/Red', 'M/Red', 'S/Blue', 'M/Blue']);
  });

  it('refuses repeated values, unknown former names, and an unknown option', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const refused = async (values: object[]) => faultsOf(await optionUpdate(caller, id, 'Size', { values }));
    expect(await refused([{ value: 'S' }, { value: 'M' }, { value: 'M' }])).toEqual(['input.values.2.value INVALID']);
    expect(await refused([{ value: 'S' }, { value: 'M' }, { value: 'X', was: 'Y' }])).toEqual([
      'input.values.2.was NOT_FOUND',
    ]);
    expect(await refused([{ value: 'A', was: 'S' }, { value: 'B', was: 'S' }, { value: 'M' }])).toEqual([
      'input.values.1.was INVALID',
    ]);
    expect(faultsOf(await optionUpdate(caller, id, 'Fit', {}))).toEqual(['option NOT_FOUND']);
  });

  it('with an old version of the product is STALE_VERSION with the current product', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    await optionUpdate(caller, id, 'Size', { name: 'Length' });
    const stale = await optionUpdate(caller, id, 'Length', { name: 'Size', expectedVersion: 1 });
    expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
    expect(stale.product).toMatchObject({ version: 2, options: [{ name: 'Color' }, { name: 'Length' }] });
  });
});

describe('productOptionDelete', () => {
  it('is IN_USE when variants differ in nothing else, or on request keeps the first of them', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    const before = await checksumOfTenant(product.ownerUrl, caller.tenantId ?? '');
    expect(faultsOf(await optionDelete(caller, id, 'Size'))).toEqual(['option IN_USE']);
    expect(await checksumOfTenant(product.ownerUrl, caller.tenantId ?? '')).toEqual(before);
    const done = await optionDelete(caller, id, 'Size', 'KEEP_FIRST');
    expect(combinations(done)).toEqual(['Red', 'Blue']);
    expect(done.product.priceRange.max.amount).toBe('30.00');
  });

  it('deletes no variant with reserved stock', async () => {
    const tenantId = freshTenantId();
    const id = await makeShirt(admin(tenantId));
    const { data } = await product.ask(admin(tenantId), `{ product(id: "${id}") { variants { nodes { id } } } }`);
    await product.ask(
      service(tenantId),
      `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${data.product.variants.nodes[3].id}", quantity: 1 }]) { userErrors { code } } }`,
    );
    expect(faultsOf(await optionDelete(admin(tenantId), id, 'Size', 'KEEP_FIRST'))).toEqual(['option IN_USE']);
  });

  it('needs no such request when the variants differ in other options', async () => {
    const caller = admin(freshTenantId());
    const id = await makeShirt(caller);
    await optionCreate(caller, id, { name: 'Fit', values: ['Slim'] });
    expect(combinations(await optionDelete(caller, id, 'Fit'))).toEqual(['Red/S', 'Red/M', 'Blue/S', 'Blue/M']);
  });
});

it('concurrent changes of options and variants leave no variant without a value, and no two equal ones', async () => {
  const caller = admin(freshTenantId());
  const id = await makeShirt(caller);
  const extra = (value: string) => ({
    sku: randomUUID(),
    price: { amount: '1', currencyCode: 'USD' },
    optionValues: [
      { option: 'Color', value: 'Red' },
      { option: 'Size', value },
    ],
  });
  const variantCreate = (value: string) =>
    change(
      product,
      caller,
      'productVariantCreate',
      { productId: 'ID!', input: 'ProductVariantInput!' },
      { productId: id, input: extra(value) },
      'productVariant { id }',
    );
  await Promise.all([
    variantCreate('L'),
    optionUpdate(caller, id, 'Size', { values: [{ value: 'S' }, { value: 'M' }, { value: 'XL', was: 'L' }] }),
    variantCreate('L'),
    optionUpdate(caller, id, 'Size', { values: [{ value: 'S' }, { value: 'M' }] }),
    optionUpdate(caller, id, 'Color', { position: 1 }),
  ]);
  const { data } = await product.ask(caller, `{ product(id: "${id}") { ${ANSWER.replace(/^product \{|\}$/g, '')} } }`);
  const { options } = data.product;
  for (const { optionValues } of data.product.variants.nodes) {
    expect(optionValues.map(({ option }: { option: string }) => option)).toEqual(
      options.map(({ name }: { name: string }) => name),
    );
    for (const [at, { value }] of optionValues.entries()) expect(options[at].values).toContain(value);
  }
  const all = combinations(data);
  expect(new Set(all).size).toBe(all.length);
});
