import type { Caller } from '../../shared/caller';
import { TenantPool } from '../../shared/tenantPool';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { change, faultsOf, makeProduct, productInput } from '../test/factories';
import { startSubgraphHere } from '../test/startSubgraphHere';

let product: Awaited<ReturnType<typeof startSubgraphHere>>;
beforeAll(async () => {
  product = await startSubgraphHere();
});
afterAll(() => product?.close());

const VARIANT = `sku price { amount } compareAtPrice { amount } unitCost { amount } barcode weightGrams optionValues { value }
  quantityAvailable inventoryPolicy lowStockThreshold image { url } metafields { namespace key type value isPublic }`;
const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const images = ['a', 'b'].map((name) => ({ url: `https://x.example/${name}.png` }));
const options = [{ name: 'Size', values: ['S', 'M', 'L'] }];

/** A variant's input with every field. */
const whole = (sku: string, size: string) => ({
  sku,
  price: usd('10.00'),
  compareAtPrice: usd('12.00'),
  unitCost: usd('5.00'),
  barcode: '4006381333931',
  weightGrams: 300,
  optionValues: [{ option: 'Size', value: size }],
  quantityOnHand: 7,
  inventoryPolicy: 'CONTINUE',
  lowStockThreshold: 8,
  imagePosition: 1,
  metafields: [{ namespace: 'erp', key: 'id', type: 'NUMBER_INTEGER', value: '7', isPublic: true }],
});
const shown = (sku: string, size: string) => {
  const { price, compareAtPrice, unitCost, quantityOnHand, imagePosition, ...others } = whole(sku, size);
  const amounts = {
    price: { amount: price.amount },
    compareAtPrice: { amount: '12.00' },
    unitCost: { amount: '5.00' },
  };
  return {
    ...others,
    ...amounts,
    optionValues: [{ value: size }],
    quantityAvailable: quantityOnHand,
    image: { url: images[imagePosition]?.url },
  };
};

const create = (caller: Caller, input: Record<string, unknown>) =>
  change(
    product,
    caller,
    'productCreate',
    { input: 'ProductCreateInput!' },
    { input: productInput(input) },
    `product { id variants { nodes { ${VARIANT} } } }`,
  );
const variantCreate = (caller: Caller, productId: string, input: object) =>
  change(
    product,
    caller,
    'productVariantCreate',
    { productId: 'ID!', input: 'ProductVariantInput!' },
    { productId, input },
    `productVariant { ${VARIANT} }`,
  );

it('productCreate accepts every field of its variants; productVariantCreate accepts the same', async () => {
  const caller = admin(freshTenantId());
  const made = await create(caller, { options, images, variants: [whole('S', 'S'), whole('M', 'M')] });
  expect(made.userErrors).toEqual([]);
  expect(made.product.variants.nodes).toEqual([shown('S', 'S'), shown('M', 'M')]);
  const { productVariant } = await variantCreate(caller, made.product.id, whole('L', 'L'));
  expect(productVariant).toEqual(shown('L', 'L'));
  const { data } = await product.ask(caller, '{ lowStockVariants { nodes { sku } } }');
  expect(data.lowStockVariants.nodes).toHaveLength(3);
});

it('both refuse invalid fields of a variant, each with its path', async () => {
  const caller = admin(freshTenantId());
  const faulty = {
    ...whole('X', 'S'),
    lowStockThreshold: -1,
    imagePosition: 2,
    metafields: [{ namespace: 'erp', key: 'id', type: 'NUMBER_INTEGER', value: 'x' }],
  };
  const fields = ['lowStockThreshold INVALID', 'imagePosition INVALID', 'metafields.0.value INVALID'];
  const refused = await create(caller, { options, images, variants: [faulty] });
  expect(faultsOf(refused)).toEqual(fields.map((field) => `input.variants.0.${field}`));
  const made = await create(caller, { options, images, variants: [whole('M', 'M')] });
  for (const imagePosition of [2, 50]) {
    const misplaced = { ...whole('X', 'S'), imagePosition };
    expect(faultsOf(await variantCreate(caller, made.product.id, misplaced))).toEqual(['input.imagePosition INVALID']);
  }
  const others = { ...faulty, imagePosition: null };
  expect(faultsOf(await variantCreate(caller, made.product.id, others))).toEqual(
    ['lowStockThreshold INVALID', 'metafields.0.value INVALID'].map((field) => `input.${field}`),
  );
});

it('a variant whose product goes off sale during the request has a null product, and the request no error', async () => {
  const tenantId = freshTenantId();
  const { variantId } = await makeProduct(product, admin(tenantId));
  const send = TenantPool.prototype.query;
  const spy = jest.spyOn(TenantPool.prototype, 'query').mockImplementation(async function (
    this: TenantPool,
    statement,
  ) {
    const result = await send.call(this, statement);
    spy.mockRestore();
    await asOwner(product.ownerUrl, tenantId, `UPDATE products SET status = 'ARCHIVED'`);
    return result;
  });
  const { data, errors } = await product.ask(
    visitor(tenantId),
    `{ productVariant(id: "${variantId}") { sku product { name } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data.productVariant).toEqual({ sku: expect.any(String), product: null });
});
