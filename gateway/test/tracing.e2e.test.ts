import { randomBytes } from 'node:crypto';
import { metricValue } from '../../subgraphs/shared/test/metricValue';
import { address, makeVariant, orderInput } from './buying';
import { type HttpStub, startHttpStub } from './httpStub';
import { OwnSupergraph } from './ownSupergraph';
import { SERVICES, type TestStore } from './startSupergraph';

interface Sent {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: object }[];
}

let collector: HttpStub;
let receiver: HttpStub;
let graph: OwnSupergraph;
let store: TestStore;
let variantId: string;
let isAway = false;

beforeAll(async () => {
  collector = await startHttpStub((_request, response) => void response.writeHead(isAway ? 503 : 200).end('{}'));
  receiver = await startHttpStub((_request, response) => void response.writeHead(204).end());
  graph = await OwnSupergraph.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  });
  store = await graph.makeStore('traced');
  variantId = await makeVariant(graph, store, 50);
  const input = { url: receiver.origin, topics: ['ORDER_CONFIRMED'] };
  const subscribe =
    'mutation ($input: WebhookSubscriptionCreateInput!) { webhookSubscriptionCreate(input: $input) { userErrors { code } } }';
  const { body } = await graph.ask(store.admin, subscribe, { input });
  expect(body.data.webhookSubscriptionCreate.userErrors).toEqual([]);
});
afterAll(async () => {
  await graph?.stop();
  await collector?.close();
  await receiver?.close();
});

/** What the collector got of a trace. */
function spansOf(traceId: string): Sent[] {
  const spans = collector.received.flatMap(({ body }) =>
    // biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON.
    JSON.parse(String(body)).resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
      // biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON.
      scopeSpans.flatMap(({ spans }: any) =>
        // biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON.
        spans.map((span: any) => ({ ...span, service: resource.attributes[0].value.stringValue })),
      ),
    ),
  );
  return spans.filter((span: Sent) => span.traceId === traceId);
}

const ORDER = `mutation Buy($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id items { product { id name } } } userErrors { code } } }`;

function buy(traceparent: string) {
  const headers = { ...store.customer('user_traced'), traceparent };
  return graph.ask(headers, ORDER, { input: orderInput([[variantId, 1]], { email: 'traced@example.com' }) });
}

async function until<Value>(find: () => Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 150; tries += 1) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not come');
}

it('an order is one connected trace: of the client, through all services, to the store’s own server; without personal data', async () => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const { body } = await buy(`00-${traceId}-${spanId}-01`);
  expect(body.data.orderCreate).toMatchObject({
    order: { items: [{ product: { name: expect.any(String) } }] },
    userErrors: [],
  });
  /** Spans whose parent has not arrived. Each service sends its own every few seconds. */
  const orphansOf = (spans: Sent[]) => {
    const ids = new Set([spanId, ...spans.map((span) => span.spanId)]);
    return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
  };
  const spans = await until(() => {
    const sent = spansOf(traceId);
    const last = ['tenant deliver webhook', 'product process order.confirmed'];
    const hasEnded = last.every((one) => sent.some(({ service, name }) => `${service} ${name}` === one));
    const isWhole = hasEnded && orphansOf(sent).length === 0;
    return isWhole ? sent : undefined;
  });
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(SERVICES));
  const names = spans.map(({ service, name }) => `${service} ${name}`);
  for (const name of [
    'gateway POST /graphql',
    'gateway plan',
    'gateway call order',
    'order POST /graphql',
    'order RESERVE_STOCK',
    'order call product',
    'product POST /graphql',
    'product batch',
    'product PostgreSQL',
    'order record events',
    'product process order.confirmed',
    'tenant process order.confirmed',
    'tenant deliver webhook',
  ])
    expect(names).toContain(name);
  const [first] = spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  const attributes = Object.fromEntries(
    first?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? [],
  );
  expect(attributes).toEqual({
    'http.response.status_code': 200,
    'tenant.id': store.id,
    'graphql.operation.name': 'Buy',
  });
  for (const secret of ['traced@example.com', 'user_traced', address.line1, address.city])
    expect(JSON.stringify(spans)).not.toContain(secret);
});

it('a trace that the client does not sample is not sent', async () => {
  const traceId = randomBytes(16).toString('hex');
  await buy(`00-${traceId}-${randomBytes(8).toString('hex')}-00`);
  const sampled = randomBytes(16).toString('hex');
  await buy(`00-${sampled}-${randomBytes(8).toString('hex')}-01`);
  await until(() => spansOf(sampled).find(({ service }) => service === 'order'));
  expect(spansOf(traceId)).toEqual([]);
});

it('a request of the REST API is a trace, too', async () => {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const answer = await fetch(`${graph.gatewayUrl}/api/v1/products`, { headers: { ...store.admin, traceparent } });
  expect(answer.status).toBe(200);
  const expected = ['gateway GET /api/v1/products', 'product POST /graphql'];
  await until(() => {
    const sent = spansOf(traceId).map(({ service, name }) => `${service} ${name}`);
    return expected.every((name) => sent.includes(name)) || undefined;
  });
});

it('a collector that refuses costs no request, and what was not sent is counted', async () => {
  isAway = true;
  const { status, body } = await buy(`00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`);
  expect([status, body.errors]).toEqual([200, undefined]);
  const dropped = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${graph.running.ports.order}/metrics`)).text();
    return metricValue(metrics, 'trace_spans_dropped_total', { reason: 'export_failed' });
  };
  let count = 0;
  for (let tries = 0; count === 0 && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    count = await dropped();
  }
  expect(count).toBeGreaterThan(0);
});
