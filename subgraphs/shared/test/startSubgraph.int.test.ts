import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { createLogger } from '../log';
import { mergeRules } from '../mergeFeatures';
import { startSubgraph } from '../startSubgraph';
import { SIGNING_KEY } from './askSubgraph';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'subgraph-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A subgraph whose `GET /file` answers with what the test writes. */
async function startWithFile(file: PassThrough) {
  await writeFile(
    join(folder, 'schema.graphql'),
    'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! }',
  );
  let server: FastifyInstance['server'] | undefined;
  const subgraph = await startSubgraph({
    name: 'product',
    host: '127.0.0.1',
    port: 0,
    signingKey: SIGNING_KEY,
    folder,
    resolvers: {},
    rules: mergeRules([]),
    createContext: (caller) => ({ caller }),
    logger: createLogger('product', 'silent'),
    metrics: new Registry(),
    ready: async () => {},
    close: async () => {},
    routes: (app) => {
      server = app.server;
      app.get('/file', (_request, reply) => reply.header('content-length', 2).send(file));
    },
  });
  return { ...subgraph, isListening: () => server?.listening === true };
}

describe('A subgraph that stops', () => {
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
