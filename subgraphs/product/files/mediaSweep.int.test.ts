import { eraseRows } from '../../shared/lifecycle/eraseRows';
import { createLifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import { createLogger } from '../../shared/log';
import { admin, freshTenantId, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openProductDatabase } from '../database';
import { makeProduct } from '../test/factories';
import { png, startWithImages } from '../test/startWithImages';
import { createDiskStore } from './diskStore';
import { sweepMedia } from './mediaSweep';
import { createMediaUrls } from './mediaUrls';

let product: Awaited<ReturnType<typeof startWithImages>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startWithImages();
  database = await openProductDatabase(product.appUrl, 2);
});
afterAll(async () => {
  await database?.close();
  await product?.close();
});

const REMOVE =
  'mutation ($id: ID!) { productImageRemove(id: $id) { deletedProductImageId userErrors { field code } } }';

const expire = (tenantId: string) =>
  asOwner(product.ownerUrl, tenantId, `UPDATE media_files SET expires_at = now() - interval '1 second'`);
const sweep = (store = createDiskStore(product.mediaPath, createMediaUrls('http://x', [Buffer.from('k')]))) =>
  sweepMedia(database.db, store, createLogger('product', 'silent'));

describe('a file that nothing refers to', () => {
  async function makeImage(tenantId: string) {
    const made = await makeProduct(product, admin(tenantId));
    const fileId = await product.upload(tenantId, await png(100, 100));
    const { productImage: image } = await product.add(tenantId, made.id, {
      stagedUploadId: fileId,
      variantIds: [made.variantId],
    });
    return { ...made, imageId: image.id as string, url: image.url as string, fileId };
  }

  it('is removed after its image; the next sweep completes one that failed half-way', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    const { id, imageId, url } = await makeImage(tenantId);
    await makeImage(other);
    const { data } = await product.ask(admin(tenantId), REMOVE, { id: imageId });
    expect(data.productImageRemove).toEqual({ deletedProductImageId: imageId, userErrors: [] });
    expect(await product.imagesOf(tenantId, id)).toEqual({ images: [], variants: [null] });

    const store = createDiskStore(product.mediaPath, createMediaUrls('http://x', [Buffer.from('k')]));
    await sweep({ ...store, removeAll: async () => Promise.reject(new Error('disk is away')) });
    await sweep();
    expect(await product.filesOf(tenantId)).toEqual([]);
    expect((await fetch(product.atSubgraph(url))).status).toBe(404);
    expect(await asOwner(product.ownerUrl, tenantId, 'SELECT id FROM media_files')).toEqual([]);
    expect(await product.filesOf(other)).toHaveLength(1);
  });

  it('is removed after its product; an image can’t be deleted before its file is detached', async () => {
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
    expect(await product.filesOf(tenantId)).toEqual([]);
  });

  it('is removed when an upload is unused for a day, and not before', async () => {
    const tenantId = freshTenantId();
    const fileId = await product.upload(tenantId, await png(10, 10));
    await sweep();
    expect(await product.filesOf(tenantId)).toEqual([`files/${tenantId}/${fileId}/upload`]);
    await expire(tenantId);
    const { id } = await makeProduct(product, admin(tenantId));
    expect((await product.add(tenantId, id, { stagedUploadId: fileId })).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
    await sweep();
    expect(await product.filesOf(tenantId)).toEqual([]);
  });

  it('stays while an image refers to it, however old it is', async () => {
    const tenantId = freshTenantId();
    await makeImage(tenantId);
    await expire(tenantId);
    await sweep();
    expect(await product.filesOf(tenantId)).toHaveLength(1);
  });

  it('is removed with its store, and no other store’s file', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    await makeImage(tenantId);
    await makeImage(other);
    const lifecycle = createLifecycleClient(`${product.url}/graphql`, 'product', SIGNING_KEY);
    try {
      expect(await lifecycle.erase(tenantId, 'test')).toMatchObject({ files: 1, media_files: 1, product_images: 1 });
    } finally {
      await lifecycle.close();
    }
    expect(await product.filesOf(tenantId)).toEqual([]);
    expect(await product.filesOf(other)).toHaveLength(1);
    expect(await eraseRows(database.inTransaction, tenantId)).toEqual({});
  });
});
