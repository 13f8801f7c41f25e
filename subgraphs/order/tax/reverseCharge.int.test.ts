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

const inFrance = { ...shippingAddress, countryCode: 'FR' };
const toCompany = (vatId: string) => ({
  shippingAddress: inFrance,
  billingAddress: { ...inFrance, name: 'Company', vatId },
});

/** A German store whose prices include tax, 20 % in France; shipping costs 6.00. */
async function germanStore(): Promise<string> {
  const tenantId = freshTenantId();
  const rules = pricingRulesOf(order, tenantId);
  await rules.taxSettings({ pricesIncludeTax: true, countryCode: 'DE' });
  await rules.taxRate({ countryCode: 'FR', name: 'TVA', rate: '20' });
  await rules.shippingRate({ price: { amount: '6.00', currencyCode: 'USD' } });
  return tenantId;
}

it('a VAT id of another shape than its country’s is refused, and so is a country that does not exist', async () => {
  const carts = cartsOf(order, visitor(freshTenantId()));
  expect(codesOf(await carts.create(toCompany('FR123')))).toEqual(['input.billingAddress.vatId INVALID']);
  const settings = await pricingRulesOf(order, freshTenantId()).taxSettings({ countryCode: 'ZZ' });
  expect(codesOf(settings)).toEqual(['input.countryCode INVALID']);
});

it('a business in another member state pays the prices without tax, and its order names the reverse charge', async () => {
  const tenantId = await germanStore();
  const lines = [line('pvar_1', 2)];
  const { cart } = await cartsOf(order, visitor(tenantId)).create({ lines, ...toCompany('fr xx 999 999 999') });
  expect(cart.lines[0]).toMatchObject({ unitPrice: { amount: '125.00' }, totalPrice: { amount: '250.00' } });
  expect(cart.cost).toMatchObject({
    tax: { amount: '0.00' },
    shipping: { amount: '5.00' },
    total: { amount: '255.00' },
  });
  const payload = await orderCreate(
    order,
    customer(tenantId),
    orderInput({ lines, ...toCompany('fr xx 999 999 999') }),
  );
  const query = `query ($id: ID!) { order(id: $id) { reverseCharge pricesIncludeTax taxLines { title } tax { amount }
    shipping { amount } total { amount } billingAddress { vatId } items { unitPrice { amount } totalPrice { amount } } } }`;
  const { data } = await order.ask(admin(tenantId), query, { id: payload.order.id });
  expect(data.order).toEqual({
    reverseCharge: true,
    pricesIncludeTax: false,
    taxLines: [],
    tax: { amount: '0.00' },
    shipping: { amount: '5.00' },
    total: { amount: '255.00' },
    billingAddress: { vatId: 'FRXX999999999' },
    items: [{ unitPrice: { amount: '125.00' }, totalPrice: { amount: '250.00' } }],
  });
});

it('a person there pays them with tax', async () => {
  const tenantId = await germanStore();
  const lines = [line('pvar_1', 2)];
  const payload = await orderCreate(order, customer(tenantId), orderInput({ lines, shippingAddress: inFrance }));
  const query = `query ($id: ID!) { order(id: $id) { reverseCharge tax { amount } total { amount } } }`;
  const { data } = await order.ask(admin(tenantId), query, { id: payload.order.id });
  expect(data.order).toEqual({ reverseCharge: false, tax: { amount: '51.00' }, total: { amount: '306.00' } });
});
