import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, line } from '../test/carts';
import { shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout, TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id number name status } userErrors { code } retryable nextStep nextIdempotencyKey } }`;

/** A store, and a cart of its customer that can be ordered. */
async function readyCart() {
  const tenantId = freshTenantId();
  await openCheckout(order.ownerUrl, tenantId);
  const lines = [line('pvar_1')];
  const { cart } = await cartsOf(order, customer(tenantId)).create({
    lines,
    email: 'ada@example.com',
    shippingAddress,
  });
  const pay = async (changes: object) => {
    const input = { cartId: cart.id, paymentMethodId: TEST_METHOD, ...changes };
    return (await order.ask(customer(tenantId), CREATE, { input })).data.orderCreate;
  };
  const cartId: string = cart.id;
  return { tenantId, cartId, pay };
}

it('a declined card takes no number, leaves the cart open and nothing reserved, and says under which key to pay again', async () => {
  const { tenantId, cartId, pay } = await readyCart();
  const idempotencyKey = randomUUID();
  const declined = await pay({ idempotencyKey, paymentToken: 'tok_declined' });
  expect(declined).toEqual({
    order: null,
    userErrors: [{ code: 'PAYMENT_DECLINED' }],
    retryable: true,
    nextStep: 'CHOOSE_PAYMENT',
    nextIdempotencyKey: expect.stringMatching(/^try_/),
  });
  // When it is answered, and not some time later: the next try may need the last one.
  const [tried] = await asOwner<{ id: string }>(order.ownerUrl, tenantId, 'SELECT id FROM orders');
  expect(order.product.statusOf(tenantId, tried?.id ?? '')).toBe('RELEASED');
  expect(await asOwner(order.ownerUrl, tenantId, 'SELECT 1 FROM order_counters')).toEqual([]);
  expect(await cartsOf(order, customer(tenantId)).read(cartId)).toMatchObject({ id: cartId });
  expect(await pay({ idempotencyKey, paymentToken: 'tok_declined' })).toEqual(declined);

  const paid = await pay({ idempotencyKey: declined.nextIdempotencyKey });
  expect(paid).toEqual({
    order: { id: expect.any(String), number: 1001, name: '#1001', status: 'CONFIRMED' },
    userErrors: [],
    retryable: false,
    nextStep: null,
    nextIdempotencyKey: null,
  });
  const { data } = await order.ask(admin(tenantId), 'query ($id: ID!) { order(id: $id) { number name } }', tried);
  expect(data.order).toEqual({ number: null, name: null });
});

it('a request that wrote nothing is sent again under its own key', async () => {
  const { pay } = await readyCart();
  const idempotencyKey = randomUUID();
  const refused = await pay({ idempotencyKey, paymentMethodId: 'pmth_none' });
  expect(refused).toMatchObject({ nextStep: 'CHOOSE_PAYMENT', nextIdempotencyKey: idempotencyKey });
  expect((await pay({ idempotencyKey })).order.status).toBe('CONFIRMED');
});

it('a payment that waits for its buyer says so, and keeps its key', async () => {
  const { pay } = await readyCart();
  const idempotencyKey = randomUUID();
  expect(await pay({ idempotencyKey, paymentToken: 'tok_action' })).toMatchObject({
    order: { number: null, name: null, status: 'PENDING' },
    retryable: true,
    nextStep: 'COMPLETE_PAYMENT',
    nextIdempotencyKey: idempotencyKey,
  });
});
