import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { eraseRows } from '../../shared/lifecycle/eraseRows';
import { createLifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import { createLogger } from '../../shared/log';
import { admin, customer, freshTenantId, SIGNING_KEY, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openProductDatabase } from '../database';
import { makeProduct, productInput } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { createDiskStore } from './diskStore';
import { sweepMedia } from './mediaSweep';
import { createMediaUrls, mediaKey } from './mediaUrls';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 2);
});
afterAll(async () => {
  await database.close();
  await product.close();
});

const png = (width = 1200, height = 800) =>
  sharp({ create: { width, height, channels: 3, background: '#2040e0' } })
    .png()
    .toBuffer();
/** Here without the gateway, whose address the subgraph writes into addresses. */
const atSubgraph = (url: string) => url.replace('http://localhost:3000', product.url);
const filesOf = async (tenantId: string) => {
  const entries = await readdir(product.mediaPath, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths
    .filter((path) => path.includes(tenantId))
    .map((path) => path.slice(product.mediaPath.length + 1))
    .sort();
};

const STAGE = `mutation ($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
  stagedTargets { id url method headers { name value } expiresAt } userErrors { field code } } }`;
const ADD = `mutation ($productId: ID!, $input: ProductImageAddInput!) { productImageAdd(productId: $productId, input: $input) {
  image { id url altText width height small: url(transform: { maxWidth: 320, format: WEBP }) } userErrors { field code message } } }`;
const UPDATE = `mutation ($id: ID!, $input: ProductImageUpdateInput!) { productImageUpdate(id: $id, input: $input) {
  image { id altText } userErrors { field code } } }`;
const REMOVE = 'mutation ($id: ID!) { productImageRemove(id: $id) { removedImageId userErrors { field code } } }';
const REORDER = `mutation ($productId: ID!, $imageIds: [ID!]!) { productImageReorder(productId: $productId, imageIds: $imageIds) {
  images { id } userErrors { field code } } }`;

async function stage(tenantId: string, byteSize: number, contentType = 'image/png') {
  const { data } = await product.ask(admin(tenantId), STAGE, {
    input: [{ purpose: 'PRODUCT_IMAGE', contentType, byteSize }],
  });
  return data.stagedUploadsCreate.stagedTargets[0];
}

async function upload(tenantId: string, bytes: Buffer, contentType = 'image/png'): Promise<string> {
  const { id, url, method } = await stage(tenantId, bytes.length, contentType);
  const answer = await fetch(atSubgraph(url), { method, headers: { 'content-type': contentType }, body: bytes });
  expect(answer.status).toBe(204);
  return id;
}

async function add(tenantId: string, productId: string, input: Record<string, unknown>) {
  const { data, errors } = await product.ask(admin(tenantId), ADD, { productId, input });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.productImageAdd;
}

const addElsewhere = async (tenantId: string, productId: string, more: object = {}) =>
  (await add(tenantId, productId, { url: 'https://images.example.com/a.jpg', ...more })).image.id as string;

async function imagesOf(tenantId: string, productId: string) {
  const query = 'query ($id: ID!) { product(id: $id) { images { id } variants { nodes { id image { id } } } } }';
  const { data } = await product.ask(visitor(tenantId), query, { id: productId });
  return {
    images: data.product.images.map(({ id }: { id: string }) => id),
    variants: data.product.variants.nodes.map(({ image }: { image: { id: string } | null }) => image?.id ?? null),
  };
}

const expire = (tenantId: string) =>
  asOwner(product.ownerUrl, tenantId, `UPDATE media_files SET expires_at = now() - interval '1 second'`);
const sweep = (store = createDiskStore(product.mediaPath, createMediaUrls('http://x', 'k'))) =>
  sweepMedia(database.db, store, createLogger('product', 'silent'));

describe('stagedUploadsCreate', () => {
  it.each([
    ['a type that is none of an image', { contentType: 'image/svg+xml' }, 'contentType'],
    ['no bytes', { byteSize: 0 }, 'byteSize'],
    ['more bytes than are taken', { byteSize: 20 * 1024 * 1024 + 1 }, 'byteSize'],
  ])('is refused with %s', async (_what, change, field) => {
    const input = [{ purpose: 'PRODUCT_IMAGE', contentType: 'image/png', byteSize: 10, ...change }];
    const { data } = await product.ask(admin(freshTenantId()), STAGE, { input });
    expect(data.stagedUploadsCreate).toEqual({
      stagedTargets: null,
      userErrors: [{ field: ['input', '0', field], code: 'INVALID' }],
    });
  });

  it('is refused to who does not manage the catalog', async () => {
    const tenantId = freshTenantId();
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const input = [{ purpose: 'PRODUCT_IMAGE', contentType: 'image/png', byteSize: 10 }];
      const { errors } = await product.ask(caller, STAGE, { input });
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });

  it.each<[string, (url: string) => string]>([
    ['another store', (url) => url.replace(/org_[^/]+/, freshTenantId())],
    ['another length', (url) => url.replace(/size=\d+/, 'size=99')],
    ['another type', (url) => url.replace('image%2Fpng', 'text%2Fhtml')],
    ['a later end', (url) => url.replace(/expires=\d+/, 'expires=9999999999')],
    ['no signature', (url) => url.replace(/signature=[^&]+/, '')],
  ])('makes an address that is nobody’s once it names %s', async (_what, change) => {
    const { url } = await stage(freshTenantId(), 5);
    const answer = await fetch(change(atSubgraph(url)), {
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      body: '12345',
    });
    expect(answer.status).toBe(404);
  });
});

describe('productImageAdd', () => {
  it.each<[string, (tenantId: string) => Promise<Record<string, unknown>>, string, string]>([
    ['neither an upload nor an address', async () => ({}), 'input', 'INVALID'],
    ['an address that is not https', async () => ({ url: 'http://x.example/a.png' }), 'input.url', 'INVALID'],
    [
      'an upload that does not exist',
      async () => ({ stagedUploadId: 'file_none' }),
      'input.stagedUploadId',
      'NOT_FOUND',
    ],
    [
      'another store’s upload',
      async () => ({ stagedUploadId: await upload(freshTenantId(), await png()) }),
      'input.stagedUploadId',
      'NOT_FOUND',
    ],
    [
      'an upload to which nothing was sent',
      async (tenantId) => ({ stagedUploadId: (await stage(tenantId, 9)).id }),
      'input.stagedUploadId',
      'INVALID',
    ],
    [
      'an SVG',
      async (tenantId) => ({
        stagedUploadId: await upload(tenantId, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
      }),
      'input.stagedUploadId',
      'INVALID',
    ],
    [
      'an alternative text that is too long',
      async () => ({ url: 'https://x.example/a.png', altText: 'x'.repeat(513) }),
      'input.altText',
      'INVALID',
    ],
    [
      'a variant of another product',
      async (tenantId) => ({
        url: 'https://x.example/a.png',
        variantIds: [(await makeProduct(product, admin(tenantId))).variantId],
      }),
      'input.variantIds',
      'NOT_FOUND',
    ],
  ])('is refused with %s, and adds nothing', async (_what, input, field, code) => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const { image, userErrors } = await add(tenantId, id, await input(tenantId));
    expect([image, userErrors]).toMatchObject([null, [{ field: field.split('.'), code }]]);
    expect((await imagesOf(tenantId, id)).images).toEqual([]);
  });

  it('answers NOT_FOUND for another store’s product as for none, and uses up no upload', async () => {
    const [attacker, victim] = [freshTenantId(), freshTenantId()];
    const theirs = await makeProduct(product, admin(victim));
    const stagedUploadId = await upload(attacker, await png());
    const before = await checksumOfTenant(product.ownerUrl, victim);
    expect(await add(attacker, theirs.id, { stagedUploadId })).toEqual(
      await add(attacker, 'prod_none', { stagedUploadId }),
    );
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
    const own = await makeProduct(product, admin(attacker));
    expect((await add(attacker, own.id, { stagedUploadId })).userErrors).toEqual([]);
  });

  it('is refused beyond 50 images', async () => {
    const tenantId = freshTenantId();
    const images = Array.from({ length: 50 }, (_, n) => ({ url: `https://x.example/${n}.png` }));
    const { id } = await makeProduct(product, admin(tenantId), { images });
    const { userErrors } = await add(tenantId, id, { url: 'https://x.example/50.png' });
    expect(userErrors).toMatchObject([{ field: ['productId'], code: 'INVALID' }]);
  });

  it('shows what was uploaded to whoever has its address, in its own size and smaller', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const stagedUploadId = await upload(tenantId, await png());
    const { image, userErrors } = await add(tenantId, id, {
      stagedUploadId,
      altText: 'A shoe',
      variantIds: [variantId],
    });
    expect(userErrors).toEqual([]);
    expect(image).toMatchObject({ altText: 'A shoe', width: 1200, height: 800 });

    const whole = await fetch(atSubgraph(image.url));
    expect(whole.headers.get('content-type')).toBe('image/png');
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    expect(whole.headers.get('cache-control')).toContain('immutable');
    expect(await sharp(await whole.arrayBuffer()).metadata()).toMatchObject({
      width: 1200,
      height: 800,
      format: 'png',
    });
    for (let n = 0; n < 2; n += 1) {
      const small = await fetch(atSubgraph(image.small));
      expect(small.headers.get('content-type')).toBe('image/webp');
      expect(await sharp(await small.arrayBuffer()).metadata()).toMatchObject({
        width: 320,
        height: 213,
        format: 'webp',
      });
    }
    expect(await imagesOf(tenantId, id)).toEqual({ images: [image.id], variants: [image.id] });
    expect(await filesOf(tenantId)).toEqual([
      `cache/${tenantId}/${stagedUploadId}/320.webp`,
      `files/${tenantId}/${stagedUploadId}/image`,
    ]);
  });

  it('two that add one upload at once: one does, the other gets NOT_FOUND', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const stagedUploadId = await upload(tenantId, await png(20, 20));
    const outcomes = await Promise.all([1, 2, 3].map(() => add(tenantId, id, { stagedUploadId })));
    expect(outcomes.filter(({ image }) => image !== null)).toHaveLength(1);
    expect((await imagesOf(tenantId, id)).images).toHaveLength(1);
  });

  it('many at once each get a place of their own', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const ids = await Promise.all(Array.from({ length: 8 }, () => addElsewhere(tenantId, id, { position: 0 })));
    expect((await imagesOf(tenantId, id)).images.sort()).toEqual(ids.sort());
  });
});

describe('an image’s address', () => {
  it('leads nowhere once any part of it is changed', async () => {
    const tenantId = freshTenantId();
    const other = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    const { image } = await add(tenantId, made.id, { stagedUploadId: await upload(tenantId, await png(100, 100)) });
    const url = atSubgraph(image.url);
    for (const changed of [
      url.replace(tenantId, other),
      url.replace('original.png', '16.webp'),
      url.replace('original.png', 'original.jpeg'),
      url.replace(/file_\w+/, 'file_none'),
      url.replace(/images\/[\w-]+/, 'images/x'),
      url.replace(/images\/[\w-]+/, 'images/%2e%2e'),
    ]) {
      expect(changed).not.toBe(url);
      expect((await fetch(changed)).status).toBe(404);
    }
  });

  it('is one of a few for every size: asking for any size fills no cache', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    await add(tenantId, made.id, { stagedUploadId: await upload(tenantId, await png(1000, 1000)) });
    const sizes = Array.from(
      { length: 300 },
      (_, n) => `u${n}: url(transform: { maxWidth: ${n * 3 + 1}, maxHeight: ${900 - n * 2} })`,
    );
    const { data } = await product.ask(
      visitor(tenantId),
      `query ($id: ID!) { product(id: $id) { images { ${sizes.join(' ')} } } }`,
      { id: made.id },
    );
    expect(new Set(Object.values(data.product.images[0])).size).toBeLessThan(30);
  });

  it('of an image that is kept elsewhere stays what it is', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    const { image } = await add(tenantId, made.id, { url: 'https://images.example.com/a.jpg' });
    expect(image).toMatchObject({
      url: 'https://images.example.com/a.jpg',
      small: 'https://images.example.com/a.jpg',
      width: null,
    });
  });
});

describe('productImageUpdate, -Reorder and -Remove', () => {
  it('answer NOT_FOUND for another store’s ids as for none, and change nothing of theirs', async () => {
    const [attacker, victim] = [freshTenantId(), freshTenantId()];
    const theirs = await makeProduct(product, admin(victim));
    const theirImage = await addElsewhere(victim, theirs.id);
    const own = await makeProduct(product, admin(attacker));
    const ownImage = await addElsewhere(attacker, own.id);
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const cases: [string, (productId: string, imageId: string, variantId: string) => Record<string, unknown>][] = [
      [UPDATE, (_, id) => ({ id, input: { altText: 'x' } })],
      [UPDATE, (_, __, variantId) => ({ id: ownImage, input: { variantIds: [variantId] } })],
      [REMOVE, (_, id) => ({ id })],
      [REORDER, (productId, id) => ({ productId, imageIds: [id] })],
      [REORDER, (_, id) => ({ productId: own.id, imageIds: [id] })],
    ];
    for (const [query, variables] of cases) {
      const foreign = await product.ask(admin(attacker), query, variables(theirs.id, theirImage, theirs.variantId));
      const random = await product.ask(admin(attacker), query, variables('prod_none', 'pimg_none', 'pvar_none'));
      expect(foreign).toEqual(random);
      expect(JSON.stringify(foreign)).toContain('NOT_FOUND');
    }
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('order the images as told, each of them or none', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const [one, two, three] = [
      await addElsewhere(tenantId, id),
      await addElsewhere(tenantId, id),
      await addElsewhere(tenantId, id),
    ];
    const reorder = async (imageIds: (string | undefined)[]) =>
      (await product.ask(admin(tenantId), REORDER, { productId: id, imageIds })).data.productImageReorder;
    for (const incomplete of [
      [one, two],
      [one, two, two],
      [one, two, three, three],
    ]) {
      expect((await reorder(incomplete)).userErrors).toEqual([{ field: ['imageIds'], code: 'INVALID' }]);
    }
    expect((await reorder([three, one, two])).images).toEqual([{ id: three }, { id: one }, { id: two }]);
    const first = await addElsewhere(tenantId, id, { position: 0 });
    expect((await imagesOf(tenantId, id)).images).toEqual([first, three, one, two]);
  });

  it('change the text and the variants, and what is left out stays', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const image = await addElsewhere(tenantId, id, { altText: 'Before' });
    const update = async (input: Record<string, unknown>) =>
      (await product.ask(admin(tenantId), UPDATE, { id: image, input })).data.productImageUpdate.image;
    expect(await update({ variantIds: [variantId] })).toEqual({ id: image, altText: 'Before' });
    expect((await imagesOf(tenantId, id)).variants).toEqual([image]);
    expect(await update({ altText: null })).toEqual({ id: image, altText: null });
    expect((await imagesOf(tenantId, id)).variants).toEqual([image]);
    await update({ variantIds: [] });
    expect((await imagesOf(tenantId, id)).variants).toEqual([null]);
  });
});

describe('a file that nothing refers to', () => {
  async function makeImage(tenantId: string) {
    const made = await makeProduct(product, admin(tenantId));
    const fileId = await upload(tenantId, await png(100, 100));
    const { image } = await add(tenantId, made.id, { stagedUploadId: fileId, variantIds: [made.variantId] });
    return { ...made, imageId: image.id as string, url: image.url as string, fileId };
  }

  it('goes after its image was removed; a sweep that failed half-way is made good by the next', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    const { id, imageId, url } = await makeImage(tenantId);
    await makeImage(other);
    const { data } = await product.ask(admin(tenantId), REMOVE, { id: imageId });
    expect(data.productImageRemove).toEqual({ removedImageId: imageId, userErrors: [] });
    expect(await imagesOf(tenantId, id)).toEqual({ images: [], variants: [null] });

    const store = createDiskStore(product.mediaPath, createMediaUrls('http://x', 'k'));
    await sweep({ ...store, removeAll: async () => Promise.reject(new Error('disk is away')) });
    expect(await filesOf(tenantId)).toHaveLength(1);
    await sweep();
    expect(await filesOf(tenantId)).toEqual([]);
    expect((await fetch(atSubgraph(url))).status).toBe(404);
    expect(await asOwner(product.ownerUrl, tenantId, 'SELECT id FROM media_files')).toEqual([]);
    expect(await filesOf(other)).toHaveLength(1);
  });

  it('goes after its product was deleted, and no image goes without saying so', async () => {
    const tenantId = freshTenantId();
    const { id, imageId } = await makeImage(tenantId);
    const forgotten = asOwner(product.ownerUrl, tenantId, 'DELETE FROM product_images WHERE id = $1', [imageId]);
    await expect(forgotten).rejects.toThrow('foreign key');
    const { data } = await product.ask(
      admin(tenantId),
      'mutation ($id: ID!) { productDelete(id: $id) { deletedProductId userErrors { code } } }',
      { id },
    );
    expect(data.productDelete).toEqual({ deletedProductId: id, userErrors: [] });
    await sweep();
    expect(await filesOf(tenantId)).toEqual([]);
  });

  it('goes when nothing has become of an upload for a day, and not before', async () => {
    const tenantId = freshTenantId();
    const fileId = await upload(tenantId, await png(10, 10));
    await sweep();
    expect(await filesOf(tenantId)).toEqual([`files/${tenantId}/${fileId}/upload`]);
    await expire(tenantId);
    const { id } = await makeProduct(product, admin(tenantId));
    expect((await add(tenantId, id, { stagedUploadId: fileId })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    await sweep();
    expect(await filesOf(tenantId)).toEqual([]);
  });

  it('stays while an image refers to it, however old it is', async () => {
    const tenantId = freshTenantId();
    await makeImage(tenantId);
    await expire(tenantId);
    await sweep();
    expect(await filesOf(tenantId)).toHaveLength(1);
  });

  it('goes with its store, and no other store’s file does', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    await makeImage(tenantId);
    await makeImage(other);
    const lifecycle = createLifecycleClient(`${product.url}/graphql`, 'product', SIGNING_KEY);
    try {
      expect(await lifecycle.erase(tenantId, 'test')).toMatchObject({ files: 1, media_files: 1, product_images: 1 });
    } finally {
      await lifecycle.close();
    }
    expect(await filesOf(tenantId)).toEqual([]);
    expect(await filesOf(other)).toHaveLength(1);
    expect(await eraseRows(database.inTransaction, tenantId)).toEqual({});
  });
});

it('a draft’s image has an address that nobody can guess', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId), productInput({ status: 'DRAFT' }));
  const { image } = await add(tenantId, id, { stagedUploadId: await upload(tenantId, await png(10, 10)) });
  const { data } = await product.ask(visitor(tenantId), 'query ($id: ID!) { product(id: $id) { images { url } } }', {
    id,
  });
  expect(data.product).toBeNull();
  const guessed = createMediaUrls(product.url, mediaKey(undefined, 'another-key-of-32-characters-and-more'));
  const [, fileId = ''] = /\/(file_\w+)\//.exec(image.url) ?? [];
  expect((await fetch(guessed.image({ tenantId, fileId, name: 'original.png' }))).status).toBe(404);
});
