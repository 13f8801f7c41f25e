import type { SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { admin } from '../../shared/test/askSubgraph';

const MUTATIONS = {
  shippingZoneCreate: 'ShippingZoneCreateInput',
  shippingRateCreate: 'ShippingRateCreateInput',
  taxRateCreate: 'TaxRateCreateInput',
  taxSettingsUpdate: 'TaxSettingsUpdateInput',
  discountCreate: 'DiscountCreateInput',
};

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

/** Sets a store's pricing rules by the subgraph's own mutations. Each answers with the payload. */
export function pricingRulesOf(subgraph: SubgraphUnderTest, tenantId: string) {
  const send = async (name: keyof typeof MUTATIONS, selection: string, input: object) => {
    const query = `mutation ($input: ${MUTATIONS[name]}!) { ${name}(input: $input) { ${selection} userErrors { field code message } } }`;
    const { data, errors } = await subgraph.ask(admin(tenantId), query, { input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data[name];
  };
  return {
    shippingRate: (input: object = {}) =>
      send('shippingRateCreate', 'shippingRate { id version name zone { id } }', {
        name: 'Post',
        price: usd('5.00'),
        ...input,
      }),
    shippingZone: (input: object = {}) =>
      send('shippingZoneCreate', 'shippingZone { id version }', { name: 'Zone', ...input }),
    taxRate: (input: object = {}) =>
      send('taxRateCreate', 'taxRate { id version province rate }', {
        countryCode: 'US',
        name: 'Sales tax',
        rate: '10',
        ...input,
      }),
    taxSettings: (input: object) => send('taxSettingsUpdate', 'taxSettings { pricesIncludeTax rounding }', input),
    pricesIncludeTax: (pricesIncludeTax: boolean) =>
      send('taxSettingsUpdate', 'taxSettings { pricesIncludeTax }', { pricesIncludeTax }),
    discount: (input: object = {}) =>
      send('discountCreate', 'discount { id version code uses }', { title: 'Off', basisPoints: 1_000, ...input }),
  };
}

export async function usesOf(subgraph: SubgraphUnderTest, tenantId: string, id: string): Promise<number> {
  const { data } = await subgraph.ask(admin(tenantId), 'query ($id: ID!) { discount(id: $id) { uses } }', { id });
  return data.discount.uses;
}
