import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { request } from 'undici';
import { bearer, nowSeconds } from './clerkTokens';
import { composeTestSupergraph, startTestGraph } from './testGraph';

type Graph = Awaited<ReturnType<typeof startTestGraph>>;

const NIKE_ADMIN = () => ({ authorization: bearer({ o: { id: 'org_nike', rol: 'admin' } }) });
const INTROSPECTION = '{ __schema { queryType { name } } __type(name: "Product") { name } __typename }';

let graph: Graph;

beforeAll(async () => {
  graph = await startTestGraph();
});
beforeEach(() => {
  for (const subgraph of Object.values(graph.subgraphs)) subgraph.received.length = 0;
});
afterAll(() => graph.stop());

const subgraphCalls = () =>
  Object.values(graph.subgraphs).flatMap((subgraph) => subgraph.received.map(({ path }) => path));

/** POSTs as any HTTP client would; `body` as it is when it is text. */
async function post(body: unknown, headers: Record<string, string | string[]> = {}, to = graph, path = '/graphql') {
  const response = await request(`${to.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a test expects of an answer.
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
    expect(answer.json).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }],
    });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(subgraphCalls()).toEqual([]);
  });

  test('J1 a token in the query string counts for nothing', async () => {
    const token = bearer({ o: { id: 'org_nike' } }).slice(7);
    const answer = await post(query, {}, graph, `/graphql?token=${token}&authorization=Bearer%20${token}`);
    expect(answer.json.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(subgraphCalls()).toEqual([]);
  });

  test('J13 no active organization and no store: TENANT_REQUIRED, no subgraph call', async () => {
    const answer = await post(query, { authorization: bearer() });
    expect(answer.json.errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'TENANT_REQUIRED' }) }),
    ]);
    expect(subgraphCalls()).toEqual([]);
  });

  test.each([
    ['an unknown domain', { 'x-store-domain': 'nobody.localhost' }, 'STORE_NOT_FOUND', 404],
    ['a suspended store', { 'x-store-domain': 'closed.localhost' }, 'STORE_UNAVAILABLE', 403],
    ['an organization without a store', { authorization: bearer({ o: { id: 'org_new' } }) }, 'TENANT_REQUIRED', 400],
    ['a suspended organization', { authorization: bearer({ o: { id: 'org_closed' } }) }, 'STORE_UNAVAILABLE', 403],
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

test('G2 fragments that spread each other twice cost no time before the caller is known', async () => {
  const fragments = Array.from({ length: 40 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`);
  const query = `{ ...f0 } ${fragments.join(' ')} fragment f40 on Query { __typename }`;
  expect((await post({ query })).json).toEqual({ data: { __typename: 'Query' } });
});

describe('the caller that the subgraphs see', () => {
  const whoAmI = async (headers: Record<string, string>) =>
    (await post({ query: '{ whoAmI }' }, headers)).json.data.whoAmI;

  test.each([
    ['a visitor by the address', { host: 'nike.localhost:3000' }, 'VISITOR null in org_nike'],
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

  test('H1 is not what the client makes up', async () => {
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

  test('one request asks once for its store, whatever it selects', async () => {
    const other = await startTestGraph();
    await post({ query: '{ whoAmI orders { product { name } } }' }, NIKE_ADMIN(), other);
    expect(other.subgraphs.tenant.received).toHaveLength(1);
    await other.stop();
  });
});

describe('request ids', () => {
  test('the client’s own is kept in the header, in errors and towards the subgraphs', async () => {
    const answer = await post({ query: '{ fails }' }, { ...NIKE_ADMIN(), 'x-request-id': 'trace_1-a' });
    expect(answer.headers['x-request-id']).toBe('trace_1-a');
    expect(answer.json.errors[0].extensions.requestId).toBe('trace_1-a');
    expect(graph.subgraphs.product.received[0]?.headers['x-request-id']).toBe('trace_1-a');
  });

  test.each([['a b'], ['x'.repeat(65)], ['é'], ['a"b'], ['']])('%j is replaced', async (given) => {
    const answer = await post({ query: '{ __typename }' }, { 'x-request-id': Buffer.from(given).toString('latin1') });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('every answer has one', async () => {
    const answers = await Promise.all([
      post('{', {}),
      post({}, {}, graph, '/nothing'),
      post({}, {}, graph, '/%'),
      post('x', { 'content-type': 'text/csv' }),
      post({}, {}, graph, '/healthz'),
    ]);
    for (const { headers, json } of answers) {
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(json.errors[0].extensions.requestId).toBe(headers['x-request-id']);
    }
  });
});

describe('errors', () => {
  test('G13 what a resolver throws is hidden', async () => {
    const answer = await post({ query: '{ fails whoAmI }' }, NIKE_ADMIN());
    expect(answer.json.data.whoAmI).toBe('ADMIN user_ann in org_nike');
    expect(answer.json.errors).toEqual([
      {
        message: 'Internal server error',
        path: ['fails'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
      },
    ]);
  });

  test.each([
    ['{ forbidden }', { message: 'A reason', path: ['forbidden'], extensions: { code: 'FORBIDDEN' } }],
    [
      '{ tooMany }',
      {
        message: 'A reason',
        path: ['tooMany'],
        extensions: { code: 'BAD_USER_INPUT', field: 'first', expected: 'at most 100' },
      },
    ],
    [
      '{ notMine }',
      { message: 'Internal server error', path: ['notMine'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ],
  ])('%s of a subgraph keeps what clients may read', async (query, { extensions, ...error }) => {
    const answer = await post({ query }, NIKE_ADMIN());
    expect(answer.json.errors).toEqual([{ ...error, extensions: { ...extensions, requestId: expect.any(String) } }]);
  });

  test('data that a subgraph must not leave out shows nothing of the schema’s inside', async () => {
    const answer = await post({ query: '{ incomplete { id name } whoAmI }' }, NIKE_ADMIN());
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ data: { incomplete: null, whoAmI: expect.any(String) } });
  });

  test.each([
    ['G12 a misspelt field', { query: '{ whoAmi }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'G12 a misspelt input',
      { query: 'mutation($i: ProductRenameInput!) { productRename(input: $i) }', variables: { i: { nam: 'x' } } },
      'BAD_USER_INPUT',
    ],
    ['no GraphQL', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    [
      'G15 an unknown operationName',
      { query: 'query A { whoAmI }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'G15 two operations, none named',
      { query: 'query A { whoAmI } query B { whoAmI }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['G15 no query', { variables: {} }, 'BAD_REQUEST'],
    ['G15 a query that is no text', { query: 1 }, 'BAD_REQUEST'],
    ['G15 variables as a list', { query: '{ whoAmI }', variables: [] }, 'BAD_REQUEST'],
    ['G8 a batch', [{ query: '{ whoAmI }' }, { query: '{ whoAmI }' }], 'BAD_REQUEST'],
    ['G15 no JSON', '{"query": ', 'BAD_REQUEST'],
    ['G15 nothing', '', 'BAD_REQUEST'],
    ['G15 a prototype key', '{"query":"{ whoAmI }","__proto__":{"polluted":1}}', 'BAD_REQUEST'],
  ])('%s is a JSON 400 without a hint', async (_title, body, code) => {
    const answer = await post(body, NIKE_ADMIN());
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    for (const error of answer.json.errors) expect(error.extensions).toEqual({ code, requestId: expect.any(String) });
    expect(answer.json.data).toBeUndefined();
    expect(answer.text).not.toMatch(/Did you mean|whoAmI"/);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('a message does not give back a megabyte of the request', async () => {
    const variables = { i: { name: ['x'.repeat(100_000)] } };
    const answer = await post(
      { query: 'mutation($i: ProductRenameInput!) { productRename(input: $i) }', variables },
      NIKE_ADMIN(),
    );
    expect(answer.json.errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(answer.text.length).toBeLessThan(1_000);
  });

  test.each([
    ['a body over 1 MB', { query: `{ whoAmI } #${'x'.repeat(1_000_000)}` }, {}, 413],
    ['another content type', 'a,b', { 'content-type': 'text/csv' }, 415],
    [
      'G10 text/plain, as a form of another site would send it',
      '{"query":"{ whoAmI }"}',
      { 'content-type': 'text/plain' },
      400,
    ],
  ])('%s is refused in JSON', async (_title, body, headers, status) => {
    const answer = await post(body, { ...NIKE_ADMIN(), ...headers });
    expect(answer.status).toBe(status);
    expect(answer.json.errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(subgraphCalls()).toEqual([]);
  });

  test('G10 a mutation by GET is refused', async () => {
    const url = `${graph.url}/graphql?query=${encodeURIComponent('mutation { productRename(input: { name: "x" }) }')}`;
    const response = await request(url, { headers: { ...NIKE_ADMIN(), 'apollo-require-preflight': '1' } });
    expect(response.statusCode).toBe(405);
    expect(subgraphCalls()).toEqual([]);
  });

  test('G10 a query by GET, as another site’s page could ask for it, is refused', async () => {
    const get = async (headers: Record<string, string>) => {
      const url = `${graph.url}/graphql?query=${encodeURIComponent('{ whoAmI }')}`;
      return (await request(url, { headers: { ...NIKE_ADMIN(), ...headers } })).statusCode;
    };
    expect(await get({})).toBe(400);
    expect(await get({ 'apollo-require-preflight': '1' })).toBe(200);
  });

  test('H7 a head of 64 kB is refused', async () => {
    const { hostname, port } = new URL(graph.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`);
    const [head] = await new Promise<string[]>((resolve) =>
      socket.once('data', (data) => resolve(String(data).split('\r\n'))),
    );
    socket.destroy();
    expect(head).toContain('431');
  });
});

describe('introspection', () => {
  test('needs no token and no store in development, and reaches no subgraph', async () => {
    const answer = await post({ query: INTROSPECTION });
    expect(answer.json).toEqual({
      data: { __schema: { queryType: { name: 'Query' } }, __type: { name: 'Product' }, __typename: 'Query' },
    });
    expect(subgraphCalls()).toEqual([]);
  });

  test.each([
    ['beside it', '{ __typename whoAmI }'],
    ['in a fragment', '{ __typename ...Data } fragment Data on Query { ... on Query { whoAmI } }'],
    ['behind @include', 'query($yes: Boolean = true) { __typename ... @include(if: $yes) { whoAmI } }'],
    ['under an alias like one of its fields', '{ __typename typename: whoAmI }'],
  ])('opens nothing else: data %s needs a caller', async (_title, query) => {
    const answer = await post({ query });
    expect(answer.json.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'UNAUTHENTICATED',
    ]);
  });
});

describe('a subgraph that is gone', () => {
  test('nulls only its own fields, and its name and address stay hidden', async () => {
    const other = await startTestGraph();
    await other.subgraphs.product.close();
    const answer = await post({ query: '{ orders { id product { id name } } }' }, NIKE_ADMIN(), other);
    expect(answer.json.data).toEqual({ orders: [{ id: 'ord_1', product: null }] });
    expect(answer.json.errors).toEqual([
      {
        message: expect.any(String),
        path: ['orders'],
        extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) },
      },
    ]);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|stack/);
    await other.stop();
  });

  test('when it is the one that knows the stores, the request is refused with 503', async () => {
    const other = await startTestGraph();
    await other.subgraphs.tenant.close();
    const answer = await post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    expect(answer.status).toBe(503);
    expect(answer.json.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'SERVICE_UNAVAILABLE',
    ]);
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
    expect(other.subgraphs.product.received).toEqual([]);
    await other.stop();
  });
});

describe('Clerk webhooks', () => {
  const body = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x20, 0xff, 0xfe, 0x00, 0x7d, 0x0a, 0x20]);
  const svix = { 'svix-id': 'msg_1', 'svix-timestamp': '1700000000', 'svix-signature': 'v1,abc= v1,def=' };
  const deliver = (bytes: Buffer | string, headers: Record<string, string> = svix, to = graph) =>
    post(bytes, headers, to, '/api/webhooks/clerk');

  test('go to the tenant subgraph byte for byte, with what proves them and no more', async () => {
    const answer = await deliver(body, { ...svix, authorization: 'Bearer x', 'x-user-role': 'SERVICE', cookie: 'a=b' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 202, text: 'taken in' });
    expect(answer.headers['x-internal']).toBeUndefined();
    const [delivery] = graph.subgraphs.tenant.received;
    expect(delivery?.path).toBe('/webhooks/clerk');
    expect(delivery?.body.equals(body)).toBe(true);
    expect(Object.keys(delivery?.headers ?? {}).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'svix-id',
      'svix-signature',
      'svix-timestamp',
    ]);
    expect(delivery?.headers).toMatchObject({ 'content-type': 'application/json', ...svix });
  });

  test('that are no JSON go on too: only the receiver can judge them', async () => {
    expect((await deliver('{')).status).toBe(202);
  });

  test('that were taken in let a new store be found at once; that were refused do not', async () => {
    const other = await startTestGraph();
    const lookUps = () => other.subgraphs.tenant.received.filter(({ path }) => path === '/graphql').length;
    const ask = () => post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    await ask();
    await deliver(Buffer.alloc(256 * 1024 + 1, 'x'), svix, other);
    await ask();
    expect(lookUps()).toBe(1);
    await deliver(body, svix, other);
    await ask();
    expect(lookUps()).toBe(2);
    await other.stop();
  });

  test('over 256 KiB are refused', async () => {
    expect((await deliver(Buffer.alloc(256 * 1024 + 1, 'x'))).status).toBe(413);
    expect((await deliver(Buffer.alloc(256 * 1024, 'x'))).status).toBe(202);
    expect(graph.subgraphs.tenant.received).toHaveLength(1);
  });

  test('W9 are answered with 503 while the tenant subgraph is gone, so that Clerk sends them again', async () => {
    const other = await startTestGraph();
    await other.subgraphs.tenant.close();
    const answer = await deliver(body, svix, other);
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('127.0.0.1');
    await other.stop();
  });
});

describe('probes', () => {
  test('/healthz is ok while the process lives; /readyz names what is not ready, and stays ready', async () => {
    const other = await startTestGraph();
    const get = async (path: string) => {
      const response = await request(`${other.url}${path}`);
      return { status: response.statusCode, json: await response.body.json() };
    };
    expect(await get('/readyz')).toEqual({ status: 200, json: { status: 'ok' } });

    await other.subgraphs.product.close();
    other.subgraphs.order.healthy = false;
    expect(await get('/readyz')).toEqual({ status: 200, json: { status: 'degraded', notReady: ['product', 'order'] } });
    expect(await get('/healthz')).toEqual({ status: 200, json: { status: 'ok' } });
    await other.stop();
  });
});

describe('production', () => {
  let production: Graph;
  beforeAll(async () => {
    production = await startTestGraph({ NODE_ENV: 'production' });
  });
  afterAll(() => production.stop());

  test('G11 introspection is refused', async () => {
    for (const query of [
      INTROSPECTION,
      '{ __schema { types { name } } }',
      '{ _service { sdl } }',
      '{ _entities(representations: []) { __typename } }',
    ]) {
      const answer = await post({ query }, NIKE_ADMIN(), production);
      expect(answer.status).toBe(400);
      expect(answer.json.data).toBeUndefined();
    }
  });

  test('there is no landing page; in development there is', async () => {
    const page = async ({ url }: Graph) => {
      const response = await request(`${url}/graphql`, { headers: { accept: 'text/html' } });
      return { status: response.statusCode, type: response.headers['content-type'], text: await response.body.text() };
    };
    expect((await page(production)).type).toMatch('application/json');
    expect(await page(graph)).toMatchObject({
      status: 200,
      type: 'text/html',
      text: expect.stringContaining('sandbox'),
    });
  });

  test('the query plan is not shown, whatever a header asks for', async () => {
    const answer = await post(
      { query: '{ whoAmI }' },
      { ...NIKE_ADMIN(), 'apollo-query-plan-experimental': '1' },
      production,
    );
    expect(answer.json).toEqual({ data: { whoAmI: 'ADMIN user_ann in org_nike' } });
  });
});

describe('the log', () => {
  test('F34 has one line a request, the reason of what clients don’t get to read, and no secret', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
    const other = await startTestGraph({}, log);
    const token = bearer({ o: { id: 'org_nike', rol: 'admin' } });
    const variables = { i: { name: 'a-secret-of-the-body' } };
    const query = 'mutation Rename($i: ProductRenameInput!) { productRename(input: $i) }';
    const headers = { authorization: token, cookie: 'a-secret-cookie=1' };
    const { headers: answered } = await post({ query, variables }, headers, other, '/graphql?a-secret-of-the-url=1');
    await post({ query: '{ fails }' }, headers, other);
    await post({ query: '{ whoAmI }' }, { authorization: `${token}x` }, other);
    await other.stop();

    expect(lines.filter(({ msg }) => msg === 'request')).toEqual([
      expect.objectContaining({
        requestId: answered['x-request-id'],
        method: 'POST',
        path: '/graphql',
        status: 200,
        ms: expect.any(Number),
        tenantId: 'org_nike',
        operation: 'Rename',
      }),
      expect.objectContaining({ tenantId: 'org_nike', operation: null }),
      expect.objectContaining({ status: 401, tenantId: null }),
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'error hidden from the client', subgraph: 'product' }));
    const text = JSON.stringify(lines);
    expect(text).not.toContain('a-secret');
    expect(text).not.toContain(token.split('.')[2]);
  });
});

describe('stopping', () => {
  test('what is under way is answered, then nothing is accepted', async () => {
    const other = await startTestGraph();
    let release = () => {};
    other.subgraphs.product.hold = new Promise((resolve) => {
      release = resolve;
    });
    const underWay = post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    while (other.subgraphs.product.received.length === 0) await sleep(5);
    const started = performance.now();
    const stopped = other.stop();
    await sleep(20);
    release();
    expect((await underWay).json.data.whoAmI).toBe('ADMIN user_ann in org_nike');
    await stopped;
    expect(performance.now() - started).toBeLessThan(3_000);
    await expect(post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other)).rejects.toThrow();
  });
});

describe('the supergraph file, in development', () => {
  test('F18 is taken over when it changes; one that is no supergraph leaves the old one in use', async () => {
    const other = await startTestGraph({ NODE_ENV: 'development' });
    const fields = async () => {
      const { json } = await post({ query: '{ __schema { queryType { fields { name } } } }' }, {}, other);
      return json.data.__schema.queryType.fields.map((field: { name: string }) => field.name);
    };
    writeFileSync(other.supergraphFile, 'type Query {');
    await sleep(400);
    expect(await fields()).toContain('whoAmI');

    writeFileSync(other.supergraphFile, composeTestSupergraph('extend type Query { added: String }'));
    const deadline = nowSeconds() + 5;
    while (!(await fields()).includes('added') && nowSeconds() < deadline) await sleep(50);
    expect(await fields()).toContain('added');
    await other.stop();
  }, 10_000);
});
