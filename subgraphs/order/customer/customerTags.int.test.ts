import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let store: string;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());
beforeEach(() => {
  store = freshTenantId();
});

const UPDATE = `mutation ($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input) {
  customer { tags version } userErrors { field code message } } }`;
const update = async (id: string, input: object, caller: Caller = member(store)) =>
  (await order.ask(caller, UPDATE, { id, input })).data.customerUpdate;
const find = async (tags: string[]) => {
  const query = 'query ($where: CustomerFilter) { customers(where: $where) { totalCount nodes { id email } } }';
  return (await order.ask(member(store), query, { where: { tags } })).data.customers;
};
/** A customer of the store, with an order. @returns their id. */
async function makeCustomer(caller: Caller, email: string): Promise<string> {
  const { order: placed } = await orderCreate(order, caller, orderInput({ email, idempotencyKey: randomUUID() }));
  const { data } = await order.ask(member(store), 'query ($id: ID!) { order(id: $id) { customer { id } } }', {
    id: placed.id,
  });
  return data.order.customer.id;
}

describe('customerUpdate', () => {
  it('is refused to shoppers, and answers NOT_FOUND for another store’s customer', async () => {
    const id = await makeCustomer(visitor(store), 'ann@example.com');
    const refused = await order.ask(customer(store), UPDATE, { id, input: { tags: ['VIP'] } });
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(codesOf(await update(id, { tags: [] }, admin(freshTenantId())))).toEqual(['id NOT_FOUND']);
    expect(codesOf(await update(id, { tags: ['a'.repeat(65), ''] }))).toEqual([
      'input.tags.0 INVALID',
      'input.tags.1 REQUIRED',
    ]);
    expect(codesOf(await update(id, { tags: null }))).toEqual(['input.tags REQUIRED']);
  });

  it('sets tags, by which customers are found, with an event; the tags are erased with the customer', async () => {
    const [ann, bob] = [
      await makeCustomer(visitor(store), 'ann@example.com'),
      await makeCustomer(visitor(store), 'bob@example.com'),
    ];
    expect((await update(ann, { tags: ['VIP', 'press', 'VIP'] })).customer).toEqual({
      tags: ['VIP', 'press'],
      version: 2,
    });
    await update(bob, { tags: ['press'] });
    expect(codesOf(await update(bob, { tags: [], expectedVersion: 1 }))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
    expect((await find(['VIP'])).nodes).toEqual([{ id: ann, email: 'ann@example.com' }]);
    expect((await find(['VIP', 'press'])).totalCount).toBe(2);
    const sql = `SELECT aggregate_id, data FROM outbox_events WHERE type = 'customer.updated' ORDER BY aggregate_id`;
    const event = (id: string) => ({ aggregate_id: id, data: { changed: ['tags'] } });
    expect(await asOwner(order.ownerUrl, store, sql)).toEqual([event(ann), event(bob)]);
    await asOwner(order.ownerUrl, store, `UPDATE orders SET status = 'CANCELED'`);
    await order.ask(admin(store), 'mutation ($id: ID!) { customerErase(id: $id) { userErrors { code } } }', {
      id: ann,
    });
    expect((await find(['VIP'])).nodes).toEqual([]);
    expect(codesOf(await update(ann, { tags: ['VIP'] }))).toEqual(['id INVALID']);
  });
});

describe('a discount for customers with a tag', () => {
  const ofCart = async (caller: Caller, input: object) => {
    const carts = cartsOf(order, caller);
    const { cart } = await carts.create({ lines: [line('pvar_1')], ...input });
    const { discountCodes, cost } = await carts.read(cart.id);
    return [cost.discount.amount, discountCodes.map((one: { applicable: boolean }) => one.applicable)];
  };

  it('is for those whose account or, as guests, whose address has it, and for nobody else', async () => {
    const ann = customer(store, 'user_ann');
    await update(await makeCustomer(ann, 'ann@example.com'), { tags: ['VIP'] });
    await update(await makeCustomer(visitor(store), 'guest@example.com'), { tags: ['VIP'] });
    await pricingRulesOf(order, store).discount({ code: 'VIP', customerTags: ['VIP', 'press'] });
    const email = 'guest@example.com';
    expect(await ofCart(visitor(store), { discountCodes: ['VIP'] })).toEqual(['0.00', [false]]);
    expect(await ofCart(customer(store, 'user_bob'), { discountCodes: ['VIP'], email })).toEqual(['0.00', [false]]);
    expect(await ofCart(visitor(store), { discountCodes: ['VIP'], email: 'ann@example.com' })).toEqual([
      '0.00',
      [false],
    ]);
    expect(await ofCart(ann, { discountCodes: ['VIP'] })).toEqual(['15.00', [true]]);
    expect(await ofCart(visitor(store), { discountCodes: ['VIP'], email: 'GUEST@example.com' })).toEqual([
      '15.00',
      [true],
    ]);
    const buy = async (caller: Caller, discountCodes: string[]) =>
      orderCreate(order, caller, orderInput({ email: 'ann@example.com', discountCodes }));
    expect(codesOf(await buy(visitor(store), ['VIP']))).toEqual(['input.discountCodes DISCOUNT_NOT_APPLICABLE']);
    expect((await buy(ann, ['VIP'])).order).not.toBeNull();
  });

  it('applies by itself when it is automatic', async () => {
    await update(await makeCustomer(visitor(store), 'guest@example.com'), { tags: ['VIP'] });
    await pricingRulesOf(order, store).discount({ customerTags: ['VIP'] });
    expect(await ofCart(visitor(store), { email: 'guest@example.com' })).toEqual(['15.00', []]);
    expect(await ofCart(visitor(store), {})).toEqual(['0.00', []]);
  });
});
