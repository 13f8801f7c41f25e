import { AUDIENCES, type Audience, CALLER_HEADERS, type Caller, signCaller } from '../../subgraphs/shared/caller';
import { PERMISSIONS } from '../../subgraphs/shared/permissions';
import { CALLER_SIGNING_KEY, type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let own: TestStore;
let victim: TestStore;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  own = await graph.makeStore('own');
  victim = await graph.makeStore('victim');
}, 120_000);
afterAll(() => graph.stop(), 60_000);

const adminOf = (tenantId: string): Caller => ({
  tenantId,
  userId: 'user_staff',
  impersonatorId: null,
  role: 'ADMIN',
  permissions: PERMISSIONS,
  storeStatus: 'ACTIVE',
  productLimit: null,
  showsExactStock: true,
  requestId: 'straight',
});

const OPERATIONS: Record<Audience, string> = {
  tenant: '{ currentTenant { id name } }',
  product: '{ products(first: 1) { totalCount } }',
  order: '{ orders(first: 1) { totalCount } }',
};
const bodyOf = (query: string) => JSON.stringify({ query });

async function post(subgraph: Audience, headers: Record<string, string>, body: string, path = '/graphql') {
  const url = new URL(path, graph.subgraphUrl(subgraph));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** The headers of a call that would be let in, with what is done to them. */
const TAMPERED: [string, (subgraph: Audience, body: string) => Record<string, string>][] = [
  ['none of the headers', () => ({})],
  ['a Clerk token instead', () => own.admin],
  [
    'internal headers without a signature',
    () => ({ 'x-tenant-id': victim.id, 'x-user-id': 'user_eve', 'x-user-role': 'ADMIN', 'x-internal-admin': '1' }),
  ],
  ...Object.values(CALLER_HEADERS).map((name): (typeof TAMPERED)[number] => [
    `no ${name}`,
    (subgraph, body) => {
      const { [name]: _, ...rest } = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
      return rest;
    },
  ]),
  ...(
    [
      [CALLER_HEADERS.tenantId, () => victim.id],
      [CALLER_HEADERS.userId, () => 'user_eve'],
      [CALLER_HEADERS.role, () => 'SERVICE'],
      [CALLER_HEADERS.permissions, () => ''],
      [CALLER_HEADERS.storeStatus, () => 'SUSPENDED'],
      [CALLER_HEADERS.productLimit, () => '7'],
      [CALLER_HEADERS.showsExactStock, () => 'false'],
      [CALLER_HEADERS.requestId, () => 'another'],
      [CALLER_HEADERS.signature, () => '9999999999.AAAA.AAAA'],
    ] as const
  ).map(([name, value]): (typeof TAMPERED)[number] => [
    `another ${name}`,
    (subgraph, body) => ({ ...signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY), [name]: value() }),
  ]),
  ['the key of somebody else', (subgraph, body) => signCaller(adminOf(victim.id), subgraph, body, 'x'.repeat(32))],
  [
    'an envelope for each other subgraph',
    (subgraph, body) =>
      signCaller(adminOf(own.id), AUDIENCES.find((name) => name !== subgraph) ?? subgraph, body, CALLER_SIGNING_KEY),
  ],
  [
    'an envelope for another query',
    (subgraph) => signCaller(adminOf(own.id), subgraph, bodyOf('{ a }'), CALLER_SIGNING_KEY),
  ],
  [
    'an envelope of a minute ago',
    (subgraph, body) => {
      const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 61_000);
      try {
        return signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
      } finally {
        clock.mockRestore();
      }
    },
  ],
];

describe.each(AUDIENCES)('H2 straight to the %s subgraph', (subgraph) => {
  describe.each([
    ['a query', () => OPERATIONS[subgraph]],
    ['H8 _service', () => '{ _service { sdl } }'],
    [
      '_entities',
      () => `{ _entities(representations: [{ __typename: "Tenant", id: "${victim.id}" }]) { __typename } }`,
    ],
  ])('%s', (_what, query) => {
    it.each(TAMPERED)('is refused with %s: 401, and nothing of anybody', async (_how, headers) => {
      const body = bodyOf(query());
      const { status, text } = await post(subgraph, headers(subgraph, body), body);
      expect(status).toBe(401);
      expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
      expect(text).not.toMatch(/org_|type Query/);
    });
  });

  it('is answered once with a right envelope, and refused when that is sent again, also 20 times at once', async () => {
    const body = bodyOf(OPERATIONS[subgraph]);
    const once = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
    expect((await post(subgraph, once, body)).status).toBe(200);
    expect((await post(subgraph, once, body)).status).toBe(401);
    const many = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(subgraph, many, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('orders about a whole store are refused to all but a service', async () => {
    const body = JSON.stringify({ action: 'erase' });
    const path = '/internal/lifecycle';
    expect((await post(subgraph, {}, body, path)).status).toBe(401);
    const admin = signCaller(adminOf(victim.id), subgraph, body, CALLER_SIGNING_KEY);
    expect((await post(subgraph, admin, body, path)).status).toBe(403);
  });
});

it('H7 a header of 64 KB, or 3000 headers, end at the gateway: 400 or 431', async () => {
  const ask = async (headers: Record<string, string>) =>
    (await fetch(`${graph.gatewayUrl}/graphql`, { method: 'POST', headers, body: bodyOf('{ currentTenant { id } }') }))
      .status;
  expect(await ask({ 'x-long': 'x'.repeat(65_536) })).toBe(431);
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`x-header-${n}`, 'x']));
  expect([400, 431]).toContain(await ask(many));
});
