import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { cartsOf, codesOf, line } from '../test/carts';
import { finishedSagas, orderCreate, orderInput, shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const engraved = (value: string, quantity = 1) => ({
  ...line('pvar_1', quantity),
  attributes: [{ key: 'Engraving', value }],
});
const LINES = `query ($id: ID!) { cart(id: $id) { lines { quantity attributes { key value } } } }`;
const ITEMS = `query ($id: ID!) { order(id: $id) { total { amount } items { id variantId quantity attributes { key value } totalPrice { amount } } } }`;

describe('a line’s attributes', () => {
  it('are refused with a key twice, and a line that is there twice with the same attributes', async () => {
    const tenantId = freshTenantId();
    const twice = { ...line('pvar_1'), attributes: [...engraved('A').attributes, ...engraved('B').attributes] };
    const made = await cartsOf(order, visitor(tenantId)).create({ lines: [twice] });
    expect(codesOf(made)).toEqual(['input.lines.0.attributes INVALID']);
    const two = (key: string) => ({ key, value: 'x' });
    const lines = [
      { ...line('pvar_1'), attributes: [two('a'), two('b')] },
      { ...line('pvar_1'), attributes: [two('b'), two('a')] },
    ];
    const refused = await orderCreate(order, visitor(tenantId), orderInput({ lines }));
    expect(codesOf(refused)).toEqual(['input.lines.1.variantId INVALID']);
  });

  it('make lines of their own in a cart: the same add up, also when carts are merged', async () => {
    const tenantId = freshTenantId();
    const own = cartsOf(order, customer(tenantId));
    const { cart } = await own.create({
      lines: [line('pvar_1'), engraved('Ada'), engraved('Ada', 2), engraved('Bob')],
    });
    const read = async () => (await order.ask(customer(tenantId), LINES, { id: cart.id })).data.cart.lines;
    expect(await read()).toEqual([
      { quantity: 1, attributes: [] },
      { quantity: 3, attributes: engraved('Ada').attributes },
      { quantity: 1, attributes: engraved('Bob').attributes },
    ]);
    const other = await cartsOf(order, visitor(tenantId)).create({ lines: [engraved('Bob', 4)] });
    await own.merge(other.cart.id);
    expect((await read())[2]).toEqual({ quantity: 5, attributes: engraved('Bob').attributes });
  });

  it('make items of their own in an order of the cart, whose stock is reserved once for the variant', async () => {
    const tenantId = freshTenantId();
    const carts = cartsOf(order, visitor(tenantId));
    const { cart } = await carts.create({
      lines: [engraved('Ada', 2), engraved('Bob')],
      email: 'ada@example.com',
      shippingAddress,
    });
    const input = { cartId: cart.id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID() };
    const { order: placed, userErrors } = await orderCreate(order, visitor(tenantId), input as never);
    expect(userErrors).toEqual([]);
    await finishedSagas(order.ownerUrl, tenantId);
    const { data } = await order.ask(admin(tenantId), ITEMS, { id: placed.id });
    expect(data.order).toMatchObject({
      total: { amount: '450.00' },
      items: [
        { variantId: 'pvar_1', quantity: 2, attributes: engraved('Ada').attributes, totalPrice: { amount: '300.00' } },
        { variantId: 'pvar_1', quantity: 1, attributes: engraved('Bob').attributes, totalPrice: { amount: '150.00' } },
      ],
    });
    const fulfill = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) {
      order { items { fulfilledQuantity } } userErrors { code } } }`;
    const second = { lines: [{ itemId: data.order.items[1].id, quantity: 1 }], idempotencyKey: randomUUID() };
    const sent = await order.ask(admin(tenantId), fulfill, { id: placed.id, input: second });
    expect(sent.data.orderFulfill.order.items).toEqual([{ fulfilledQuantity: 0 }, { fulfilledQuantity: 1 }]);
  });

  it('are erased with the customer', async () => {
    const tenantId = freshTenantId();
    const { order: made } = await orderCreate(order, customer(tenantId), orderInput({ lines: [engraved('Ada')] }));
    await finishedSagas(order.ownerUrl, tenantId);
    await order.ask(admin(tenantId), 'mutation ($id: ID!) { orderFulfill(id: $id) { userErrors { code } } }', {
      id: made.id,
    });
    const { data } = await order.ask(admin(tenantId), '{ customers { nodes { id } } }');
    const erase = 'mutation ($id: ID!) { customerErase(id: $id) { userErrors { code } } }';
    const erased = await order.ask(admin(tenantId), erase, { id: data.customers.nodes[0].id });
    expect(erased.data.customerErase.userErrors).toEqual([]);
    const read = await order.ask(admin(tenantId), ITEMS, { id: made.id });
    expect(read.data.order.items).toMatchObject([{ variantId: 'pvar_1', attributes: [] }]);
  });
});
