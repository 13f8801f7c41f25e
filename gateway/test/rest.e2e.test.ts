import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newId } from '../../subgraphs/shared/ids';
import { address, eventually, makeVariant } from './buying';
import { type TestStore, TestSupergraph } from './startSupergraph';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..');
/** Of a program that uses the types of the OpenAPI document. */
const CLIENT = `import type { paths } from './api';
type Product = paths['/api/v1/products/{id}']['get']['responses']['200']['content']['application/json'];
async function main(): Promise<void> {
  const { API, TOKEN, PRODUCT } = process.env;
  const response = await fetch(API + '/api/v1/products/' + PRODUCT, { headers: { authorization: TOKEN ?? '' } });
  const product = (await response.json()) as Product;
  // @ts-expect-error A product has no title.
  void product.title;
  console.log(product.name);
}
void main();
`;

let graph: TestSupergraph;
let store: TestStore;
beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore();
});
afterAll(() => graph?.stop());

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** @param path below /api/v1, or from /api on. */
async function ask(path: string, { method = 'GET', headers = store.admin, body }: Asked = {}) {
  const url = `${graph.gatewayUrl}${path.startsWith('/api') ? path : `/api/v1${path}`}`;
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers: { ...json, ...headers }, ...sent });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  const content: any = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: content };
}

const product = (name = `Shoe ${randomUUID()}`) => ({
  name,
  status: 'ACTIVE',
  variants: [{ sku: randomUUID(), price: { amount: '150.00', currencyCode: 'USD' }, quantityOnHand: 5 }],
});

const create = async () => {
  const { body } = await ask('/products', { method: 'POST', body: product() });
  return body as { id: string; slug: string; version: number };
};

describe('a request that is refused', () => {
  it.each<[string, string, Asked, number, string, string[]]>([
    ['an unknown query parameter', '/products?colour=red', {}, 400, 'BAD_USER_INPUT', ['colour']],
    ['a limit that is no number', '/products?limit=many', {}, 400, 'BAD_USER_INPUT', ['limit']],
    ['a limit that is too large', '/products?limit=101', {}, 400, 'BAD_USER_INPUT', ['limit']],
    ['a value that an enum lacks', '/products?statuses=GONE', {}, 400, 'BAD_USER_INPUT', ['statuses.0']],
    ['a cursor that is none', '/products?after=none', {}, 400, 'BAD_USER_INPUT', ['after']],
    ['what can not be expanded', '/products?expand=price', {}, 400, 'BAD_USER_INPUT', ['expand']],
    [
      'an unknown field',
      '/products',
      { method: 'POST', body: { title: 'x' } },
      400,
      'BAD_USER_INPUT',
      ['title', 'name', 'variants'],
    ],
    [
      'an amount that is a number',
      '/products',
      {
        method: 'POST',
        body: { name: 'x', variants: [{ sku: 'x', price: { amount: {}, currencyCode: 'USD' } }] },
      },
      400,
      'BAD_USER_INPUT',
      ['variants.0.price.amount'],
    ],
    ['a body that is no JSON', '/products', { method: 'POST', body: '{' }, 400, 'BAD_REQUEST', []],
    ['a body that is a list', '/products', { method: 'POST', body: [] }, 400, 'BAD_USER_INPUT', ['body']],
    [
      'an idempotency key in the body',
      '/orders',
      { method: 'POST', body: { idempotencyKey: 'x' } },
      400,
      'BAD_USER_INPUT',
      ['Idempotency-Key', 'idempotencyKey'],
    ],
    [
      'an ETag that is none',
      `/products/${newId('prod')}`,
      { method: 'PATCH', headers: { 'if-match': '*' }, body: {} },
      400,
      'BAD_USER_INPUT',
      ['If-Match'],
    ],
    [
      'no version where it is needed',
      `/orders/${newId('ord')}`,
      { method: 'PATCH', body: { email: 'a@b.co' } },
      428,
      'PRECONDITION_REQUIRED',
      ['If-Match'],
    ],
    ['an object that there is not', `/products/${newId('prod')}`, {}, 404, 'NOT_FOUND', []],
    [
      'a change of an object that there is not',
      `/products/${newId('prod')}`,
      { method: 'PATCH', body: { name: 'x' } },
      404,
      'NOT_FOUND',
      ['id'],
    ],
    ['a path that there is not', '/shoes', {}, 404, 'NOT_FOUND', []],
    ['another method', `/products/${newId('prod')}`, { method: 'POST', body: {} }, 405, 'METHOD_NOT_ALLOWED', []],
    [
      'a rule that is broken',
      '/products',
      { method: 'POST', body: { ...product(), name: '' } },
      422,
      'REQUIRED',
      ['name'],
    ],
  ])('%s', async (_what, path, { headers, ...asked }, status, code, fields) => {
    const answer = await ask(path, { ...asked, headers: { ...store.admin, ...headers } });
    expect([
      answer.status,
      answer.body.code,
      answer.body.errors.map(({ field }: { field: string }) => field).sort(),
    ]).toEqual([status, code, [...fields].sort()]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const { type, title, detail, status: said, requestId } = answer.body;
    expect([type, title, said]).toEqual([
      expect.stringMatching(/^urn:problem-type:[a-z-]+$/),
      expect.any(String),
      status,
    ]);
    expect(detail.length).toBeGreaterThan(5);
    expect(requestId).toBe(answer.headers.get('x-request-id'));
  });

  it.each([
    ['no store and no token', {}, 401, 'UNAUTHENTICATED'],
    ['a wrong token', { authorization: 'Bearer x' }, 401, 'UNAUTHENTICATED'],
    ['a store that there is not', { 'x-store-domain': 'none.localhost' }, 404, 'STORE_NOT_FOUND'],
  ])('%s', async (_what, headers, status, code) => {
    const answer = await ask('/products', { headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('a visitor is told to sign in, a customer that they may not', async () => {
    const body = product();
    const asVisitor = await ask('/products', { method: 'POST', headers: store.visitor, body });
    const asCustomer = await ask('/products', { method: 'POST', headers: store.customer(), body });
    expect([asVisitor.status, asVisitor.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect([asCustomer.status, asCustomer.body.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('another store’s id is answered as an id that nobody has', async () => {
    const { id } = await create();
    const other = await graph.makeStore();
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      const [foreign, nobodys] = await Promise.all(
        [id, newId('prod')].map(async (one) => {
          const { status, body: told } = await ask(`/products/${one}`, {
            method,
            headers: other.admin,
            ...(body && { body }),
          });
          return { status, told: { ...told, requestId: null } };
        }),
      );
      expect([foreign?.status, foreign?.told.code]).toEqual([404, 'NOT_FOUND']);
      expect(foreign).toEqual(nobodys);
    }
    expect((await ask(`/products/${id}`)).status).toBe(200);
  });

  it('the dearest request is refused, and says what is dear', async () => {
    const { status, body } = await ask(
      '/products?limit=100&expand=categories.products,variants.stockMovements,variants.product,tenant.orders,tenant.products,tenant.members,categories.ancestors,categories.children',
    );
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(body.detail).toMatch(/costs [\d,]+/);
  });
});

describe('products', () => {
  it('are made, read, changed by version, and deleted', async () => {
    const made = await ask('/products', { method: 'POST', body: product('Air Zoom') });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(`/api/v1/products/${id}`);

    const read = await ask(`/products/${id}`);
    const etag = read.headers.get('etag') ?? '';
    expect([read.status, read.body.name, etag]).toEqual([200, 'Air Zoom', `"${read.body.version}"`]);

    const change = (headers: Record<string, string>) =>
      ask(`/products/${id}`, { method: 'PATCH', headers: { ...store.admin, ...headers }, body: { name: 'Air Max' } });
    const changed = await change({ 'if-match': etag });
    expect([changed.status, changed.body.name, changed.headers.get('etag')]).toEqual([
      200,
      'Air Max',
      `"${read.body.version + 1}"`,
    ]);
    const stale = await change({ 'if-match': etag });
    expect([stale.status, stale.body.code, stale.body.errors[0].field]).toEqual([412, 'STALE_VERSION', 'If-Match']);

    const gone = await ask(`/products/${id}`, { method: 'DELETE' });
    expect([gone.status, gone.body]).toEqual([200, { id, deleted: true }]);
    expect((await ask(`/products/${id}`)).status).toBe(404);
  });

  it('are answered as the graph answers them, to each caller', async () => {
    const { id } = await create();
    for (const headers of [store.admin, store.visitor, store.customer()]) {
      const { status, body } = await ask(`/products/${id}`, { headers });
      const query =
        'query ($id: ID!) { product(id: $id) { id name slug availableForSale seo { title description } options { name values } version } }';
      const { body: graphql } = await graph.ask(headers, query, { id });
      expect(status).toBe(200);
      expect(body).toMatchObject(graphql.data.product);
      expect(body).not.toHaveProperty('unavailable');
    }
  });

  it('are listed in pages, with filters', async () => {
    const own = await graph.makeStore();
    const names = ['A', 'B', 'C'];
    for (const name of names) await ask('/products', { method: 'POST', headers: own.admin, body: product(name) });
    const first = await ask('/products?limit=2&sortKey=NAME', { headers: own.admin });
    expect([first.body.data.map(({ name }: { name: string }) => name), first.body.hasMore]).toEqual([['A', 'B'], true]);
    const second = await ask(`/products?limit=2&sortKey=NAME&after=${first.body.next}`, { headers: own.admin });
    expect([second.body.data.map(({ name }: { name: string }) => name), second.body]).toEqual([
      ['C'],
      expect.objectContaining({ hasMore: false, next: null }),
    ]);
    const drafts = await ask('/products?statuses=DRAFT&statuses=ARCHIVED', { headers: own.admin });
    expect(drafts.body.data).toEqual([]);
    const later = await ask('/products?createdAt[from]=2100-01-01T00:00:00Z', { headers: own.admin });
    expect(later.body.data).toEqual([]);
  });

  it('are expanded by what is asked for', async () => {
    const { id } = await create();
    const { body } = await ask(`/products/${id}?expand=variants.quantityOnHand,categories`);
    expect(body.variants).toEqual({
      data: [expect.objectContaining({ quantityOnHand: 5 })],
      hasMore: false,
      next: null,
    });
    expect(body.categories).toEqual([]);
    expect(await ask(`/products/${id}`).then((plain) => plain.body)).not.toHaveProperty('variants');
  });

  it('say what the caller may not see of what is expanded', async () => {
    const { id } = await create();
    const { status, body } = await ask(`/products/${id}?expand=externalReference`, { headers: store.customer() });
    expect([status, body.externalReference, body.unavailable]).toEqual([
      200,
      null,
      [{ field: 'externalReference', code: 'FORBIDDEN', message: expect.any(String) }],
    ]);
  });

  it('are found by slug, and at the addresses without a version', async () => {
    const { id, slug } = await create();
    const bodies = await Promise.all(
      [`/products/${id}`, `/products/by-slug/${slug}`, `/api/products/${id}`].map(
        async (path) => (await ask(path)).body,
      ),
    );
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
    expect((await ask('/api/tenants')).body).toEqual((await ask('/tenant')).body);
  });
});

describe('an order', () => {
  it('is placed from a cart, once for each key, and is fulfilled', async () => {
    const variantId = await makeVariant(graph, store, 5);
    const cart = await ask('/carts', {
      method: 'POST',
      headers: store.visitor,
      body: { lines: [{ variantId, quantity: 2 }], email: 'ada@example.com', shippingAddress: address },
    });
    expect(cart.status).toBe(201);
    const [method] = cart.body.paymentMethods;
    const headers = { ...store.visitor, 'idempotency-key': randomUUID() };
    const complete = () =>
      ask(`/carts/${cart.body.id}/complete`, { method: 'POST', headers, body: { paymentMethodId: method.id } });
    const placed = await complete();
    expect([placed.status, placed.body.order?.items[0].quantity]).toEqual([201, 2]);
    const { id } = placed.body.order;
    expect(placed.headers.get('location')).toBe(`/api/v1/orders/${id}`);
    expect((await complete()).body.order.id).toBe(id);

    const fulfilled = await ask(`/orders/${id}/fulfill`, {
      method: 'POST',
      headers: { ...store.admin, 'idempotency-key': randomUUID() },
      body: {},
    });
    expect([fulfilled.status, fulfilled.body.fulfillmentStatus]).toEqual([200, 'FULFILLED']);
    expect(
      (await ask('/api/orders?fulfillmentStatuses=FULFILLED')).body.data.map((order: { id: string }) => order.id),
    ).toContain(id);
  });

  it('of more than there is says so, with the order that failed', async () => {
    const variantId = await makeVariant(graph, store, 1);
    const { status, body } = await ask('/orders', {
      method: 'POST',
      headers: { ...store.visitor, 'idempotency-key': randomUUID() },
      body: { lines: [{ variantId, quantity: 2 }], email: 'ada@example.com', shippingAddress: address },
    });
    expect([status, body.errors[0].field]).toEqual([422, expect.any(String)]);
  });
});

it('stock is set and read by staff', async () => {
  const variantId = await makeVariant(graph, store, 1);
  const set = await ask(`/inventory/${variantId}/set`, {
    method: 'POST',
    headers: { ...store.admin, 'idempotency-key': randomUUID() },
    body: { quantityOnHand: 7, reason: 'counted' },
  });
  expect([set.status, set.body.productVariant.quantityOnHand]).toEqual([200, 7]);
  const read = await ask(`/inventory?ids=${variantId}`);
  expect(read.body.data.map((one: { quantityOnHand: number }) => one.quantityOnHand)).toEqual([7]);
});

describe('every request', () => {
  it('says what is left of the rate limit', async () => {
    const { headers } = await ask('/products');
    expect(headers.get('ratelimit')).toMatch(/^"cost";r=\d+$/);
    expect(headers.get('ratelimit-policy')).toMatch(/^"cost";q=\d+;w=10$/);
  });

  it('is logged by its route', async () => {
    const { headers } = await ask('/products?limit=1');
    const requestId = headers.get('x-request-id');
    const logged = () =>
      graph.lines
        .filter((text) => requestId !== null && text.startsWith('gateway {') && text.includes(requestId))
        .map(
          (text) =>
            JSON.parse(text.slice('gateway '.length)) as { operation?: string; tenantId?: string; role?: string },
        )
        .map(({ operation, tenantId, role }) => ({ operation, tenantId, role }));
    // It is written when the answer has been sent.
    await eventually(async () => logged(), [{ operation: 'GET /api/v1/products', tenantId: store.id, role: 'ADMIN' }]);
  });

  it('is allowed to pages', async () => {
    const preflight = await fetch(`${graph.gatewayUrl}/api/v1/products`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'PATCH' },
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
  });

  it('is answered without internal headers of its own', async () => {
    const other = await graph.makeStore();
    const headers = { ...store.admin, 'x-tenant-id': other.id, 'x-user-role': 'SERVICE' };
    expect((await ask('/tenant', { headers })).body.id).toBe(store.id);
  });
});

describe('the documentation', () => {
  it('is the OpenAPI document of the running API, and Swagger UI without scripts in the page', async () => {
    const { status, body } = await ask('/api/openapi.json', { headers: {} });
    expect([status, body.openapi, Object.keys(body.paths).length > 80]).toEqual([200, '3.1.0', true]);
    const page = await fetch(`${graph.gatewayUrl}/api/docs`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
    expect(html).not.toMatch(/<script>|\son\w+=|style=/);
    const links = [...html.matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(links).toHaveLength(3);
    for (const path of links) expect((await fetch(`${graph.gatewayUrl}${path}`)).status).toBe(200);
  });

  it('makes a typed client, which is compiled and run', async () => {
    const folder = mkdtempSync(join(__dirname, 'client', 'rest-'));
    try {
      writeFileSync(join(folder, 'openapi.json'), JSON.stringify((await ask('/api/openapi.json')).body));
      const openapi = join(ROOT, 'node_modules', 'openapi-typescript', 'bin', 'cli.js');
      await run(process.execPath, [openapi, join(folder, 'openapi.json'), '--output', join(folder, 'api.ts')]);
      writeFileSync(join(folder, 'client.ts'), CLIENT);
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const strict = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--types', 'node'];
      await run(process.execPath, [
        tsc,
        ...strict,
        '--target',
        'es2022',
        '--module',
        'nodenext',
        join(folder, 'client.ts'),
      ]);
      const { id } = await create();
      const { stdout } = await run(
        process.execPath,
        ['-r', join(ROOT, 'gateway', 'dev', 'ts'), join(folder, 'client.ts')],
        {
          env: { ...process.env, API: graph.gatewayUrl, TOKEN: store.admin.authorization ?? '', PRODUCT: id },
        },
      );
      expect(stdout).toMatch(/^Shoe /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});
