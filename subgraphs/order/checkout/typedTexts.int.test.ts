import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const faultsOf = async (changes: object) =>
  codesOf(await orderCreate(order, visitor(freshTenantId()), orderInput({ ...changes })));

it('a control character is refused at its place, half a character before anything else', async () => {
  expect(await faultsOf({ shippingAddress: { ...shippingAddress, city: 'San\u0007 Francisco' } })).toEqual([
    'input.shippingAddress.city INVALID',
  ]);
  expect(await faultsOf({ shippingAddress: { ...shippingAddress, line1: 'One\nTwo' } })).toEqual([
    'input.shippingAddress.line1 INVALID',
  ]);
  const input = orderInput({ email: 'a\ud800@example.com' });
  const query = 'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { userErrors { code } } }';
  const { errors } = await order.ask(visitor(freshTenantId()), query, { input });
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'input.email' } });
});

it('what a form left empty is as if it was left out', async () => {
  const left = { line2: '', province: ' ', postalCode: '', phone: '' };
  const empty = { buyerNote: '', shippingAddress: { ...shippingAddress, ...left } };
  const made = await orderCreate(order, visitor(freshTenantId()), orderInput(empty));
  expect(made).toMatchObject({ order: { status: 'CONFIRMED' }, userErrors: [] });
});

it('a buyer’s address is clean, and their order is found by its e-mail address in either spelling of its domain', async () => {
  const tenantId = freshTenantId();
  const email = ' Ann@Bücher.example ';
  const { order: made } = await orderCreate(order, visitor(tenantId), orderInput({ email }));
  const find = 'query ($number: Int, $email: String) { guestOrder(number: $number, email: $email) { email } }';
  for (const typed of ['ann@bücher.example', ' ANN@BU\u0308CHER.example', 'ann@xn--bcher-kva.example']) {
    const { data } = await order.ask(visitor(tenantId), find, { number: made.number, email: typed });
    expect(data.guestOrder).toEqual({ email: 'Ann@xn--bcher-kva.example' });
  }
  const search = 'query ($query: String) { orders(query: $query) { nodes { number } } }';
  for (const query of ['ann@bücher.example', 'bücher', 'ann@xn--bcher-kva']) {
    const { data } = await order.ask(admin(tenantId), search, { query });
    expect([query, data.orders.nodes]).toEqual([query, [{ number: made.number }]]);
  }
});

it('a buyer’s note may have several lines, and a cart’s code white space around it', async () => {
  const carts = cartsOf(order, customer(freshTenantId()));
  const buyerNote = ' Two\r\nlines ';
  const { cart } = await carts.create({ lines: [line('pvar_1')], buyerNote, discountCodes: [' summer\u00a0'] });
  expect(cart).toMatchObject({ buyerNote: 'Two\r\nlines', discountCodes: [{ code: 'SUMMER' }] });
});

it('cartCreate says at once all that is wrong: a variant, the e-mail address and the country', async () => {
  const carts = cartsOf(order, visitor(freshTenantId()));
  const wrong = { email: 'ann', shippingAddress: { ...shippingAddress, countryCode: 'XX' } };
  expect(codesOf(await carts.create({ lines: [line('pvar_1'), line('pvar_none')], ...wrong }))).toEqual([
    'input.email INVALID',
    'input.shippingAddress.countryCode INVALID',
    'input.lines.1.variantId NOT_FOUND',
  ]);
});
