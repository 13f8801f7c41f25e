import { processEvent } from '../../shared/events/inbox';
import { createLogger } from '../../shared/log';
import { admin, customer, freshTenantId, member } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openOrderDatabase } from '../database';
import { finishedSagas, orderCreate, orderInput, shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { deletedUsers, eraseDueUsers } from './deletedUsers';

let subgraph: OrderSubgraphUnderTest;
let database: Awaited<ReturnType<typeof openOrderDatabase>>;
beforeAll(async () => {
  subgraph = await startTestSubgraph();
  database = await openOrderDatabase(subgraph.appUrl, 2);
});
afterAll(async () => {
  await database?.close();
  await subgraph?.close();
});

const ADA = 'user_ada';
async function buy(store: string, userId: string, variantId = 'pvar_1'): Promise<string> {
  const name = `${userId.slice(5)} lovelace`;
  const input = orderInput({
    email: `${userId}@example.com`,
    lines: [{ variantId, quantity: 1 }],
    shippingAddress: { ...shippingAddress, name },
  });
  const { order } = await orderCreate(subgraph, customer(store, userId), input);
  await finishedSagas(subgraph.ownerUrl, store);
  return order?.id;
}
const run = (store: string, mutation: string) =>
  subgraph.ask(member(store), `mutation { ${mutation} { userErrors { code } } }`);
const recordDeletedEvent = (userId: string, version = 1) =>
  processEvent(database.db, deletedUsers, {
    id: `evt_${userId}_${version}`,
    type: 'tenant.user.deleted',
    tenantId: userId,
    aggregateType: 'user',
    aggregateId: userId,
    aggregateVersion: version,
    previousVersion: null,
    dataVersion: 1,
    time: new Date().toISOString(),
    traceParent: null,
    data: { userId },
  });
const erase = () => eraseDueUsers(database.db, createLogger('order', 'silent'));
const letTimePass = (userId: string, by: string) =>
  asOwner(
    subgraph.ownerUrl,
    userId,
    'UPDATE deleted_users SET due_at = due_at - $2::interval, deleted_at = deleted_at - $2::interval WHERE tenant_id = $1',
    [userId, by],
  );
const dueAt = async (userId: string) =>
  (await asOwner<{ due_at: Date | null }>(subgraph.ownerUrl, userId, 'SELECT due_at FROM deleted_users', []))[0]
    ?.due_at;

/** Every row of a store, as text. */
async function textOf(store: string): Promise<string> {
  const tables = await asOwner<{ name: string }>(
    subgraph.ownerUrl,
    store,
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      asOwner<{ row: string }>(subgraph.ownerUrl, store, `SELECT t::text AS row FROM "${name}" t`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('the data of a deleted account', () => {
  it('is erased in every store with an order or a cart of it; orders are kept, and no other person’s data is erased', async () => {
    const [bought, refused, filled, others] = [
      freshTenantId(),
      freshTenantId(),
      freshTenantId(),
      freshTenantId('others'),
    ];
    const id = await buy(bought, ADA);
    await run(bought, `orderFulfill(id: "${id}")`);
    await buy(refused, ADA, 'pvar_none');
    await subgraph.ask(
      customer(filled, ADA),
      'mutation { cartCreate(input: { email: "user_ada@example.com" }) { cart { id } } }',
    );
    for (const store of [bought, others]) await buy(store, 'user_bob');
    const before = await checksumOfTenant(subgraph.ownerUrl, others);

    expect(await recordDeletedEvent(ADA)).toBe('applied');
    expect(await recordDeletedEvent(ADA)).toBe('repeated');
    await erase();
    for (const store of [bought, refused, filled]) {
      expect([store, await textOf(store)]).toEqual([store, expect.not.stringMatching(/user_ada|ada lovelace/i)]);
    }
    expect(await textOf(bought)).toMatch(/bob lovelace/);
    expect(await checksumOfTenant(subgraph.ownerUrl, others)).toEqual(before);
    const kept = await subgraph.ask(
      admin(bought),
      `{ order(id: "${id}") { total { amount } shippingAddress { name } } }`,
    );
    expect(kept.data.order).toEqual({ total: { amount: '150.00' }, shippingAddress: { name: 'Erased' } });
  });

  it('is kept for an order in progress, and erased at most an hour after the order is finished', async () => {
    const [store, elsewhere] = [freshTenantId(), freshTenantId()];
    const who = 'user_eve';
    const id = await buy(store, who);
    await run(elsewhere, `orderFulfill(id: "${await buy(elsewhere, who)}")`);
    await recordDeletedEvent(who);
    await erase();
    expect(await textOf(store)).toMatch(/eve lovelace/);
    expect(await textOf(elsewhere)).not.toMatch(/eve lovelace/);
    await run(store, `orderFulfill(id: "${id}")`);
    await erase();
    expect(await textOf(store)).toMatch(/eve lovelace/);
    await letTimePass(who, '61 minutes');
    await erase();
    expect(await textOf(store)).not.toMatch(/user_eve|eve lovelace/);
  });

  it('is erased again after an order with a session token that is still valid, until none can be', async () => {
    const store = freshTenantId();
    const who = 'user_zoe';
    await recordDeletedEvent(who);
    await erase();
    await run(store, `orderFulfill(id: "${await buy(store, who)}")`);
    await letTimePass(who, '61 minutes');
    await erase();
    expect(await textOf(store)).not.toMatch(/user_zoe|zoe lovelace/);
    expect(await dueAt(who)).not.toBeNull();
    await letTimePass(who, '25 hours');
    await erase();
    expect(await dueAt(who)).toBeNull();
  });
});
