import type { ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import { type Caller, CallerRefused, verifyCaller } from '../../subgraphs/shared/caller';
import { createLogger } from '../../subgraphs/shared/log';
import { createSubgraphClient, type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { OperationLog } from '../http/requestLog';
import { type HttpStub, startHttpStub } from '../test/httpStub';
import type { GatewayContext } from './context';
import { createSubgraphDataSource, SUBGRAPH_CALLS } from './subgraphDataSource';
import { createSubgraphMetrics } from './subgraphMetrics';

const KEY = 'a-signing-key-of-the-test-0123456789';
const TIMEOUT_MS = 1_000;
const ADMIN: Caller = {
  tenantId: 'org_nike',
  userId: 'user_ann',
  impersonatorId: null,
  role: 'ADMIN',
  permissions: ['orders:read', 'store:manage'],
  storeStatus: 'ACTIVE',
  requestId: 'request-1',
  clientAddress: '203.0.113.7',
};
const unavailable = (more: object) => ({
  data: null,
  errors: [
    {
      message: 'A part of the system does not answer at the moment. Try again.',
      path: [],
      extensions: { code: 'SERVICE_UNAVAILABLE', ...more },
    },
  ],
});
const UNAVAILABLE = unavailable({ retryAfter: 1 });

let subgraph: HttpStub;
let client: SubgraphClient;
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  subgraph = await startHttpStub((_request, response) => answer(response));
  client = createSubgraphClient(`${subgraph.origin}/graphql`, 'product', KEY, { timeoutMs: TIMEOUT_MS });
});
beforeEach(() => {
  subgraph.received.length = 0;
  answer = json(200, { data: { product: { id: 'prod_1' } } });
});
afterAll(async () => {
  await client?.close();
  await subgraph?.close();
});

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const OPERATION = { query: 'query ($id: ID!) { product(id: $id) { id } }', variables: { id: 'prod_1' } };

const incoming = (context: Partial<GatewayContext> = {}) => ({
  requestId: 'request-1',
  caller: ADMIN,
  abortSignal: new AbortController().signal,
  operationLog: { address: '192.0.2.1', tenantId: null, userId: null, operation: null },
  // The client's own.
  headers: { 'x-tenant-id': ['org_puma'], authorization: ['Bearer secret'], cookie: ['a=b'] },
  ...context,
});

const sourceOf = (by = client, registry = new Registry()) => {
  const metrics = createSubgraphMetrics(registry);
  return createSubgraphDataSource('product', { client: by, metrics, log: createLogger('gateway', 'silent') });
};

const process = (context = incoming(), by = client) => sourceOf(by)(OPERATION, context);

test('without a known caller nothing is sent', async () => {
  await expect(process(incoming({ caller: null }))).rejects.toThrow('before the caller is known');
  expect(subgraph.received).toEqual([]);
});

test('H1 no header of the client is forwarded: only the operation and the signed caller', async () => {
  await expect(process()).resolves.toEqual({ data: { product: { id: 'prod_1' } } });
  const [request] = subgraph.received;
  expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'x-answer-within-ms',
    'x-caller',
    'x-caller-signature',
    'x-request-id',
    'x-tenant-id',
    'x-user-id',
    'x-user-role',
  ]);
  expect(JSON.parse(String(request?.body))).toEqual(OPERATION);
});

test('nothing is sent for a client that has disconnected', async () => {
  await expect(process(incoming({ abortSignal: AbortSignal.abort() }))).resolves.toEqual(unavailable({}));
  expect(subgraph.received).toEqual([]);
});

test('the envelope is valid for this caller, this subgraph and this body only', async () => {
  await process();
  const [request] = subgraph.received;
  const verify = (audience: 'product' | 'order', body: string) =>
    verifyCaller(request?.headers ?? {}, audience, body, KEY, () => false);
  const body = String(request?.body);
  expect(verify('product', body)).toEqual(ADMIN);
  expect(() => verify('order', body)).toThrow(CallerRefused);
  expect(() => verify('product', body.replace('prod_1', 'prod_2'))).toThrow(CallerRefused);
});

describe('F15 an invalid answer of a subgraph is SERVICE_UNAVAILABLE, and its address stays hidden', () => {
  const valid = JSON.stringify({ data: { product: null } });
  test.each<[string, (response: ServerResponse) => void]>([
    ['500', json(500, { data: { product: null } })],
    ['502 with a page', (response) => response.writeHead(502).end('<html>')],
    ['404', json(404, {})],
    ['a redirect', (response) => response.writeHead(307, { location: '/other' }).end()],
    ['200 with a page', (response) => response.writeHead(200).end('<html>')],
    ['half of a JSON text', (response) => response.writeHead(200).end(valid.slice(0, -3))],
    ['null', json(200, null)],
    ['a list', json(200, [{ data: {} }])],
    ['an object without data and errors', json(200, { message: 'ok' })],
    ['errors that are no list', json(200, { errors: 'no' })],
    ['nothing at all', () => {}],
    ['headers and no body', (response) => response.writeHead(200).flushHeaders()],
    ['a trickle of bytes', (response) => trickle(response, valid)],
    ['a closed connection', (response) => response.destroy()],
    ['a connection closed half way', (response) => response.writeHead(200).write('{', () => response.destroy())],
  ])('%s', async (_title, misbehave) => {
    answer = misbehave;
    const started = performance.now();
    await expect(process()).resolves.toEqual(UNAVAILABLE);
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS * 20);
    expect(subgraph.received).toHaveLength(1);
  });

  test('an answer larger than any real one', async () => {
    answer = (response) => response.writeHead(200).end(`{"data":${' '.repeat(33 * 1024 * 1024)}{}}`);
    const patient = createSubgraphClient(`${subgraph.origin}/graphql`, 'product', KEY);
    await expect(process(incoming(), patient)).resolves.toEqual(UNAVAILABLE);
    await patient.close();
  });

  test('nobody listens', async () => {
    const gone = await startHttpStub(() => {});
    await gone.close();
    const orphan = createSubgraphClient(`${gone.origin}/graphql`, 'product', KEY);
    await expect(process(incoming(), orphan)).resolves.toEqual(UNAVAILABLE);
    await orphan.close();
  });

  function trickle(response: ServerResponse, text: string): void {
    response.writeHead(200);
    let sent = 0;
    const timer = setInterval(() => response.write(text.charAt(sent++)), TIMEOUT_MS / 4);
    response.on('close', () => clearInterval(timer));
  }
});

test.each([401, 403])('a subgraph that refuses the envelope (%i) is an internal error', async (status) => {
  answer = json(status, { errors: [{ message: 'no valid caller', extensions: { code: 'UNAUTHENTICATED' } }] });
  await expect(process()).resolves.toEqual({
    data: null,
    errors: [{ message: 'Internal server error', path: [], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
});

test('GraphQL errors are returned with the data, and can’t set the gateway’s own HTTP status', async () => {
  const error = { message: 'No', path: ['product'], extensions: { code: 'FORBIDDEN', http: { status: 418 } } };
  answer = json(200, { data: { product: null }, errors: [error] });
  await expect(process()).resolves.toEqual({
    data: { product: null },
    errors: [{ ...error, extensions: { code: 'FORBIDDEN' } }],
  });
});

test('what a subgraph can’t answer at the moment has a time to retry after, its own or the gateway’s', async () => {
  const errors = [{ message: 'a', extensions: { code: 'SERVICE_UNAVAILABLE' } }];
  answer = json(200, {
    data: null,
    errors: [...errors, { message: 'b', extensions: { code: 'THROTTLED', retryAfter: 7 } }],
  });
  const { errors: received } = (await process()) as { errors: unknown[] };
  expect(received).toMatchObject([{ extensions: { retryAfter: 1 } }, { extensions: { retryAfter: 7 } }]);
});

test('a request that a subgraph refuses before execution, with 400, keeps its errors', async () => {
  answer = json(400, { errors: [{ message: 'price: expected a number', extensions: { code: 'BAD_USER_INPUT' } }] });
  await expect(process()).resolves.toEqual({
    errors: [{ message: 'price: expected a number', extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

describe('calls beyond the connections of a subgraph', () => {
  afterEach(() => jest.restoreAllMocks());

  test('are not sent when the queue is full, and are told when to retry', async () => {
    jest.replaceProperty(SUBGRAPH_CALLS, 'inFlight', 1);
    jest.replaceProperty(SUBGRAPH_CALLS, 'queued', 0);
    jest.replaceProperty(SUBGRAPH_CALLS, 'initialSlotMs', 2_500);
    const source = sourceOf();
    let finish = () => {};
    answer = (response) => {
      finish = () => json(200, { data: { product: null } })(response);
    };
    const first = source(OPERATION, incoming());
    await expect(source(OPERATION, incoming())).resolves.toEqual(unavailable({ retryAfter: 3 }));
    await expect(source(OPERATION, incoming())).resolves.toEqual(unavailable({ retryAfter: 5 }));
    while (subgraph.received.length === 0) await new Promise(setImmediate);
    finish();
    await expect(first).resolves.toEqual({ data: { product: null } });
    expect(subgraph.received).toHaveLength(1);
  });

  test('wait for one of them, and are sent then', async () => {
    jest.replaceProperty(SUBGRAPH_CALLS, 'inFlight', 1);
    const source = sourceOf();
    const both = await Promise.all([source(OPERATION, incoming()), source(OPERATION, incoming())]);
    expect(both).toEqual([{ data: { product: { id: 'prod_1' } } }, { data: { product: { id: 'prod_1' } } }]);
  });
});

test('a slow subgraph delays only its own requests', async () => {
  answer = () => {};
  const arrived = subgraph.next();
  const hanging = process();
  await arrived;
  answer = json(200, { data: { product: null } });
  await expect(process()).resolves.toEqual({ data: { product: null } });
  await expect(hanging).resolves.toEqual(UNAVAILABLE);
});

test('each call is measured by what became of it, and is in the log line of its request', async () => {
  const registry = new Registry();
  const source = sourceOf(client, registry);
  const context = incoming();
  await source(OPERATION, context);
  answer = (response) => response.destroy();
  await source(OPERATION, context);
  const metrics = await registry.metrics();
  for (const outcome of ['ok', 'unavailable']) {
    expect(metrics).toContain(`subgraph_call_duration_seconds_count{subgraph="product",outcome="${outcome}"} 1\n`);
  }
  expect(metrics).toContain('subgraph_circuit_state{subgraph="product"} 0\n');
  expect((context.operationLog as OperationLog).calls).toEqual([
    expect.stringMatching(/^product \d+\.\d$/),
    expect.stringMatching(/^product \d+\.\d$/),
  ]);
});

test('a subgraph that fails often is not called any more, and its fields say when to retry', async () => {
  const registry = new Registry();
  const source = sourceOf(client, registry);
  answer = (response) => response.destroy();
  for (let failed = 0; failed < 5; failed += 1) await source(OPERATION, incoming());
  expect(subgraph.received).toHaveLength(5);
  await expect(source(OPERATION, incoming())).resolves.toEqual(UNAVAILABLE);
  expect(subgraph.received).toHaveLength(5);
  expect(await registry.metrics()).toContain('subgraph_circuit_state{subgraph="product"} 2\n');
});

describe('a call whose connection is lost before it is answered, as when a process ends', () => {
  /** Loses so many calls, and answers the next. */
  const lose = (count: number) => {
    let lost = 0;
    answer = (response) => {
      if (lost++ < count) response.socket?.destroy();
      else json(200, { data: { product: { id: 'prod_1' } } })(response);
    };
  };
  const send = (query: string, isQuery = true) => client.execute({ query, variables: {}, isQuery }, ADMIN);

  it('is sent once more when it is a query, with a signature of its own', async () => {
    lose(1);
    expect(await send(OPERATION.query)).toEqual({ data: { product: { id: 'prod_1' } } });
    const signatures = subgraph.received.map(({ headers }) => headers['x-caller-signature']);
    expect(new Set(signatures).size).toBe(2);
  });

  it('is not sent a third time', async () => {
    lose(2);
    await expect(send(OPERATION.query)).rejects.toThrow(SubgraphUnavailable);
    expect(subgraph.received).toHaveLength(2);
  });

  it('is never sent again when it is a mutation: it may have been executed', async () => {
    lose(1);
    await expect(send('mutation { productDelete(id: "prod_1") { deletedProductId } }', false)).rejects.toThrow(
      SubgraphUnavailable,
    );
    expect(subgraph.received).toHaveLength(1);
  });

  it('is not sent again when a tenth of the calls were: a subgraph that is down is not asked twice as often', async () => {
    const other = createSubgraphClient(`${subgraph.origin}/graphql`, 'product', KEY);
    lose(1_000);
    const calls = 40;
    for (let n = 0; n < calls; n++) await other.execute({ ...OPERATION, isQuery: true }, ADMIN).catch(() => null);
    await other.close();
    // Ten at first, and one for each ten calls.
    expect(subgraph.received.length - calls).toBeGreaterThanOrEqual(10);
    expect(subgraph.received.length - calls).toBeLessThanOrEqual(14);
  });
});
