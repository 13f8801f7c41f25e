import {
  type GraphQLInputType,
  type GraphQLNonNull,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { eventually } from '../../subgraphs/shared/test/eventHarness';
import { makeVariant } from './buying';
import { guardOf } from './isolation/document';
import { listOperations } from './isolation/operations';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

const CREATE = `mutation ($input: AppTokenCreateInput!) {
  appTokenCreate(input: $input) { token appToken { id } userErrors { field code } } }`;
const ORDERS = '{ orders(first: 1) { nodes { id } } }';

interface Created {
  appToken: { id: string };
  token: string;
  userErrors: unknown[];
}

async function create(headers: Record<string, string>, input: object): Promise<Created> {
  const { body } = await graph.ask(headers, CREATE, { input });
  if (!body.data) throw new Error(JSON.stringify(body.errors));
  return body.data.appTokenCreate as Created;
}

async function makeToken(store: TestStore, input: object): Promise<{ id: string; token: string }> {
  const { appToken, token, userErrors } = await create(store.admin, { name: 'ERP', ...input });
  expect(userErrors).toEqual([]);
  return { id: appToken.id, token };
}

const sending = (token: string) => ({ authorization: `Bearer ${token}` });

/** A value that is no right one for anybody, but one of the type. */
function anyValue(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return anyValue((type as GraphQLNonNull<GraphQLInputType>).ofType);
  if (isListType(type)) return [];
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) && field.defaultValue === undefined,
    );
    return Object.fromEntries(required.map((field) => [field.name, anyValue(field.type)]));
  }
  const named = getNamedType(type);
  if ('getValues' in named) return named.getValues()[0]?.value;
  return (
    { Int: 1, Float: 1, Boolean: true, Decimal: '1', CurrencyCode: 'USD', DateTime: '2030-01-01T00:00:00Z' }[
      named.name
    ] ?? 'x'
  );
}

describe('an app’s token', () => {
  it('does nothing but what it may: every mutation that needs another permission is FORBIDDEN', async () => {
    const store = await graph.makeStore('apps');
    const { id, token } = await makeToken(store, { permissions: ['orders:read'] });
    const caller = { ...asApp(store.id, id), permissions: ['orders:read'] as const };
    const mutations = listOperations().filter(({ type, publicType }) => type === 'Mutation' && publicType !== null);
    const refused: string[] = [];
    for (const operation of mutations) {
      const allowed = guardOf(operation)?.(caller) === true;
      if (allowed) continue;
      const args = operation.field.args.filter(({ type }) => isNonNullType(type));
      const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
      const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
      const query = `mutation ${declared && `(${declared})`} { ${operation.name}${passed && `(${passed})`} { __typename } }`;
      const variables = Object.fromEntries(args.map(({ name, type }) => [name, anyValue(type)]));
      const { body } = await graph.ask(sending(token), query, variables);
      expect([operation.name, body.errors?.[0]?.extensions?.code]).toEqual([operation.name, 'FORBIDDEN']);
      refused.push(operation.name);
    }
    expect(refused.length).toBeGreaterThan(60);
    expect((await graph.ask(sending(token), ORDERS)).body).toMatchObject({ data: { orders: { nodes: [] } } });
    expect((await graph.ask(sending(token), '{ products(first: 1) { nodes { id } } }')).body.errors).toBeUndefined();
  }, 60_000);

  it('is the actor of what it does, and says who it is', async () => {
    const store = await graph.makeStore('actor');
    const { id, token } = await makeToken(store, {
      permissions: ['products:manage', 'inventory:manage', 'store:manage'],
    });
    const viewer = '{ viewer { role user { id } app { id name lastUsedAt } permissions } }';
    expect((await graph.ask(sending(token), viewer)).body.data).toEqual({
      viewer: {
        role: 'APP',
        user: null,
        app: { id, name: 'ERP', lastUsedAt: expect.any(String) },
        permissions: ['products:read', 'products:manage', 'inventory:read', 'inventory:manage', 'store:manage'],
      },
    });
    const variantId = await makeVariant(graph, store, 1);
    const input = { variantId, delta: 2, reason: 'RECEIVED', idempotencyKey: crypto.randomUUID() };
    const adjust =
      'mutation ($input: InventoryAdjustInput!) { inventoryAdjust(input: $input) { userErrors { code } } }';
    expect((await graph.ask(sending(token), adjust, { input })).body.data?.inventoryAdjust).toEqual({ userErrors: [] });
    const moved = 'query ($id: ID!) { productVariant(id: $id) { stockMovements(first: 5) { nodes { actorId } } } }';
    expect((await graph.ask(sending(token), moved, { id: variantId })).body.data).toEqual({
      productVariant: { stockMovements: { nodes: expect.arrayContaining([{ actorId: id }]) } },
    });
  });

  it('makes no other token and lifts no limit of its own, whatever it may do', async () => {
    const store = await graph.makeStore('leaked');
    const { id, token } = await makeToken(store, { permissions: ['store:manage'] });
    const update =
      'mutation ($id: ID!) { appTokenUpdate(id: $id, input: { allowedAddresses: [] }) { userErrors { code } } }';
    for (const [query, variables] of [
      [CREATE, { input: { name: 'Next', permissions: ['store:manage'] } }],
      [update, { id }],
    ] as const) {
      const { body } = await graph.ask(sending(token), query, variables);
      expect(body.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });

  it('asks REST by the same rules', async () => {
    const store = await graph.makeStore('rest');
    const { token } = await makeToken(store, { permissions: ['orders:read'] });
    const ask = async (path: string, more: RequestInit = {}) =>
      fetch(`${graph.gatewayUrl}/api/v1${path}`, {
        ...more,
        headers: { ...sending(token), 'content-type': 'application/json' },
      });
    const orders = await ask('/orders');
    expect([orders.status, await orders.json()]).toEqual([200, { data: [], hasMore: false, next: null }]);
    const refused = await ask('/categories', { method: 'POST', body: JSON.stringify({ name: 'Shoes' }) });
    expect([refused.status, await refused.json()]).toEqual([403, expect.objectContaining({ code: 'FORBIDDEN' })]);
  });

  it('is refused once it is revoked', async () => {
    const store = await graph.makeStore('revoked');
    const { id, token } = await makeToken(store, { permissions: ['orders:read'] });
    expect((await graph.ask(sending(token), ORDERS)).body.errors).toBeUndefined();
    await graph.ask(store.admin, 'mutation ($id: ID!) { appTokenRevoke(id: $id) { userErrors { code } } }', { id });
    await eventually(async () => {
      const { status, body } = await graph.ask(sending(token), ORDERS);
      expect([status, body.errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
    });
  });

  it('is refused at another store, and reads nothing of it', async () => {
    const [store, other] = [await graph.makeStore('mine'), await graph.makeStore('theirs')];
    const { token } = await makeToken(store, { permissions: ['orders:read'] });
    const { status, body } = await graph.ask({ ...sending(token), ...other.visitor }, ORDERS);
    expect([status, body.errors?.[0]?.extensions?.code, body.data]).toEqual([401, 'UNAUTHENTICATED', undefined]);
  });
});

describe('a storefront’s token', () => {
  it('reads its store’s products without the store’s address, and nothing of its staff’s', async () => {
    const store = await graph.makeStore('front');
    const { token } = await makeToken(store, { kind: 'STOREFRONT', allowedAddresses: ['127.0.0.0/8'] });
    const headers = { 'x-storefront-token': token, 'x-buyer-address': '198.51.100.7' };
    const asked = '{ currentTenant { id } viewer { role } products(first: 1) { nodes { id } } }';
    expect((await graph.ask(headers, asked)).body.data).toEqual({
      currentTenant: { id: store.id },
      viewer: { role: 'VISITOR' },
      products: { nodes: [] },
    });
    expect((await graph.ask(headers, ORDERS)).body.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    const wrong = await graph.ask({ ...headers, 'x-buyer-address': 'somewhere' }, asked);
    expect([wrong.status, wrong.body.errors?.[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT']);
  });
});

const asApp = (tenantId: string, userId: string) => ({
  tenantId,
  userId,
  impersonatorId: null,
  role: 'APP' as const,
  storeStatus: 'ACTIVE' as const,
  requestId: 'r',
  clientAddress: null,
});
