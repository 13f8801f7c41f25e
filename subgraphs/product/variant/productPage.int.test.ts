import { randomUUID } from 'node:crypto';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const chosen = (combination: string) =>
  combination.split('/').map((value, at) => ({ option: ['Color', 'Size'][at], value }));

/** In red and blue, S to L: of the red S there are none left, and of the blue one only an M is made. */
async function shirt(tenantId: string, changes: object = {}) {
  const sku = randomUUID().slice(0, 8);
  const stock = { 'Red/S': 0, 'Red/M': 2, 'Red/L': 1, 'Blue/M': 0 };
  return makeProduct(product, admin(tenantId), {
    status: 'ACTIVE',
    options: [
      { name: 'Color', values: ['Red', 'Blue'] },
      { name: 'Size', values: ['S', 'M', 'L', 'XL'] },
    ],
    variants: Object.entries(stock).map(([combination, quantityOnHand]) => ({
      sku: `${sku}-${combination}`,
      price: { amount: '10', currencyCode: 'USD' },
      quantityOnHand,
      optionValues: chosen(combination),
      ...changes,
    })),
  });
}

const PAGE = `query ($id: ID!, $selectedOptions: [OptionValueInput!]!) { product(id: $id) {
  variantBySelectedOptions(selectedOptions: $selectedOptions) { sku }
  compareAtPriceRange { min { amount } max { amount currencyCode } }
  options { name optionValues { value availableForSale inColor: availableForSale(selectedOptions: $selectedOptions)
    firstSelectableVariant { sku } } } } }`;

async function page(tenantId: string, id: string, selectedOptions: object[]) {
  const { data, errors } = await product.ask(visitor(tenantId), PAGE, { id, selectedOptions });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.product;
}
const skuEnd = (variant: { sku: string } | null) => variant?.sku.slice('12345678-'.length);

describe('a product page', () => {
  it.each([
    ['a combination that is not made', 'Blue/S'],
    ['a value that is none', 'Red/XXL'],
    ['less than one value an option', 'Red'],
    ['an option too many', 'Red/M/Wool'],
  ])('has no variant by %s', async (_what, combination) => {
    const tenantId = freshTenantId();
    const { id } = await shirt(tenantId);
    const selected = combination
      .split('/')
      .map((value, at) => ({ option: ['Color', 'Size', 'Fabric'][at] ?? '', value }));
    expect((await page(tenantId, id, selected)).variantBySelectedOptions).toBeNull();
  });

  it('finds a variant by its options in any order, and the one variant of a product without options by none', async () => {
    const tenantId = freshTenantId();
    const { id } = await shirt(tenantId);
    const { variantBySelectedOptions } = await page(tenantId, id, chosen('Red/M').toReversed());
    expect(skuEnd(variantBySelectedOptions)).toBe('Red/M');
    const plain = await makeProduct(product, admin(tenantId), { status: 'ACTIVE' });
    expect((await page(tenantId, plain.id, [])).variantBySelectedOptions).toEqual({ sku: expect.any(String) });
  });

  it('shows of each value whether it can be bought, at all and in the chosen color, and where to go from it', async () => {
    const tenantId = freshTenantId();
    const { id } = await shirt(tenantId);
    const [colors, sizes] = (await page(tenantId, id, [{ option: 'Color', value: 'Blue' }])).options;
    const shown = (option: typeof colors) =>
      option.optionValues.map(
        (one: {
          value: string;
          availableForSale: boolean;
          inColor: boolean;
          firstSelectableVariant: { sku: string };
        }) => [one.value, one.availableForSale, one.inColor, skuEnd(one.firstSelectableVariant)].join(' '),
      );
    expect(shown(colors)).toEqual(['Red true true Red/M', 'Blue false false Blue/M']);
    expect(shown(sizes)).toEqual([
      'S false false Red/S',
      'M true false Red/M',
      'L true false Red/L',
      'XL false false ',
    ]);
  });

  it('has a range of former prices once a variant is reduced', async () => {
    const tenantId = freshTenantId();
    const { id } = await shirt(tenantId);
    expect((await page(tenantId, id, [])).compareAtPriceRange).toBeNull();
    const reduced = await shirt(tenantId, { compareAtPrice: { amount: '12.50', currencyCode: 'USD' } });
    expect((await page(tenantId, reduced.id, [])).compareAtPriceRange).toEqual({
      min: { amount: '12.50' },
      max: { amount: '12.50', currencyCode: 'USD' },
    });
  });
});
