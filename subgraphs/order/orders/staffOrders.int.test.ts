import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
import { orderCreate, orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let subgraph: OrderSubgraphUnderTest;
beforeAll(async () => {
  subgraph = await startTestSubgraph();
});
afterAll(() => subgraph?.close());

const GUEST_ORDER =
  'query ($number: Int, $email: String) { guestOrder(number: $number, email: $email) { number email } }';

it.each([
  ['an admin', admin],
  ['a member', member],
  ['a member without permissions', (tenantId: string) => ({ ...member(tenantId), permissions: [] })],
])('the orders that %s places for three e-mail addresses belong to each buyer', async (_who, callerOf) => {
  const tenantId = freshTenantId();
  const staff = callerOf(tenantId);
  const emails = ['ann@example.com', 'bob@example.com', 'cyd@example.com'];
  for (const [index, email] of emails.entries()) {
    const { order } = await orderCreate(subgraph, staff, orderInput({ email }));
    const variables = { number: order.number, email };
    expect((await subgraph.ask(visitor(tenantId), GUEST_ORDER, variables)).data.guestOrder).toEqual(variables);
    const other = { number: order.number, email: emails[(index + 1) % 3] };
    expect((await subgraph.ask(visitor(tenantId), GUEST_ORDER, other)).data.guestOrder).toBeNull();
  }
  const { data } = await subgraph.ask(staff, '{ myOrders { nodes { number } } }');
  expect(data.myOrders.nodes).toEqual([]);
  const customers = await subgraph.ask(admin(tenantId), '{ customers(reverse: false) { nodes { email userId } } }');
  expect(customers.data.customers.nodes).toEqual(emails.map((email) => ({ email, userId: null })));
});

it('a customer’s own order stays theirs', async () => {
  const tenantId = freshTenantId();
  const { order } = await orderCreate(subgraph, customer(tenantId), orderInput());
  const { data } = await subgraph.ask(customer(tenantId), '{ myOrders { nodes { id } } }');
  expect(data.myOrders.nodes).toEqual([{ id: order.id }]);
});
