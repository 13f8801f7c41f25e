import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { inStore } from '../guards';
import { createLogger } from '../log';
import { mergeRules } from '../mergeFeatures';
import { startSubgraph } from '../startSubgraph';
import { askSubgraph, SIGNING_KEY, visitor } from './askSubgraph';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'subgraph-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A subgraph that gives back a text, and whose `GET /file` answers with what the test writes. */
async function startWithFile(
  file: PassThrough,
  logger = createLogger('product', 'silent'),
  pause?: () => Promise<unknown>,
) {
  await writeFile(
    join(folder, 'schema.graphql'),
    'type Query { said(text: [String!]): [String!] } type Thing @key(fields: "id") { id: ID! }',
  );
  let server: FastifyInstance['server'] | undefined;
  const subgraph = await startSubgraph({
    name: 'product',
    host: '127.0.0.1',
    port: 0,
    signingKey: SIGNING_KEY,
    folder,
    resolvers: {
      Query: {
        said: (_root: unknown, { text }: { text: string[] }) => {
          if (text[0] === 'fail') throw new Error('a fault of ours');
          return text;
        },
      },
    },
    rules: mergeRules([{ Query: { said: inStore } }]),
    createContext: (caller) => ({ caller }),
    logger,
    metrics: new Registry(),
    connections: () => ({ used: 0, idle: 0, pending: 0 }),
    ready: async () => {},
    ...(pause && { drainMs: 5_000, pause }),
    close: async () => {},
    routes: (app) => {
      server = app.server;
      app.get('/file', (_request, reply) => reply.header('content-length', 2).send(file));
    },
  });
  return { ...subgraph, isListening: () => server?.listening === true };
}

describe('A subgraph that stops', () => {
  it('is not ready any more, and serves until load balancers have noticed', async () => {
    let end = () => {};
    const drained = new Promise<void>((resolve) => {
      end = resolve;
    });
    const subgraph = await startWithFile(new PassThrough(), undefined, () => drained);
    const ready = async () => {
      const { status, headers } = await fetch(`${subgraph.url}/readyz`);
      return [status, headers.get('connection')];
    };
    expect(await ready()).toEqual([200, 'keep-alive']);
    const stopped = subgraph.stop();
    expect(await ready()).toEqual([503, 'close']);
    expect((await fetch(`${subgraph.url}/healthz`)).status).toBe(200);
    end();
    await stopped;
    await expect(fetch(`${subgraph.url}/healthz`)).rejects.toThrow();
  });

  it('completes responses in progress, and does not wait for the connections’ keep-alive time', async () => {
    const file = new PassThrough();
    const subgraph = await startWithFile(file);
    file.write('a');
    const answer = await fetch(`${subgraph.url}/file`);
    const stopped = subgraph.stop();
    while (subgraph.isListening()) await sleep(5);
    file.end('b');
    expect(await answer.text()).toBe('ab');
    await stopped;
  });
});

describe('A subgraph that is sent a text', () => {
  let subgraph: Awaited<ReturnType<typeof startWithFile>>;
  let client: ReturnType<typeof askSubgraph>;
  beforeAll(async () => {
    subgraph = await startWithFile(new PassThrough());
    client = askSubgraph(subgraph.url, 'product');
  });
  afterAll(async () => {
    await client?.close();
    await subgraph?.stop();
  });
  const QUERY = 'query ($text: [String!]) { said(text: $text) }';

  it.each([
    ['half of a surrogate pair', QUERY, { text: ['k', 'k\ud800'] }, 'text.1'],
    ['NUL', QUERY, { text: ['a\0b'] }, 'text.0'],
    ['NUL in the document', String.raw`{ said(text: "a\u0000b") }`, {}, undefined],
  ])('refuses %s with BAD_USER_INPUT', async (_what, query, variables, field) => {
    const { data, errors } = await client.ask(visitor('org_a'), query, variables);
    expect(data).toBeUndefined();
    const told = errors?.map(({ extensions }) => [extensions?.code, extensions?.field]);
    expect(told).toEqual([['BAD_USER_INPUT', field]]);
  });

  it('takes any well-formed text, trimmed', async () => {
    expect((await client.ask(visitor('org_a'), QUERY, { text: ['👟\na\n'] })).data).toEqual({ said: ['👟\na'] });
  });
});

describe('The log of a subgraph', () => {
  it('has a line for each request, with its caller and operation, at warn where this system is at fault, and without values', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
    const subgraph = await startWithFile(new PassThrough(), logger);
    const client = askSubgraph(subgraph.url, 'product');
    const query = 'query Said__product__0($text: [String!]) { said(text: $text) }';
    for (const text of ['a-secret', '\0', 'fail']) await client.ask(visitor('org_a'), query, { text: [text] });
    for (const path of ['healthz', 'readyz', 'metrics', 'graphql?a-secret']) await fetch(`${subgraph.url}/${path}`);
    await client.close();
    await subgraph.stop();

    const requests = lines.filter(({ msg }) => msg === 'request');
    const { ms: _ms, time: _time, pid: _pid, hostname: _hostname, requestId, ...first } = requests[0] ?? {};
    expect(requestId).toEqual(expect.any(String));
    expect(first).toEqual({
      level: 30,
      msg: 'request',
      method: 'POST',
      path: '/graphql',
      status: 200,
      operation: 'Said__product__0',
      tenantId: 'org_a',
      userId: null,
      role: 'VISITOR',
      statements: 0,
      sqlMs: 0,
    });
    expect(requests.map(({ path, status, level, errors }) => [path, status, level, errors])).toEqual([
      ['/graphql', 200, 30, undefined],
      ['/graphql', 400, 30, ['BAD_USER_INPUT']],
      ['/graphql', 200, 40, ['INTERNAL_SERVER_ERROR']],
      ['/healthz', 200, 20, undefined],
      ['/readyz', 200, 20, undefined],
      ['/metrics', 200, 20, undefined],
      ['/graphql', 404, 30, undefined],
    ]);
    expect(JSON.stringify(lines)).not.toContain('a-secret');
  });
});
