import sharp from 'sharp';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { createMediaUrls, mediaKeys } from '../files/mediaUrls';
import { makeProduct, productInput } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';

let product: Awaited<ReturnType<typeof startWithImages>>;
beforeAll(async () => {
  product = await startWithImages();
});
afterAll(() => product?.close());

const UPDATE = `mutation ($id: ID!, $input: ProductImageUpdateInput!) { productImageUpdate(id: $id, input: $input) {
  productImage { id altText } userErrors { field code } } }`;
const REMOVE =
  'mutation ($id: ID!) { productImageRemove(id: $id) { deletedProductImageId userErrors { field code } } }';
const REORDER = `mutation ($productId: ID!, $imageIds: [ID!]!) { productImageReorder(productId: $productId, imageIds: $imageIds) {
  productImages { id } userErrors { field code } } }`;

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
      async () => ({ stagedUploadId: await product.upload(freshTenantId(), await png()) }),
      'input.stagedUploadId',
      'NOT_FOUND',
    ],
    [
      'an upload to which nothing was sent',
      async (tenantId) => ({ stagedUploadId: (await product.stage(tenantId, 9)).id }),
      'input.stagedUploadId',
      'INVALID',
    ],
    [
      'an SVG',
      async (tenantId) => ({
        stagedUploadId: await product.upload(tenantId, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
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
    const { productImage: image, userErrors } = await product.add(tenantId, id, await input(tenantId));
    expect([image, userErrors]).toMatchObject([null, [{ field: field.split('.'), code }]]);
    expect((await product.imagesOf(tenantId, id)).images).toEqual([]);
  });

  it('answers NOT_FOUND for another store’s product, as for an unknown one, and uses up no upload', async () => {
    const [attacker, victim] = [freshTenantId(), freshTenantId()];
    const theirs = await makeProduct(product, admin(victim));
    const stagedUploadId = await product.upload(attacker, await png());
    const before = await checksumOfTenant(product.ownerUrl, victim);
    expect(await product.add(attacker, theirs.id, { stagedUploadId })).toEqual(
      await product.add(attacker, 'prod_none', { stagedUploadId }),
    );
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
    const own = await makeProduct(product, admin(attacker));
    expect((await product.add(attacker, own.id, { stagedUploadId })).userErrors).toEqual([]);
  });

  it('is refused beyond 50 images', async () => {
    const tenantId = freshTenantId();
    const images = Array.from({ length: 50 }, (_, n) => ({ url: `https://x.example/${n}.png` }));
    const { id } = await makeProduct(product, admin(tenantId), { images });
    const { userErrors } = await product.add(tenantId, id, { url: 'https://x.example/50.png' });
    expect(userErrors).toMatchObject([{ field: ['productId'], code: 'INVALID' }]);
  });

  it('shows the uploaded image to anyone who has its address, in full size and smaller', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const stagedUploadId = await product.upload(tenantId, await png());
    const { productImage: image, userErrors } = await product.add(tenantId, id, {
      stagedUploadId,
      altText: 'A shoe',
      variantIds: [variantId],
    });
    expect(userErrors).toEqual([]);
    expect(image).toMatchObject({ altText: 'A shoe', width: 1200, height: 800 });

    const whole = await fetch(product.atSubgraph(image.url));
    expect(whole.headers.get('content-type')).toBe('image/png');
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    expect(whole.headers.get('cache-control')).toContain('immutable');
    expect(await sharp(await whole.arrayBuffer()).metadata()).toMatchObject({
      width: 1200,
      height: 800,
      format: 'png',
    });
    for (let n = 0; n < 2; n += 1) {
      const small = await fetch(product.atSubgraph(image.small));
      expect(small.headers.get('content-type')).toBe('image/webp');
      expect(await sharp(await small.arrayBuffer()).metadata()).toMatchObject({
        width: 320,
        height: 213,
        format: 'webp',
      });
    }
    expect(await product.imagesOf(tenantId, id)).toEqual({ images: [image.id], variants: [image.id] });
    expect(await product.filesOf(tenantId)).toEqual([
      `cache/${tenantId}/${stagedUploadId}/320.webp`,
      `files/${tenantId}/${stagedUploadId}/image`,
    ]);
  });

  it('of two concurrent additions of one upload one succeeds, the other gets NOT_FOUND', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const stagedUploadId = await product.upload(tenantId, await png(20, 20));
    const outcomes = await Promise.all([1, 2, 3].map(() => product.add(tenantId, id, { stagedUploadId })));
    expect(outcomes.filter(({ productImage }) => productImage !== null)).toHaveLength(1);
    expect((await product.imagesOf(tenantId, id)).images).toHaveLength(1);
  });

  it('many concurrent additions each get their own position', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const ids = await Promise.all(Array.from({ length: 8 }, () => product.addElsewhere(tenantId, id, { position: 0 })));
    expect((await product.imagesOf(tenantId, id)).images.sort()).toEqual(ids.sort());
  });
});

describe('an image’s address', () => {
  it('is 404 when any part of it is changed', async () => {
    const tenantId = freshTenantId();
    const other = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    const { productImage: image } = await product.add(tenantId, made.id, {
      stagedUploadId: await product.upload(tenantId, await png(100, 100)),
    });
    const url = product.atSubgraph(image.url);
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

  it('has one of a few sizes, so that requests for many sizes can’t fill the cache', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    await product.add(tenantId, made.id, { stagedUploadId: await product.upload(tenantId, await png(1000, 1000)) });
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

  it('of an external image stays unchanged', async () => {
    const tenantId = freshTenantId();
    const made = await makeProduct(product, admin(tenantId));
    const { productImage: image } = await product.add(tenantId, made.id, { url: 'https://images.example.com/a.jpg' });
    expect(image).toMatchObject({
      url: 'https://images.example.com/a.jpg',
      small: 'https://images.example.com/a.jpg',
      width: null,
    });
  });
});

describe('productImageUpdate, -Reorder and -Remove', () => {
  it('answer NOT_FOUND for another store’s ids, as for unknown ones, and change nothing of theirs', async () => {
    const [attacker, victim] = [freshTenantId(), freshTenantId()];
    const theirs = await makeProduct(product, admin(victim));
    const theirImage = await product.addElsewhere(victim, theirs.id);
    const own = await makeProduct(product, admin(attacker));
    const ownImage = await product.addElsewhere(attacker, own.id);
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

  it('sort the images in the given order, which must name all of them', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId));
    const [one, two, three] = [
      await product.addElsewhere(tenantId, id),
      await product.addElsewhere(tenantId, id),
      await product.addElsewhere(tenantId, id),
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
    expect((await reorder([three, one, two])).productImages).toEqual([{ id: three }, { id: one }, { id: two }]);
    const first = await product.addElsewhere(tenantId, id, { position: 0 });
    expect((await product.imagesOf(tenantId, id)).images).toEqual([first, three, one, two]);
  });

  it('change the text and the variants; omitted fields stay unchanged', async () => {
    const tenantId = freshTenantId();
    const { id, variantId } = await makeProduct(product, admin(tenantId));
    const image = await product.addElsewhere(tenantId, id, { altText: 'Before' });
    const update = async (input: Record<string, unknown>) =>
      (await product.ask(admin(tenantId), UPDATE, { id: image, input })).data.productImageUpdate.productImage;
    expect(await update({ variantIds: [variantId] })).toEqual({ id: image, altText: 'Before' });
    expect((await product.imagesOf(tenantId, id)).variants).toEqual([image]);
    expect(await update({ altText: null })).toEqual({ id: image, altText: null });
    expect((await product.imagesOf(tenantId, id)).variants).toEqual([image]);
    await update({ variantIds: [] });
    expect((await product.imagesOf(tenantId, id)).variants).toEqual([null]);
  });
});

it('each change of a product’s images makes a new version of the product, with an event', async () => {
  const tenantId = freshTenantId();
  const { id, variantId } = await makeProduct(product, admin(tenantId));
  const one = await product.addElsewhere(tenantId, id);
  const two = await product.addElsewhere(tenantId, id);
  for (const [query, variables] of [
    [UPDATE, { id: one, input: { altText: 'A shoe', variantIds: [variantId] } }],
    [REORDER, { productId: id, imageIds: [two, one] }],
    [REMOVE, { id: one }],
  ] as const) {
    await product.ask(admin(tenantId), query, variables);
  }
  const refused = await product.ask(admin(tenantId), REMOVE, { id: one });
  expect(refused.data.productImageRemove.userErrors).toEqual([{ field: ['id'], code: 'NOT_FOUND' }]);
  const told = await asOwner<{ version: number }>(
    product.ownerUrl,
    tenantId,
    `SELECT aggregate_version::int AS version FROM outbox_events WHERE type = 'product.updated' AND aggregate_id = $1 ORDER BY position`,
    [id],
  );
  expect(told.map(({ version }) => version)).toEqual([2, 3, 4, 5, 6]);
});

it('a draft’s image has an address that nobody can guess', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId), productInput({ status: 'DRAFT' }));
  const { productImage: image } = await product.add(tenantId, id, {
    stagedUploadId: await product.upload(tenantId, await png(10, 10)),
  });
  const { data } = await product.ask(visitor(tenantId), 'query ($id: ID!) { product(id: $id) { images { url } } }', {
    id,
  });
  expect(data.product).toBeNull();
  const guessed = createMediaUrls(product.url, mediaKeys(undefined, 'another-key-of-32-characters-and-more'));
  const [, fileId = ''] = /\/(file_\w+)\//.exec(image.url) ?? [];
  expect((await fetch(guessed.image({ tenantId, fileId, name: 'original.png' }))).status).toBe(404);
});
