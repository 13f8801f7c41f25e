import { once } from 'node:events';
import { connect } from 'node:net';
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
afterAll(() => graph?.stop(), 60_000);

const adminOf = (tenantId: string): Caller => ({
  tenantId,
  userId: 'user_staff',
  impersonatorId: null,
  role: 'ADMIN',
  permissions: PERMISSIONS,
  storeStatus: 'ACTIVE',
  requestId: 'straight',
  clientAddress: null,
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

/** The headers of a valid call, and how each is tampered with. */
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
      [CALLER_HEADERS.requestId, () => 'another'],
      [CALLER_HEADERS.signature, () => '9999999999.AAAA.AAAA'],
    ] as const
  ).map(([name, value]): (typeof TAMPERED)[number] => [
    `another ${name}`,
    (subgraph, body) => ({ ...signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY), [name]: value() }),
  ]),
  ...Object.entries({
    tenantId: 'org_another',
    userId: 'user_eve',
    impersonatorId: 'user_eve',
    role: 'SERVICE',
    permissions: [],
    storeStatus: 'SUSPENDED',
    requestId: 'another',
    clientAddress: '192.0.2.1',
  }).map(([field, value]): (typeof TAMPERED)[number] => [
    `another ${field} in ${CALLER_HEADERS.caller}`,
    (subgraph, body) => {
      const signed = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
      const caller = JSON.parse(signed[CALLER_HEADERS.caller] ?? '');
      return { ...signed, [CALLER_HEADERS.caller]: JSON.stringify({ ...caller, [field]: value }) };
    },
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

describe.each(AUDIENCES)('H2 a request directly to the %s subgraph', (subgraph) => {
  describe.each([
    ['a query', () => OPERATIONS[subgraph]],
    ['H8 _service', () => '{ _service { sdl } }'],
    [
      '_entities',
      () => `{ _entities(representations: [{ __typename: "Tenant", id: "${victim.id}" }]) { __typename } }`,
    ],
  ])('%s', (_what, query) => {
    it.each(TAMPERED)('is refused with %s: 401, and no data', async (_how, headers) => {
      const body = bodyOf(query());
      const { status, text } = await post(subgraph, headers(subgraph, body), body);
      expect(status).toBe(401);
      expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
      expect(text).not.toMatch(/org_|type Query/);
    });
  });

  it('is answered once with a valid envelope, and refused as a replay, also 20 concurrent ones', async () => {
    const body = bodyOf(OPERATIONS[subgraph]);
    const once = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
    expect((await post(subgraph, once, body)).status).toBe(200);
    expect((await post(subgraph, once, body)).status).toBe(401);
    const many = signCaller(adminOf(own.id), subgraph, body, CALLER_SIGNING_KEY);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(subgraph, many, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('commands about a whole store are refused to all but a service', async () => {
    const body = JSON.stringify({ action: 'erase' });
    const path = '/internal/lifecycle';
    expect((await post(subgraph, {}, body, path)).status).toBe(401);
    const admin = signCaller(adminOf(victim.id), subgraph, body, CALLER_SIGNING_KEY);
    expect((await post(subgraph, admin, body, path)).status).toBe(403);
  });
});

describe.each(['gateway', ...AUDIENCES] as const)('H7 malformed HTTP to the %s', (name) => {
  const originOf = () => new URL(name === 'gateway' ? graph.gatewayUrl : graph.subgraphUrl(name));
  const body = bodyOf('{ __typename }');
  const head = (...lines: string[]) => [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Connection: close',
    ...lines,
  ];
  const whole = (...lines: string[]) =>
    `${head(`Content-Length: ${body.length}`, ...lines).join('\r\n')}\r\n\r\n${body}`;

  it.each<[string, string, number]>([
    ['a header of 64 KB', whole(`X-Long: ${'x'.repeat(65_536)}`), 431],
    ['a path of 64 KB', whole().replace('/graphql', `/${'x'.repeat(65_536)}`), 431],
    ['500 headers', whole(...Array.from({ length: 500 }, (_, n) => `X-H${n}: x`)), 431],
    ['3000 headers', whole(...Array.from({ length: 3_000 }, (_, n) => `X${n}: x`)), 431],
    ['500 times the same header', whole(...Array.from({ length: 500 }, () => 'X-User-Role: ADMIN')), 431],
    ['a CR in a value', whole('X-Request-Id: a\rX-User-Role: ADMIN'), 400],
    ['an LF in front of a header', whole('X-Request-Id: a\n\nX-User-Role: ADMIN'), 400],
    ['a NUL in a value', whole('X-Request-Id: a\u0000b'), 400],
    ['a space in a name', whole('X-User Role: ADMIN'), 400],
    ['a space behind a name', whole('X-User-Role : ADMIN'), 400],
    ['a line without a colon', whole('X-User-Role'), 400],
    ['two lengths', whole('Content-Length: 0'), 400],
    ['a length that is none', whole().replace(/Content-Length: \d+/, 'Content-Length: +1'), 400],
    ['a length and chunks', whole('Transfer-Encoding: chunked'), 400],
    ['no host', whole().replace('Host: localhost\r\n', ''), 400],
    ['no HTTP', '\u0016\u0003\u0001 not a request\r\n\r\n', 400],
  ])('%s is refused, and nothing after it is answered', async (_what, bytes, status) => {
    const { port, hostname } = originOf();
    const socket = connect(Number(port), hostname).setTimeout(3_000, () => socket.destroy());
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.write(bytes, 'latin1');
    // A server that refuses does not read the rest, so the connection may be reset before the answer is read.
    const wasReset = await once(socket, 'close').then(
      () => false,
      () => true,
    );
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));
    expect(statuses).toEqual(wasReset && statuses.length === 0 ? [] : [status]);
    expect(answer).not.toMatch(/"data"|__typename/);
  });
});
