import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const HEADQUARTERS = { ...shippingAddress, name: 'Lovelace Ltd', countryCode: 'FR', vatId: 'FRXX999999999' };
const NO_MORE = { line2: null, province: null, provinceCode: null, postalCode: null, phone: null };

const FIELDS = 'name line1 line2 city province provinceCode postalCode countryCode phone vatId';
const ofCart = async (tenantId: string, id: string) =>
  (await order.ask(visitor(tenantId), `{ cart(id: "${id}") { billingAddress { ${FIELDS} } } }`)).data.cart
    .billingAddress;
const ofOrder = async (tenantId: string, id: string) =>
  (await order.ask(admin(tenantId), `{ order(id: "${id}") { billingAddress { ${FIELDS} } tax { amount } } }`)).data
    .order;

it('a billing address is checked as a shipping address is, everywhere, and its VAT id by its shape', async () => {
  const tenantId = freshTenantId();
  const carts = cartsOf(order, visitor(tenantId));
  const billingAddress = { ...HEADQUARTERS, city: ' ', countryCode: 'US', province: 'Ontario', vatId: 'FR123' };
  const faults = ['city REQUIRED', 'vatId INVALID', 'province INVALID'].map((fault) => `input.billingAddress.${fault}`);
  expect(codesOf(await carts.create({ billingAddress })).sort()).toEqual(faults.sort());
  const { cart } = await carts.create();
  expect(codesOf(await carts.change('cartBillingAddressUpdate', cart.id, { billingAddress })).sort()).toEqual(faults);
  const payload = await orderCreate(order, customer(tenantId), orderInput({ billingAddress }));
  expect(codesOf(payload).sort()).toEqual(faults);
});

it('of a cart becomes the order’s; without one it is the shipping address', async () => {
  const tenantId = freshTenantId();
  const carts = cartsOf(order, visitor(tenantId));
  const { cart } = await carts.create({ lines: [line('pvar_1')], shippingAddress, email: 'ada@example.com' });
  expect(await ofCart(tenantId, cart.id)).toBeNull();
  await carts.change('cartBillingAddressUpdate', cart.id, { billingAddress: HEADQUARTERS });
  expect(await ofCart(tenantId, cart.id)).toEqual({ ...NO_MORE, ...HEADQUARTERS });
  const { paymentMethodId, idempotencyKey } = orderInput();
  const { order: ordered } = await orderCreate(order, visitor(tenantId), {
    cartId: cart.id,
    paymentMethodId,
    idempotencyKey,
  } as never);
  expect((await ofOrder(tenantId, ordered.id)).billingAddress).toEqual({ ...NO_MORE, ...HEADQUARTERS });
  const { order: other } = await orderCreate(order, customer(tenantId));
  const same = { ...NO_MORE, ...shippingAddress, vatId: null };
  expect((await ofOrder(tenantId, other.id)).billingAddress).toEqual(same);
});

it('of a visitor’s cart is kept at sign-in unless the customer’s own cart has one, and is removed by null', async () => {
  const tenantId = freshTenantId();
  const carts = cartsOf(order, customer(tenantId));
  const { cart: own } = await carts.create();
  const { cart } = await cartsOf(order, visitor(tenantId)).create({ billingAddress: HEADQUARTERS });
  await carts.merge(cart.id);
  const read = `{ cart(id: "${own.id}") { billingAddress { name } } }`;
  expect((await order.ask(customer(tenantId), read)).data.cart.billingAddress).toEqual({ name: 'Lovelace Ltd' });
  await carts.change('cartBillingAddressUpdate', own.id, { billingAddress: null });
  expect((await order.ask(customer(tenantId), read)).data.cart.billingAddress).toBeNull();
});

describe('what is not sent', () => {
  const file = { lines: [line('pvar_file')], shippingAddress: null };

  it('is taxed where it is billed to', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).taxRate({ countryCode: 'FR', rate: '20' });
    const input = { ...file, billingAddress: { ...HEADQUARTERS, vatId: null } };
    const { cart } = await cartsOf(order, visitor(tenantId)).create(input);
    expect(cart.cost).toMatchObject({ tax: { amount: '30.00' }, total: { amount: '180.00' } });
    const payload = await orderCreate(order, customer(tenantId), orderInput(input as never));
    expect((await ofOrder(tenantId, payload.order.id)).tax).toEqual({ amount: '30.00' });
  });

  it('needs the province of where it is billed to, where the tax depends on it', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).taxRate({ countryCode: 'CA', province: 'ON', rate: '13' });
    const input = { ...file, billingAddress: { ...shippingAddress, countryCode: 'CA' } };
    const payload = await orderCreate(order, customer(tenantId), orderInput(input as never));
    expect(codesOf(payload)).toEqual(['input.billingAddress.province REQUIRED']);
  });
});

it('what is sent is not taxed before it is known where to, whoever pays', async () => {
  const tenantId = freshTenantId();
  await pricingRulesOf(order, tenantId).taxRate({ countryCode: 'FR', rate: '20' });
  const input = { lines: [line('pvar_1')], billingAddress: HEADQUARTERS };
  const { cart } = await cartsOf(order, visitor(tenantId)).create(input);
  expect(cart.cost).toMatchObject({ tax: null, total: { amount: '150.00' } });
});

it('a VAT id that a cart got in its shipping address, before there were billing addresses, still counts', async () => {
  const tenantId = freshTenantId();
  const rules = pricingRulesOf(order, tenantId);
  await rules.taxSettings({ countryCode: 'DE' });
  await rules.taxRate({ countryCode: 'FR', rate: '20' });
  const carts = cartsOf(order, visitor(tenantId));
  const inFrance = { ...shippingAddress, countryCode: 'FR' };
  const { cart } = await carts.create({ lines: [line('pvar_1')], shippingAddress: inFrance });
  expect(cart.cost.tax).toEqual({ amount: '30.00' });
  const sql = `UPDATE carts SET shipping_address = shipping_address || '{"vatId":"FRXX999999999"}' WHERE id = $1`;
  await asOwner(order.ownerUrl, tenantId, sql, [cart.id]);
  expect((await carts.read(cart.id)).cost.tax).toEqual({ amount: '0.00' });
  const input = { ...orderInput(), cartId: cart.id, lines: undefined, shippingAddress: undefined };
  const { order: ordered } = await orderCreate(order, visitor(tenantId), input as never);
  expect(await ofOrder(tenantId, ordered.id)).toMatchObject({
    billingAddress: { vatId: 'FRXX999999999' },
    tax: { amount: '0.00' },
  });
});
