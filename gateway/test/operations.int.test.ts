import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { request } from 'undici';
import { metricValue } from '../../subgraphs/shared/test/metricValue';
import { freePort } from '../dev/ports';
import { bearer, nowSeconds } from './clerkTokens';
import { forgetCalls, type Graph, INTROSPECTION, NIKE_ADMIN, postTo } from './postToGraph';
import { composeTestSupergraph, startTestGraph } from './testGraph';

let graph: Graph;

beforeAll(async () => {
  graph = await startTestGraph();
});
beforeEach(() => forgetCalls(graph));
afterAll(() => graph?.stop());

const post = (body: unknown, headers: Record<string, string | string[]> = {}, to = graph, path = '/graphql') =>
  postTo(to, body, headers, path);

describe('webhooks', () => {
  const body = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x20, 0xff, 0xfe, 0x00, 0x7d, 0x0a, 0x20]);
  const svix = { 'svix-id': 'msg_1', 'svix-timestamp': '1700000000', 'svix-signature': 'v1,abc= v1,def=' };
  const deliver = (bytes: Buffer | string, headers: Record<string, string> = svix, to = graph) =>
    post(bytes, headers, to, '/api/webhooks/clerk');

  test('are forwarded to the tenant subgraph byte for byte, with their signature headers only', async () => {
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

  test('of Stripe are forwarded to the order subgraph in the same way', async () => {
    const stripe = { 'stripe-signature': 't=1700000000,v1=abc' };
    const answer = await post(body, { ...stripe, ...svix, cookie: 'a=b' }, graph, '/api/webhooks/stripe');
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 202, text: 'taken in' });
    const [delivery] = graph.subgraphs.order.received;
    expect(delivery?.path).toBe('/webhooks/stripe');
    expect(delivery?.body.equals(body)).toBe(true);
    expect(delivery?.headers).toMatchObject(stripe);
    expect(delivery?.headers).not.toMatchObject({ 'svix-id': 'msg_1' });
    expect(delivery?.headers.cookie).toBeUndefined();
  });

  test('that are no JSON are forwarded, too: only the receiver can verify them', async () => {
    expect((await deliver('{')).status).toBe(202);
  });

  test('that were accepted invalidate the caches of stores and members; refused ones do not', async () => {
    const other = await startTestGraph();
    const lookUps = () => other.subgraphs.tenant.received.filter(({ path }) => path === '/graphql').length;
    const ask = () => post({ query: '{ whoAmI }' }, NIKE_ADMIN(), other);
    await ask();
    await deliver(Buffer.alloc(256 * 1024 + 1, 'x'), svix, other);
    await ask();
    expect(lookUps()).toBe(2);
    await deliver(body, svix, other);
    await ask();
    expect(lookUps()).toBe(4);
    await other.stop();
  });

  test('over 256 KiB are refused', async () => {
    expect((await deliver(Buffer.alloc(256 * 1024 + 1, 'x'))).status).toBe(413);
    expect((await deliver(Buffer.alloc(256 * 1024, 'x'))).status).toBe(202);
    expect(graph.subgraphs.tenant.received).toHaveLength(1);
  });

  test('W9 are answered with 503 while the tenant subgraph is down, so that Clerk sends them again', async () => {
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
    expect(await get('/readyz')).toEqual({
      status: 200,
      json: { status: 'degraded', notReady: ['product', 'order'], circuits: expect.anything() },
    });
    expect(await get('/healthz')).toEqual({ status: 200, json: { status: 'ok' } });
    await other.stop();
  });
});

describe('metrics', () => {
  test('count operations by name and by the codes of their errors, and tell no address, store or person', async () => {
    const other = await startTestGraph();
    await post({ query: 'query Who { whoAmI }' }, NIKE_ADMIN(), other);
    await post({ query: 'query Typo { whoAmi }' }, NIKE_ADMIN(), other);
    const metrics = await (await request(`${other.url}/metrics`)).body.text();
    const operation = '{graphql_operation_type="query",graphql_operation_name="Who"}';
    const route = '{http_request_method="POST",http_route="/graphql",http_response_status_code="200"}';
    for (const line of [
      `graphql_operation_duration_seconds_count${operation} 1`,
      `http_server_request_duration_seconds_count${route} 1`,
      'graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1',
      'subgraph_circuit_state{subgraph="product"} 0',
    ])
      expect(metrics).toContain(`${line}\n`);
    for (const lookUps of ['query_plan_lookups_total', 'store_lookups_total'])
      expect(metricValue(metrics, lookUps, { outcome: 'miss' })).toBeGreaterThan(0);
    expect(metrics).not.toMatch(/Typo|nike|user_ann|127\.0\.0\.1/);
    await other.stop();
  });

  test('in production have a port of their own', async () => {
    const port = await freePort();
    const other = await startTestGraph({ NODE_ENV: 'production', METRICS_PORT: String(port) });
    expect((await request(`${other.url}/metrics`)).statusCode).toBe(404);
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/metrics`);
    expect([statusCode, await body.text()]).toEqual([200, expect.stringContaining('\nbuild_info{')]);
    await other.stop();
    await expect(request(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow(/ECONNREFUSED|other side closed/);
  });
});

describe('production', () => {
  let production: Graph;
  beforeAll(async () => {
    production = await startTestGraph({ NODE_ENV: 'production' });
  });
  afterAll(() => production?.stop());

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

  test.each([
    ['a misspelt field', { query: '{ whoAmi }' }],
    [
      'a misspelt field of a variable',
      { query: 'mutation ($i: ProductRenameInput!) { productRename(input: $i) }', variables: { i: { nam: 'x' } } },
    ],
  ])('G12 %s tells nobody the names that are like it', async (_title, body) => {
    const answer = await post(body, NIKE_ADMIN(), production);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toMatch(/Did you mean|whoAmI|name"/);
  });

  test('a browser gets a page that loads and runs nothing', async () => {
    for (const path of ['/', '/graphql', '/graphql?query={whoAmI}']) {
      const page = await request(`${production.url}${path}`, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-type']).toMatch('text/html');
      expect(page.headers['content-security-policy']).not.toMatch(/script-src|connect-src/);
      expect(await page.body.text()).not.toMatch(/<script|sandbox/i);
    }
  });

  test('the query plan is not shown, whatever a header asks for', async () => {
    const answer = await post(
      { query: '{ whoAmI }' },
      { ...NIKE_ADMIN(), 'apollo-query-plan-experimental': '1' },
      production,
    );
    expect(answer.json.data).toEqual({ whoAmI: 'ADMIN user_ann in org_nike' });
    expect(answer.json.extensions).toEqual({
      cost: { requested: 52, actual: 52, maximum: 30_000, remaining: expect.any(Number), restoreRate: 10_000 },
    });
  });
});

describe('the log', () => {
  test('F34 has one line for each request, the reasons that clients don’t see, and no secrets', async () => {
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
    for (const path of ['/media/images/..%2fa-secret-signature/1.png', '/metrics', '/shops/nike/a-secret'])
      await request(`${other.url}${path}`);
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
        hash: createHash('sha256').update(query).digest('hex'),
        address: '127.0.0.1',
      }),
      expect.objectContaining({ tenantId: 'org_nike', operation: null }),
      expect.objectContaining({ status: 401, tenantId: null }),
      expect.objectContaining({ path: '/media/images/…', level: 30 }),
      expect.objectContaining({ path: '/metrics', level: 20 }),
      expect.objectContaining({ path: '/shops/nike/…', status: 404, level: 30 }),
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'error hidden from the client', subgraph: 'product' }));
    const text = JSON.stringify(lines);
    expect(text).not.toContain('a-secret');
    expect(text).not.toContain(token.split('.')[2]);
  });
});

describe('stopping', () => {
  test('requests in flight are answered, then no more are accepted', async () => {
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
  test('F18 is loaded when it changes; an invalid one leaves the current one in use', async () => {
    const other = await startTestGraph({ NODE_ENV: 'development' });
    const fields = async () => {
      const { json } = await post({ query: '{ __schema { queryType { fields { name } } } }' }, {}, other);
      return json.data.__schema.queryType.fields.map((field: { name: string }) => field.name);
    };
    writeFileSync(other.supergraphFile, 'type Query {');
    await sleep(400);
    expect(await fields()).toContain('whoAmI');

    writeFileSync(other.supergraphFile, composeTestSupergraph('extend type Query { added: String }'));
    const deadline = nowSeconds() + 30;
    while (!(await fields()).includes('added') && nowSeconds() < deadline) await sleep(50);
    expect(await fields()).toContain('added');
    await other.stop();
  }, 60_000);
});
