import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import pino from 'pino';
import { request } from 'undici';
import { type Graph, NIKE_ADMIN, postTo } from './postToGraph';
import { startTestGraph } from './testGraph';

let graph: Graph;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
  graph = await startTestGraph({}, log);
});
afterAll(() => graph?.stop());

interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends bytes as no HTTP client would, and reads to the end of the connection, or of the body. */
function raw(sent: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(graph.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    let text = '';
    socket.setEncoding('utf8').on('data', (data) => {
      text += data;
      const answer = parseAnswer(text);
      if (answer) socket.destroy();
      if (answer) resolve(answer);
    });
    socket.on('error', reject).on('close', () => reject(new Error(`No whole answer: ${text}`)));
  });
}

function parseAnswer(text: string): RawAnswer | null {
  const [head = '', body] = text.split('\r\n\r\n', 2);
  const [first = '', ...rest] = head.split('\r\n');
  const headers = Object.fromEntries(
    rest.map((line) => [line.split(':')[0]?.toLowerCase(), line.split(': ')[1] ?? '']),
  );
  if (body === undefined || Buffer.byteLength(body) < Number(headers['content-length'])) return null;
  return { status: Number(first.split(' ')[1]), headers, body };
}

const head = (host: string, more = '') =>
  `POST /graphql HTTP/1.1\r\n${host}Content-Type: application/json\r\n${more}Connection: close\r\n`;
const QUERY = '{"query":"{ __typename }"}';
const whole = (host: string, body = QUERY, more = '') =>
  `${head(host, more)}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** The one shape of errors. */
const errors = (code: string) => ({
  errors: [
    { message: expect.any(String), extensions: expect.objectContaining({ code, requestId: expect.any(String) }) },
  ],
});
const errorsIn = () => lines.filter(({ level, err }) => Number(level) >= 50 || err !== undefined);

describe('a request that is not even HTTP, or not to a host, is answered as any other error, and leaves none in the log', () => {
  it.each<[string, string | Buffer, number]>([
    ['a Host with a space', whole('Host: a b\r\n'), 400],
    ['a Host of a bracket', whole('Host: [\r\n'), 400],
    ['an empty Host', whole('Host: \r\n'), 400],
    ['a Host with a path', whole('Host: localhost/x\r\n'), 400],
    ['a Host with a user', whole('Host: me@localhost\r\n'), 400],
    ['a Host with too large a port', whole('Host: localhost:99999\r\n'), 400],
    ['no Host', whole(''), 400],
    ['no Host in HTTP/1.0', 'GET /graphql?query={__typename} HTTP/1.0\r\n\r\n', 400],
    ['two Hosts', whole('Host: a\r\nHost: b\r\n'), 400],
    ['another expectation', whole('Host: localhost\r\n', QUERY, 'Expect: a-miracle\r\n'), 417],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['TLS', Buffer.from('16030100c6010000c20303', 'hex'), 400],
    ['an unknown method', 'BREW /graphql HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n', 400],
    ['a NUL in a header', whole('Host: localhost\r\nX: a\0b\r\n'), 400],
    ['a negative length', `${head('Host: localhost\r\n')}Content-Length: -1\r\n\r\n`, 400],
    ['two lengths', `${head('Host: localhost\r\n')}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
    ['a chunk of no length', `${head('Host: localhost\r\n')}Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n`, 400],
    ['H7 a head of 64 kB', whole('Host: localhost\r\n', QUERY, `X-Long: ${'x'.repeat(65_536)}\r\n`), 431],
    ['H7 too many headers', whole('Host: localhost\r\n', QUERY, 'X: y\r\n'.repeat(200)), 431],
    ['an address that is none', 'GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    [
      'an address of another host',
      'GET http://[/graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
    ],
  ])('%s', async (_what, sent, status) => {
    lines.length = 0;
    const answer = await raw(sent);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    const json = JSON.parse(answer.body);
    expect(json).toEqual(errors('BAD_REQUEST'));
    expect(answer.headers['x-request-id']).toBe(json.errors[0].extensions.requestId);
    expect(errorsIn()).toEqual([]);
  });

  it('a probe by HTTP/1.0, which has no Host, is answered', async () => {
    expect((await raw('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('a request to no operation is answered in the one shape of errors, with its request id, and leaves none in the log', () => {
  const gzip = { 'content-encoding': 'gzip' };
  const utf16 = Buffer.from(`\ufeff${QUERY}`, 'utf16le');
  const latin1 = Buffer.from('{"query":"{ __typename } #\u00e9"}', 'latin1');

  it.each<[string, string, string, Record<string, string>, string | Buffer | null, number, string]>([
    ['an unknown route', 'GET', '/nothing', {}, null, 404, 'NOT_FOUND'],
    ['an unknown route, posted to', 'POST', '/nothing', {}, '{}', 404, 'NOT_FOUND'],
    ['a route beside', 'GET', '/graphql/', {}, null, 404, 'NOT_FOUND'],
    ['another method', 'PUT', '/graphql', {}, '{}', 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', 'DELETE', '/graphql', {}, null, 405, 'METHOD_NOT_ALLOWED'],
    ['a webhook by GET', 'GET', '/api/webhooks/clerk', {}, null, 405, 'METHOD_NOT_ALLOWED'],
    ['OPTIONS that is no preflight', 'OPTIONS', '/graphql', {}, null, 405, 'METHOD_NOT_ALLOWED'],
    ['no JSON', 'POST', '/graphql', {}, '{', 400, 'BAD_REQUEST'],
    ['nothing', 'POST', '/graphql', {}, '', 400, 'BAD_REQUEST'],
    ['bytes that are no UTF-8', 'POST', '/graphql', {}, latin1, 400, 'BAD_REQUEST'],
    ['UTF-16', 'POST', '/graphql', { 'content-type': 'application/json; charset=utf-16' }, utf16, 400, 'BAD_REQUEST'],
    ['a compressed body that is not', 'POST', '/graphql', gzip, '\u001f\u008b', 400, 'BAD_REQUEST'],
    ['another content type', 'POST', '/graphql', { 'content-type': 'text/csv' }, 'a,b', 415, 'BAD_REQUEST'],
    ['a form', 'POST', '/graphql', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415, 'BAD_REQUEST'],
    ['no content type that can be read', 'POST', '/graphql', { 'content-type': ';;' }, '{}', 415, 'BAD_REQUEST'],
    ['a body over 1 MB', 'POST', '/graphql', {}, ' '.repeat(1_000_001), 413, 'BAD_REQUEST'],
    ['an export for nobody', 'GET', '/api/export', { authorization: 'Bearer x.y.z' }, null, 401, 'UNAUTHENTICATED'],
    ['an upload without a type', 'PUT', '/media/uploads/x', {}, null, 411, 'BAD_REQUEST'],
    ['an event of a stranger', 'POST', '/internal/events', {}, '{}', 401, 'UNAUTHENTICATED'],
    ['an answer that is not accepted', 'POST', '/graphql', { accept: 'text/css' }, QUERY, 406, 'BAD_REQUEST'],
  ])('%s', async (_what, method, path, headers, body, status, code) => {
    lines.length = 0;
    const answer = await request(`${graph.url}${path}`, {
      method: method as 'GET',
      headers: { ...(body !== null && { 'content-type': 'application/json' }), ...headers },
      body,
    });
    const text = await answer.body.text();
    expect({ status: answer.statusCode, json: JSON.parse(text) }).toEqual({ status, json: errors(code) });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(text).errors[0].extensions.requestId).toBe(answer.headers['x-request-id']);
    if (status === 405) expect(answer.headers.allow).toMatch(/POST/);
    expect(errorsIn()).toEqual([]);
  });

  it('whatever it accepts', async () => {
    const accept = 'application/graphql-response+json';
    const answer = await postTo(graph, '{', { accept });
    expect(answer.headers['content-type']).toMatch(/^application\/graphql-response\+json/);
    expect(answer.json).toEqual(errors('BAD_REQUEST'));
  });

  it('of a subgraph’s route, without what names inner routes', async () => {
    const { product, order } = graph.subgraphs;
    expect((await postTo(graph, '{}', {}, '/api/webhooks/stripe')).status).toBe(202);
    order.webhookStatus = 404;
    product.webhookStatus = 404;
    const missing = await postTo(graph, '{}', {}, '/api/webhooks/stripe');
    expect([missing.status, missing.json]).toEqual([404, errors('NOT_FOUND')]);
    order.webhookStatus = 500;
    const failed = await postTo(graph, '{}', {}, '/api/webhooks/stripe');
    expect([failed.status, failed.json]).toEqual([500, errors('INTERNAL_SERVER_ERROR')]);
  });
});

describe('a document that fails', () => {
  const hash = createHash('sha256').update('{ __typename }').digest('hex');
  const persisted = (version: unknown, sha256Hash: unknown) => ({
    extensions: { persistedQuery: { version, sha256Hash } },
  });

  it.each<[string, object, string]>([
    ['a subscription, of which there are none', { query: 'subscription { x }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['also of __typename', { query: 'subscription { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a persisted query of another version',
      { query: '{ __typename }', ...persisted(2, hash) },
      'PERSISTED_QUERY_VERSION_NOT_SUPPORTED',
    ],
    ['one without a version', { extensions: { persistedQuery: true } }, 'PERSISTED_QUERY_VERSION_NOT_SUPPORTED'],
    [
      'a persisted query of another hash',
      { query: '{ __typename }', ...persisted(1, hash.replace(/./g, '0')) },
      'PERSISTED_QUERY_HASH_MISMATCH',
    ],
    ['a hash that is no text', { query: '{ __typename }', ...persisted(1, [hash]) }, 'PERSISTED_QUERY_HASH_MISMATCH'],
  ])('%s: 400 with a code of its own, and no error in the log', async (_what, body, code) => {
    lines.length = 0;
    const answer = await postTo(graph, body);
    expect({ status: answer.status, json: answer.json }).toEqual({ status: 400, json: errors(code) });
    expect(errorsIn()).toEqual([]);
  });

  it('by GET, too', async () => {
    const extensions = JSON.stringify(persisted(3, hash).extensions);
    const url = `${graph.url}/graphql?${new URLSearchParams({ query: '{ __typename }', extensions })}`;
    const answer = await request(url);
    expect(await answer.body.json()).toEqual(errors('PERSISTED_QUERY_VERSION_NOT_SUPPORTED'));
  });

  it('is found again by its hash once it was sent with it', async () => {
    expect((await postTo(graph, persisted(1, hash))).json).toEqual(errors('PERSISTED_QUERY_NOT_FOUND'));
    expect((await postTo(graph, { query: '{ __typename }', ...persisted(1, hash) })).json.data).toBeDefined();
    expect((await postTo(graph, persisted(1, hash))).json.data).toEqual({ __typename: 'Query' });
  });
});

describe('an answer that nothing came of', () => {
  const busy = (path: string) => postTo(graph, { query: path }, NIKE_ADMIN());

  it('has no data, and its status says so: 429 where all was throttled', async () => {
    const { status, headers, json } = await busy('{ busyToo }');
    expect([status, headers['retry-after'], json.data]).toEqual([429, '3', undefined]);
  });

  it('is 503 with Retry-After where a change did not get to its subgraph', async () => {
    const other = await startTestGraph();
    await other.subgraphs.product.close();
    const change = { query: 'mutation { renamed: productMustRename(input: { name: "x" }) }' };
    const { status, headers, json } = await postTo(other, change, NIKE_ADMIN());
    expect([status, headers['retry-after'], json.data]).toEqual([503, '1', undefined]);
    expect(json.errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE');
    await other.stop();
  });
});
