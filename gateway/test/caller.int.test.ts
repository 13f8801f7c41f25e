import { bearer } from './clerkTokens';
import { forgetCalls, type Graph, NIKE_ADMIN, postTo, subgraphCalls } from './postToGraph';
import { MEMBER_ACCESS, startTestGraph } from './testGraph';

let graph: Graph;

beforeAll(async () => {
  graph = await startTestGraph();
});
beforeEach(() => forgetCalls(graph));
afterAll(() => graph?.stop());

const post = (body: unknown, headers: Record<string, string | string[]> = {}, to = graph, path = '/graphql') =>
  postTo(to, body, headers, path);

describe('a request without a proven caller', () => {
  const query = { query: '{ whoAmI product(id: "prod_1") { name } }' };

  test.each<[string, Record<string, string | string[]>]>([
    ['J1 no token and no store', {}],
    ['J1 Bearer without a token', { authorization: 'Bearer ' }],
    ['J1 Basic', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['J1 two Authorization headers', { authorization: [bearer(), bearer()] }],
    ['a forged token for a named store', { authorization: 'Bearer a.b.c', 'x-store-domain': 'nike.localhost' }],
    ['H1 internal headers', { 'x-tenant-id': 'org_nike', 'x-user-id': 'user_ann', 'x-user-role': 'ADMIN' }],
    ['a cookie of Clerk', { cookie: `__session=${bearer().slice(7)}` }],
  ])('%s: UNAUTHENTICATED, one error, no subgraph call', async (_title, headers) => {
    const answer = await post(query, headers);
    expect(answer.status).toBe(401);
    expect(answer.json.data).toBeUndefined();
    expect(answer.json.errors).toEqual([
      { message: expect.any(String), extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } },
    ]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test('J1 a token in the query string is ignored', async () => {
    const token = bearer({ o: { id: 'org_nike' } }).slice(7);
    const answer = await post(query, {}, graph, `/graphql?token=${token}&authorization=Bearer%20${token}`);
    expect(answer.json.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test('J13 no active organization and no store: TENANT_REQUIRED, no subgraph call', async () => {
    const answer = await post(query, { authorization: bearer() });
    expect(answer.json.errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'TENANT_REQUIRED' }) }),
    ]);
    expect(subgraphCalls(graph)).toEqual([]);
  });

  test.each([
    ['an unknown domain', { 'x-store-domain': 'nobody.localhost' }, 'STORE_NOT_FOUND', 404],
    ['a suspended store', { 'x-store-domain': 'closed.localhost' }, 'STORE_UNAVAILABLE', 403],
    ['an organization without a store', { authorization: bearer({ o: { id: 'org_new' } }) }, 'TENANT_REQUIRED', 400],
    ['a deleted store', { 'x-store-domain': 'gone.localhost' }, 'STORE_UNAVAILABLE', 403],
    ['a deleted organization', { authorization: bearer({ o: { id: 'org_gone' } }) }, 'STORE_UNAVAILABLE', 403],
  ])('%s: only the tenant subgraph is asked', async (_title, headers, code, status) => {
    const answer = await post(query, headers);
    expect(answer.status).toBe(status);
    expect(answer.json.data).toBeUndefined();
    expect(answer.json.errors.map((error: { extensions: object }) => error.extensions)).toEqual([
      { code, requestId: expect.any(String) },
    ]);
    expect(graph.subgraphs.product.received).toEqual([]);
  });
});

test('G2 fragments that spread each other twice do not take exponential time before authentication', async () => {
  const fragments = Array.from({ length: 40 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
  const query = `{ ...f0 } ${fragments.join(' ')} fragment f40 on Query { __typename }`;
  expect((await post({ query })).json.data).toEqual({ __typename: 'Query' });
});

describe('the caller that the subgraphs see', () => {
  const whoAmI = async (headers: Record<string, string>) =>
    (await post({ query: '{ whoAmI }' }, headers)).json.data.whoAmI;

  test.each([
    ['a visitor by the address', { host: 'nike.localhost:3000' }, 'VISITOR null in org_nike'],
    [
      'a visitor by the first part of the address in X-Store-Domain',
      { 'x-store-domain': 'puma' },
      'VISITOR null in org_puma',
    ],
    ['a visitor by X-Store-Domain', { 'x-store-domain': 'puma.localhost' }, 'VISITOR null in org_puma'],
    ['a customer', { 'x-store-domain': 'nike.localhost', authorization: bearer() }, 'CUSTOMER user_ann in org_nike'],
    ["another store's admin", { host: 'puma.localhost', ...NIKE_ADMIN() }, 'CUSTOMER user_ann in org_puma'],
    ['an admin', NIKE_ADMIN(), 'ADMIN user_ann in org_nike'],
    [
      'a member',
      { authorization: bearer({ org_id: 'org_nike', org_role: 'org:member' }) },
      'MEMBER user_ann in org_nike',
    ],
  ])('%s', async (_title, headers, expected) => expect(await whoAmI(headers)).toBe(expected));

  test('H1 can’t be forged by the client', async () => {
    const spoofed = {
      'x-tenant-id': 'org_puma',
      'x-user-id': 'user_eve',
      'x-user-role': 'SERVICE',
      'x-internal-admin': '1',
    };
    expect(await whoAmI({ ...NIKE_ADMIN(), ...spoofed })).toBe('ADMIN user_ann in org_nike');
    const sent = JSON.stringify(graph.subgraphs.product.received.map(({ headers }) => headers));
    for (const value of ['org_puma', 'user_eve', 'SERVICE', 'x-internal-admin', 'Bearer'])
      expect(sent).not.toContain(value);
  });

  test('one request looks up its store once and its membership once, whatever it selects; the next uses the caches', async () => {
    const other = await startTestGraph();
    await post({ query: '{ whoAmI orders { product { name } } }' }, NIKE_ADMIN(), other);
    await post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    const asked = other.subgraphs.tenant.received.map(({ body }) => JSON.parse(String(body)).query.split(/\W/)[1]);
    expect(asked).toEqual(['StoreOfOrganization', 'MemberAccess']);
    await other.stop();
  });
});

describe('request ids', () => {
  test('the client’s own is used in the response header, in errors and in subgraph calls', async () => {
    const answer = await post({ query: '{ fails }' }, { ...NIKE_ADMIN(), 'x-request-id': 'trace_1-a' });
    expect(answer.headers['x-request-id']).toBe('trace_1-a');
    expect(answer.json.errors[0].extensions.requestId).toBe('trace_1-a');
    expect(graph.subgraphs.product.received[0]?.headers['x-request-id']).toBe('trace_1-a');
  });

  test.each([['a b'], ['x'.repeat(65)], ['é'], ['a"b'], ['']])('%j is replaced', async (given) => {
    const answer = await post({ query: '{ __typename }' }, { 'x-request-id': Buffer.from(given).toString('latin1') });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("a membership that changed after the member's token was issued", () => {
  const changedAt = () => new Date().toISOString();
  const nobody = { isMember: false, isAdmin: false, permissions: [] };
  const whoAmI = async (headers: Record<string, string>) => {
    const { json } = await post({ query: '{ whoAmI }' }, headers);
    return json.data?.whoAmI ?? json.errors[0].extensions.code;
  };
  const tokenOf = (sub: string, claims: Record<string, unknown> = {}) => ({
    authorization: bearer({ sub, o: { id: 'org_nike', rol: 'admin' }, ...claims }),
  });

  test('J19 that has ended: the person has no store, and is a customer of the one that they name', async () => {
    MEMBER_ACCESS.user_gone = { ...nobody, changedAt: changedAt() };
    expect(await whoAmI(tokenOf('user_gone'))).toBe('TENANT_REQUIRED');
    const named = { ...tokenOf('user_gone'), 'x-store-domain': 'nike.localhost' };
    expect(await whoAmI(named)).toBe('CUSTOMER user_gone in org_nike');
  });

  test('J19 with another role: the person has the new role', async () => {
    MEMBER_ACCESS.user_demoted = {
      isMember: true,
      isAdmin: false,
      permissions: ['orders:read'],
      changedAt: changedAt(),
    };
    expect(await whoAmI(tokenOf('user_demoted'))).toBe('MEMBER user_demoted in org_nike');
    const [request] = graph.subgraphs.product.received.slice(-1);
    expect(JSON.parse(String(request?.headers['x-caller'])).permissions).toEqual(['orders:read']);
  });

  test('a token that was issued later takes precedence', async () => {
    MEMBER_ACCESS.user_back = { ...nobody, changedAt: new Date(Date.now() - 60_000).toISOString() };
    expect(await whoAmI(tokenOf('user_back'))).toBe('ADMIN user_back in org_nike');
  });

  test("a token's claims are used while the tenant subgraph's answers are unreadable", async () => {
    MEMBER_ACCESS.user_odd = { isMember: 'perhaps' };
    expect(await whoAmI(tokenOf('user_odd'))).toBe('ADMIN user_odd in org_nike');
  });
});
