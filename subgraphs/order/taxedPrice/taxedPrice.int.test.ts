import { customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const usd = (amount: string) => ({ __typename: 'Money', amount, currencyCode: 'USD' });

/** References as the gateway sends them, with what the catalog knows. */
const variant = (amount: string, taxClass = 'STANDARD', compareAtPrice: object | null = null) => ({
  __typename: 'ProductVariant',
  id: 'pvar_1',
  price: usd(amount),
  compareAtPrice,
  product: { __typename: 'Product', taxClass },
});

const SUMS =
  '{ gross { amount currencyCode } net { amount } tax { amount } taxLines { title rate amount { amount } } }';

async function ask(tenantId: string, representations: object[], destination: object | null = null) {
  const query = `query ($representations: [_Any!]!, $destination: ShippingDestinationInput) {
    _entities(representations: $representations) {
      ... on ProductVariant { taxedPrice(destination: $destination) ${SUMS} taxedCompareAtPrice(destination: $destination) { gross { amount } } }
      ... on Product { taxedPriceRange(destination: $destination) { min { gross { amount } } max { gross { amount } } } } } }`;
  return order.ask(customer(tenantId), query, { representations, destination });
}

const vat = async (tenantId: string) => {
  const rules = pricingRulesOf(order, tenantId);
  await rules.taxRate({ countryCode: 'DE', name: 'MwSt', rate: '19' });
  await rules.taxRate({ countryCode: 'DE', name: 'MwSt', rate: '7', taxClass: 'REDUCED' });
  await rules.taxRate({ countryCode: 'FR', name: 'TVA', rate: '20' });
  return rules;
};

describe('taxedPrice', () => {
  it('is refused for a country that does not exist', async () => {
    const { data, errors } = await ask(freshTenantId(), [variant('1.00')], { countryCode: 'ZZ' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'destination.countryCode' });
    expect(data._entities[0].taxedPrice).toBeNull();
  });

  it('is null where the tax can’t be told: no place, a province that is not named, no answer of the catalog', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).taxRate({ countryCode: 'CA', province: 'ON', rate: '13' });
    const isNull = { data: { _entities: [{ taxedPrice: null, taxedCompareAtPrice: null }] } };
    expect(await ask(tenantId, [variant('1.00')])).toEqual(isNull);
    expect(await ask(tenantId, [variant('1.00')], { countryCode: 'CA' })).toEqual(isNull);
    const gone = { ...variant('1.00'), product: null };
    expect(await ask(tenantId, [gone], { countryCode: 'FR' })).toEqual(isNull);
  });

  it('is that of the destination, by the class of the goods', async () => {
    const tenantId = freshTenantId();
    await vat(tenantId);
    const all = [variant('100.00', 'STANDARD', usd('200.00')), variant('100.00', 'REDUCED')];
    const { data } = await ask(tenantId, all, { countryCode: 'DE' });
    expect(data._entities).toEqual([
      {
        taxedPrice: {
          gross: { amount: '119.00', currencyCode: 'USD' },
          net: { amount: '100.00' },
          tax: { amount: '19.00' },
          taxLines: [{ title: 'MwSt', rate: '19', amount: { amount: '19.00' } }],
        },
        taxedCompareAtPrice: { gross: { amount: '238.00' } },
      },
      {
        taxedPrice: {
          gross: { amount: '107.00', currencyCode: 'USD' },
          net: { amount: '100.00' },
          tax: { amount: '7.00' },
          taxLines: [{ title: 'MwSt', rate: '7', amount: { amount: '7.00' } }],
        },
        taxedCompareAtPrice: null,
      },
    ]);
  });

  it('is that of the store’s country without a destination, and of no other store', async () => {
    const tenantId = freshTenantId();
    const rules = await vat(tenantId);
    await rules.taxSettings({ countryCode: 'FR', pricesIncludeTax: true });
    const { data } = await ask(tenantId, [variant('120.00')]);
    expect(data._entities[0].taxedPrice).toMatchObject({ net: { amount: '100.00' }, tax: { amount: '20.00' } });
    const elsewhere = await ask(freshTenantId(), [variant('120.00')], { countryCode: 'FR' });
    expect(elsewhere.data._entities[0].taxedPrice).toMatchObject({ net: { amount: '120.00' }, taxLines: [] });
  });

  it('of a product is a range', async () => {
    const tenantId = freshTenantId();
    await vat(tenantId);
    const priceRange = { __typename: 'PriceRange', min: usd('10.00'), max: usd('20.00') };
    const product = { __typename: 'Product', id: 'prod_1', taxClass: 'STANDARD', priceRange };
    const { data } = await ask(tenantId, [product], { countryCode: 'FR' });
    expect(data._entities).toEqual([
      { taxedPriceRange: { min: { gross: { amount: '12.00' } }, max: { gross: { amount: '24.00' } } } },
    ]);
  });
});

it('a reference without a price is answered without one', async () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on ProductVariant { id taxedPrice { net { amount } } } } }`;
  const representations = [{ __typename: 'ProductVariant', id: 'pvar_x' }];
  const { data } = await order.ask(visitor(freshTenantId()), query, { representations });
  expect(data._entities).toEqual([{ id: 'pvar_x', taxedPrice: null }]);
});
