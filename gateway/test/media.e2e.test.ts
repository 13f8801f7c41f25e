import { request } from 'node:http';
import sharp from 'sharp';
import { OwnSupergraph } from './ownSupergraph';
import type { TestStore } from './startSupergraph';

let graph: OwnSupergraph;
let store: TestStore;
let productId: string;

beforeAll(async () => {
  graph = await OwnSupergraph.start();
  store = await graph.makeStore('images');
  const { body } = await graph.ask(
    store.admin,
    `mutation { productCreate(input: { name: "Shoe", status: ACTIVE, variants: [{ sku: "S", price: { amount: "1.00", currencyCode: USD } }] }) { product { id } } }`,
  );
  productId = body.data.productCreate.product.id;
}, 120_000);
afterAll(() => graph?.stop());

async function stage(byteSize: number) {
  const { body } = await graph.ask(
    store.admin,
    `mutation ($byteSize: Int!) { stagedUploadsCreate(input: [{ purpose: PRODUCT_IMAGE, contentType: "image/png", byteSize: $byteSize }]) {
      stagedUploadTargets { id url method headers { name value } } userErrors { code } } }`,
    { byteSize },
  );
  return body.data.stagedUploadsCreate.stagedUploadTargets[0];
}

const put = (url: string, body: Buffer | string, type = 'image/png') =>
  fetch(url, { method: 'PUT', headers: { 'content-type': type }, body });

it('an image is uploaded and served through the one public port, also to visitors', async () => {
  const bytes = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const target = await stage(bytes.length);
  expect(target.url.startsWith(`${graph.gatewayUrl}/media/uploads/`)).toBe(true);
  expect((await put(target.url, bytes)).status).toBe(204);
  const added = await graph.ask(
    store.admin,
    'mutation ($productId: ID!, $id: ID!) { productImageAdd(productId: $productId, input: { stagedUploadId: $id }) { productImage { id } userErrors { message } } }',
    { productId, id: target.id },
  );
  expect(added.body.data.productImageAdd.userErrors).toEqual([]);

  const { body } = await graph.ask(
    store.visitor,
    'query ($id: ID!) { product(id: $id) { images { url(transform: { maxWidth: 400, format: JPEG }) } } }',
    { id: productId },
  );
  const { url } = body.data.product.images[0];
  expect(url.startsWith(`${graph.gatewayUrl}/media/images/`)).toBe(true);
  const shown = await fetch(url);
  expect(shown.status).toBe(200);
  expect(Object.fromEntries(shown.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.any(String),
  });
  expect(await sharp(await shown.arrayBuffer()).metadata()).toMatchObject({ width: 400, height: 267, format: 'jpeg' });
});

it.each<[string, (url: string) => string]>([
  ['the subgraph’s health', () => '/media/../healthz'],
  ['the subgraph’s health, written otherwise', () => '/media/%2e%2e/readyz'],
  ['commands about stores', () => '/media/%2e%2e/internal/lifecycle'],
  ['an encoded slash', () => '/media/..%2fhealthz'],
  ['an image without a signature', () => '/media/images/x/org_x/file_x/original.png'],
])('leads nowhere to %s', async (_what, path) => {
  const { port, hostname } = new URL(graph.gatewayUrl);
  // fetch would normalize the address before it sends it.
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path: path('') }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(404);
});

it('refuses an upload without a length, of another length or another type, and stores nothing', async () => {
  const { url } = await stage(5);
  const streamed = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body: new Blob(['12345']).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(streamed.status).toBe(411);
  expect((await put(url, '1234')).status).toBe(400);
  expect((await put(url, '123456')).status).toBe(400);
  expect((await put(url, '12345', 'text/html')).status).toBe(415);
  const other = await graph.makeStore('others');
  expect((await put(url.replace(store.id, other.id), '12345')).status).toBe(404);
});

it('answers 503 while the product subgraph is down, and recovers when it is up again', async () => {
  const target = await stage(5);
  await graph.kill('product');
  expect((await put(target.url, '12345')).status).toBe(503);
  expect((await fetch(`${graph.gatewayUrl}/media/images/x/org_x/file_x/original.png`)).status).toBe(503);
  await graph.startService('product');
  expect((await put(target.url, '12345')).status).toBe(204);
});
