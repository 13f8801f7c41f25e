import { request } from 'undici';
import { MIN_COST_PER_MINUTE } from '../limits/rateLimits';
import { bearer } from './clerkTokens';
import { forgetCalls, type Graph, INTROSPECTION, NIKE_ADMIN, postTo, subgraphCalls } from './postToGraph';
import { startTestGraph } from './testGraph';

let graph: Graph;

beforeAll(async () => {
  // A limit holds for ten seconds of these clocks, which stand still: however long the requests take, none of them is over.
  jest.useFakeTimers({
    doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setInterval', 'clearInterval'],
  });
  graph = await startTestGraph({
    CALLER_COST_PER_MINUTE: String(MIN_COST_PER_MINUTE),
    TRUSTED_PROXIES: '127.0.0.1',
  });
});
beforeEach(() => forgetCalls(graph));
afterAll(async () => {
  jest.useRealTimers();
  await graph?.stop();
});

let addresses = 0;
/** A new user, at the test's own address. */
const newAddress = () => ({ 'x-forwarded-for': `198.51.100.${++addresses}` });
/** An operation of this cost. */
/** An object at the root costs 58: itself, planning it, and its statement. A field below costs two. */
const costing = (cost: number) => ({
  query: `{ product(id: "1") { ${Array.from({ length: (cost - 58) / 2 }, (_, n) => `f${n}: name`).join(' ')} } }`,
});
const ask = (body: unknown, headers: Record<string, string>) => postTo(graph, body, headers);
const tiny = { host: 'tiny.localhost' };

async function askUntilThrottled(body: unknown, headers: () => Record<string, string>, times: number) {
  const codes: (string | undefined)[] = [];
  for (let n = 0; n < times; n += 1) codes.push((await ask(body, headers())).json.errors?.[0]?.extensions?.code);
  return codes;
}

describe('the limit of one address', () => {
  it('is answered 429 with Retry-After, without a subgraph call', async () => {
    const address = newAddress();
    expect(await askUntilThrottled({ query: INTROSPECTION }, () => address, 30)).toEqual(Array(30).fill(undefined));
    forgetCalls(graph);
    const { status, headers, json } = await ask({ query: '{ whoAmI }' }, { ...address, ...tiny });
    expect(status).toBe(429);
    const { retryAfter, ...extensions } = json.errors[0].extensions;
    expect(extensions).toEqual({ code: 'THROTTLED', requestId: expect.any(String) });
    expect(headers['retry-after']).toBe(String(retryAfter));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(10);
    expect(json.data).toBeUndefined();
    expect(subgraphCalls(graph)).toEqual([]);
  });

  it('H5 holds for clients that forge addresses in X-Forwarded-For', async () => {
    const own = newAddress()['x-forwarded-for'];
    let made = 0;
    const forged = () => ({ 'x-forwarded-for': `192.0.2.${++made}, ${own}` });
    expect((await askUntilThrottled({ query: INTROSPECTION }, forged, 31)).at(-1)).toBe('THROTTLED');
  });

  it('holds for clients that guess tokens: invalid tokens count', async () => {
    const address = newAddress();
    const guess = () => ({ ...address, ...tiny, authorization: 'Bearer a.b.c' });
    const codes = await askUntilThrottled(costing(1_200), guess, 26);
    expect(codes.slice(0, 25)).toEqual(Array(25).fill('UNAUTHENTICATED'));
    expect(codes.at(-1)).toBe('THROTTLED');
  });
});

it('the limit of one person applies to all their addresses together', async () => {
  const person = bearer({ sub: 'user_busy', o: { id: 'org_nike', rol: 'admin' } });
  const codes = await askUntilThrottled(costing(1_200), () => ({ ...newAddress(), authorization: person }), 26);
  expect(codes).toEqual([...Array(25).fill(undefined), 'THROTTLED']);
  expect((await ask({ query: '{ whoAmI }' }, { ...newAddress(), ...NIKE_ADMIN() })).status).toBe(200);
});

it('G23 the limit of one store, by its plan, applies to all its callers together, and to no other store', async () => {
  const codes = await askUntilThrottled(costing(400), () => ({ ...newAddress(), ...tiny }), 3);
  expect(codes).toEqual([undefined, undefined, 'THROTTLED']);
  expect((await ask(costing(400), { ...newAddress(), host: 'nike.localhost' })).status).toBe(200);
});

describe('requests that are refused before authentication', () => {
  const statuses = async (times: number, send: () => Promise<{ status: number }>) => {
    const answers: number[] = [];
    for (let n = 0; n < times; n += 1) answers.push((await send()).status);
    return answers;
  };

  it('invalid documents: after 150 in ten seconds an address is answered 429 unread, and no other address is', async () => {
    const address = newAddress();
    const send = (body: unknown, headers = {}) => ask(body, { ...address, ...headers });
    const invalid = [{ query: '{' }, { query: '{ nothing }' }, {}, '{"query":'];
    const codes = await statuses(101, () => send(invalid[Math.floor(Math.random() * 4)]));
    expect(codes).toEqual(Array(101).fill(400));
    // Who accepts JSON alone is told by the body, and counted all the same.
    const plain = await statuses(50, () => send({ query: '{' }, { accept: 'application/json' }));
    expect(plain).toEqual(Array(50).fill(200));
    const { status, headers, json } = await send({ query: '{ whoAmI }' });
    expect([status, json.errors[0].extensions.code]).toEqual([429, 'THROTTLED']);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await ask({ query: '{' }, newAddress())).status).toBe(400);
  });

  it('webhook deliveries with an invalid signature count, valid ones do not, separately from documents', async () => {
    const address = newAddress();
    const deliver = () => postTo(graph, '{}', { ...address, 'svix-id': 'msg_1' }, '/api/webhooks/clerk');
    expect(new Set(await statuses(200, deliver))).toEqual(new Set([202]));
    graph.subgraphs.tenant.webhookStatus = 400;
    expect(await statuses(62, deliver)).toEqual([...Array(61).fill(400), 429]);
    graph.subgraphs.tenant.webhookStatus = 202;
    forgetCalls(graph);
    expect((await deliver()).status).toBe(429);
    expect(subgraphCalls(graph)).toEqual([]);
    expect((await ask({ query: '{ __typename }' }, address)).status).toBe(200);
  });

  it('an export counts for its address, person and store like a large operation', async () => {
    const address = newAddress();
    const take = (headers: Record<string, string>) => request(`${graph.url}/api/export`, { headers });
    const codes = [];
    for (let n = 0; n < 4; n += 1) {
      const answer = await take({ ...address, authorization: 'Bearer a.b.c' });
      await answer.body.dump();
      codes.push([answer.statusCode, answer.headers['retry-after'] !== undefined]);
    }
    expect(codes).toEqual([
      [401, false],
      [401, false],
      [401, false],
      [429, true],
    ]);
  });
});

it('J24 the impersonator is named to the subgraphs; an empty impersonation claim is an invalid token', async () => {
  const claims = { sub: 'user_watched', o: { id: 'org_nike', rol: 'admin' } };
  const headers = (act: unknown) => ({ ...newAddress(), authorization: bearer({ ...claims, act }) });
  expect((await ask({ query: '{ whoAmI }' }, headers({ sub: 'user_support' }))).status).toBe(200);
  const [call] = graph.subgraphs.product.received;
  const caller = JSON.parse(String(call?.headers['x-caller']));
  expect(caller).toMatchObject({ userId: 'user_watched', impersonatorId: 'user_support' });
  for (const act of ['user_support', {}, { sub: '' }, { sub: 'user_a\r\nx: y' }, { sub: ['user_support'] }]) {
    expect((await ask({ query: '{ whoAmI }' }, headers(act))).status).toBe(401);
  }
});
