import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const GST = { countryCode: 'CA', name: 'GST', rate: '5' };
const QST = { countryCode: 'CA', province: 'QC', name: 'QST', rate: '9.975', priority: 2 };
const montreal = { ...shippingAddress, countryCode: 'CA', province: 'Québec', postalCode: 'H2X 1Y4' };
const LINES = 'taxLines { title rate amount { amount } }';

const SUMS = `query ($id: ID!) { order(id: $id) { tax { amount } shippingTax { amount } taxRounding total { amount } ${LINES} items { tax { amount } ${LINES} } } }`;

/** An order of 150.00 and 300.00 USD. */
async function bought(tenantId: string, address: object) {
  const lines = [line('pvar_1', 1), line('pvar_2', 2)];
  const payload = await orderCreate(order, customer(tenantId), orderInput({ lines, shippingAddress: address }));
  if (!payload.order) throw new Error(JSON.stringify(payload.userErrors));
  return (await order.ask(admin(tenantId), SUMS, { id: payload.order.id })).data.order;
}

const taxLine = (title: string, rate: string, amount: string) => ({ title, rate, amount: { amount } });

it('a second rate for a place is refused, unless it is of another priority or for other postal codes', async () => {
  const rates = pricingRulesOf(order, freshTenantId());
  const city = { ...GST, postalCodes: ['H2X*'] };
  for (const rate of [GST, { ...GST, priority: 2 }, city]) expect(codesOf(await rates.taxRate(rate))).toEqual([]);
  expect(codesOf(await rates.taxRate({ ...city, postalCodes: ['h2x *'] }))).toEqual(['input.countryCode TAKEN']);
});

it('an order in Quebec shows GST and QST apart, on its lines and shipping, as its cart did', async () => {
  const tenantId = freshTenantId();
  const rates = pricingRulesOf(order, tenantId);
  await rates.taxRate(QST);
  await rates.taxRate(GST);
  await rates.shippingRate({ price: { amount: '10.00', currencyCode: 'USD' } });
  const total = [taxLine('GST', '5', '23.00'), taxLine('QST', '9.975', '45.89')];
  expect(await bought(tenantId, montreal)).toEqual({
    tax: { amount: '68.89' },
    shippingTax: { amount: '1.50' },
    taxRounding: 'LINE',
    total: { amount: '528.89' },
    taxLines: total,
    items: [
      { tax: { amount: '22.46' }, taxLines: [taxLine('GST', '5', '7.50'), taxLine('QST', '9.975', '14.96')] },
      { tax: { amount: '44.93' }, taxLines: [taxLine('GST', '5', '15.00'), taxLine('QST', '9.975', '29.93')] },
    ],
  });
  const lines = [line('pvar_1', 1), line('pvar_2', 2)];
  const { cart } = await cartsOf(order, visitor(tenantId)).create({ lines, shippingAddress: montreal });
  const query = `query ($id: ID!) { cart(id: $id) { cost { ${LINES} } } }`;
  expect((await order.ask(visitor(tenantId), query, { id: cart.id })).data.cart.cost.taxLines).toEqual(total);
});

it('an order in New York City has 8.875 %, and one in Albany the state’s 4 %', async () => {
  const tenantId = freshTenantId();
  const rates = pricingRulesOf(order, tenantId);
  await rates.taxRate({ countryCode: 'US', province: 'NY', name: 'Sales tax', rate: '4' });
  const city = { countryCode: 'US', province: 'NY', postalCodes: ['10001..10292'], name: 'Sales tax', rate: '8.8750' };
  await rates.taxRate(city);
  const inNewYork = (postalCode: string) => ({ ...shippingAddress, province: 'NY', postalCode });
  expect((await bought(tenantId, inNewYork('10027'))).taxLines).toEqual([taxLine('Sales tax', '8.875', '39.94')]);
  expect((await bought(tenantId, inNewYork('12207'))).taxLines).toEqual([taxLine('Sales tax', '4', '18.00')]);
});

it('an order’s tax is rounded once where the store says so, and the order tells', async () => {
  const tenantId = freshTenantId();
  const rates = pricingRulesOf(order, tenantId);
  await rates.taxRate({ countryCode: 'US', name: 'Tax', rate: '0.005' });
  expect((await bought(tenantId, shippingAddress)).tax.amount).toBe('0.03');
  expect((await rates.taxSettings({ rounding: 'ORDER' })).taxSettings).toEqual({
    pricesIncludeTax: false,
    rounding: 'ORDER',
  });
  expect(await bought(tenantId, shippingAddress)).toMatchObject({
    tax: { amount: '0.02' },
    taxRounding: 'ORDER',
    items: [{ tax: { amount: '0.01' } }, { tax: { amount: '0.01' } }],
  });
});
