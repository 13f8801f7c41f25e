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

const VAT = { countryCode: 'DE', name: 'MwSt.', rate: '19' };
const BOOKS = { ...VAT, rate: '7', taxClass: 'REDUCED' };
const inGermany = { ...shippingAddress, countryCode: 'DE' };
const taxLine = (title: string, rate: string, amount: string) => ({ title, rate, amount: { amount } });
const LINES = 'taxLines { title rate amount { amount } }';

it.each(['ZERO', 'EXEMPT'])('a rate for goods that are %s is refused: they need none', async (taxClass) => {
  const payload = await pricingRulesOf(order, freshTenantId()).taxRate({ ...VAT, taxClass });
  expect(codesOf(payload)).toEqual(['input.taxClass INVALID']);
});

it('a second rate for a class and place is refused', async () => {
  const rates = pricingRulesOf(order, freshTenantId());
  for (const rate of [VAT, BOOKS]) expect(codesOf(await rates.taxRate(rate))).toEqual([]);
  expect(codesOf(await rates.taxRate({ ...BOOKS, rate: '8' }))).toEqual(['input.countryCode TAKEN']);
});

it('each item of an order has the taxes of its product’s class, as in its cart', async () => {
  const tenantId = freshTenantId();
  const rates = pricingRulesOf(order, tenantId);
  await rates.taxRate(VAT);
  await rates.taxRate(BOOKS);
  const lines = ['pvar_1', 'pvar_reduced', 'pvar_zero', 'pvar_exempt'].map((id) => line(id));
  const { cart } = await cartsOf(order, visitor(tenantId)).create({ lines, shippingAddress: inGermany });
  const payload = await orderCreate(order, customer(tenantId), orderInput({ lines, shippingAddress: inGermany }));
  const total = [taxLine('MwSt.', '19', '28.50'), taxLine('MwSt.', '7', '10.50'), taxLine('MwSt.', '0', '0.00')];
  const ofCart = await order.ask(visitor(tenantId), `query ($id: ID!) { cart(id: $id) { cost { ${LINES} } } }`, {
    id: cart.id,
  });
  expect(ofCart.data.cart.cost.taxLines).toEqual(total);
  const { data } = await order.ask(
    admin(tenantId),
    `query ($id: ID!) { order(id: $id) { ${LINES} total { amount } items { ${LINES} } } }`,
    { id: payload.order.id },
  );
  expect(data.order).toEqual({
    taxLines: total,
    total: { amount: '639.00' },
    items: [[total[0]], [total[1]], [total[2]], []].map((taxLines) => ({ taxLines })),
  });
});
