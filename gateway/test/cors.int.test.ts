import { request } from 'undici';
import type { Graph } from './postToGraph';
import { startTestGraph } from './testGraph';

const ORIGIN = 'https://shop.test.example';
let open: Graph;
let narrowed: Graph;

beforeAll(async () => {
  open = await startTestGraph();
  narrowed = await startTestGraph({ CORS_ORIGINS: `${ORIGIN}, http://localhost:5173` });
});
afterAll(() => Promise.all([open?.stop(), narrowed?.stop()]));

/** What a browser sends before a page's own request, and what it is told. */
async function preflight(
  graph: Graph,
  origin: string,
  asked: { path?: string; method?: string; headers?: string } = {},
) {
  const { path = '/graphql', method = 'POST', headers = 'content-type' } = asked;
  const answer = await request(`${graph.url}${path}`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
  });
  await answer.body.dump();
  return answer;
}

/** The page's own request. */
async function post(graph: Graph, origin: string, body = '{"query":"{ __typename }"}') {
  const headers = { 'content-type': 'application/json', origin };
  const answer = await request(`${graph.url}/graphql`, { method: 'POST', headers, body });
  await answer.body.dump();
  return answer;
}

describe('a page of any origin', () => {
  it.each(['http://localhost:5173', 'https://anything.example', 'null', 'capacitor://localhost'])(
    '%s may ask, with whatever header it wants, and never with credentials',
    async (origin) => {
      const asked =
        'apollographql-client-name, authorization, baggage, content-type, sentry-trace, traceparent, x-store-domain, x-their-own';
      const { statusCode, headers } = await preflight(open, origin, { headers: asked });
      expect(statusCode).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-headers': asked,
        'access-control-allow-methods': 'GET, POST',
        'access-control-max-age': '7200',
      });
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    },
  );

  it('reads the answer, its request id and when to come back, also of errors', async () => {
    for (const body of ['{"query":"{ __typename }"}', '{"query":"{"}', '{']) {
      const { headers } = await post(open, 'https://anything.example', body);
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['access-control-expose-headers']).toContain('x-request-id, retry-after');
    }
  });

  it.each([
    ['/media/uploads/files/org_x/file_x/upload?expires=1', 'PUT', 'PUT'],
    ['/media/images/x/org_x/file_x/16.webp', 'GET', 'GET, POST'],
    ['/graphql', 'POST', 'GET, POST'],
  ])('may send to %s by %s', async (path, method, methods) => {
    const { statusCode, headers } = await preflight(open, 'http://localhost:5173', { path, method });
    expect([statusCode, headers['access-control-allow-methods']]).toEqual([204, methods]);
  });
});

describe('H6 where CORS_ORIGINS narrows it, a page', () => {
  it.each([
    'null',
    'https://evil.example',
    `${ORIGIN}.evil.example`,
    `${ORIGIN}:8443`,
    'http://shop.test.example',
    'https://SHOP.test.example',
    `https://evil.example/?${ORIGIN}`,
    'http://nike.localhost/',
    'http://nike.localhost.evil.example',
    '*',
  ])('of %s is told nothing', async (origin) => {
    const answers = await Promise.all([preflight(narrowed, origin), post(narrowed, origin)]);
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['access-control-allow-methods']).toBeUndefined();
      expect(headers.vary).toContain('Origin');
    }
  });

  it('of an origin that is named, or of a store’s own address or domain, is let in as itself', async () => {
    for (const origin of [ORIGIN, 'http://localhost:5173', 'http://nike.localhost:3000']) {
      for (const { headers } of [await preflight(narrowed, origin), await post(narrowed, origin)]) {
        expect(headers['access-control-allow-origin']).toBe(origin);
        expect(headers['access-control-allow-credentials']).toBeUndefined();
      }
    }
  });

  it('is told nothing while it can’t be known whose it is, and a named one is let in', async () => {
    const graph = await startTestGraph({ CORS_ORIGINS: ORIGIN });
    await graph.subgraphs.tenant.close();
    expect((await post(graph, 'http://nike.localhost')).headers['access-control-allow-origin']).toBeUndefined();
    expect((await post(graph, ORIGIN)).headers['access-control-allow-origin']).toBe(ORIGIN);
    await graph.stop();
  });
});
