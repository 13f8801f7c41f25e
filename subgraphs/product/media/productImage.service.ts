import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { changeProduct } from '../catalog/changeProduct';
import type { Context } from '../context';
import type { Tx } from '../database';
import { imageKey, readWhole, uploadKey, WrongSize } from '../files/fileStore';
import { type CheckedImage, ImageRefused, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductErrorCode, ProductImageAddInput, ProductImageUpdateInput } from '../generated/resolvers';
import { imagesByProductId } from './image.loaders';
import { imagesOf, isHttpsUrl, MAX_ALT_TEXT, MAX_IMAGES, releaseFiles, showOn, writeImageOrder } from './imageRows';

/** What an image is of: a file that this service keeps, or an address elsewhere. */
type Place = Pick<ProductImage, 'url' | 'fileId' | 'contentType' | 'width' | 'height'>;

/** Adds a picture to a product: one that was uploaded, checked and written anew here, or one that is kept elsewhere. */
export function productImageAdd(ctx: Context, productId: string, input: ProductImageAddInput) {
  return payload<'image', ProductImage, ProductErrorCode>('image', async () => {
    const { tenantId, db } = ctx;
    const { stagedUploadId, url, altText, position, variantIds } = input;
    refuseAltText(altText);
    if ((stagedUploadId == null) === (url == null)) {
      throw refused(['input'], 'INVALID', 'Expected either stagedUploadId or url.');
    }
    // A moment's look, before the work on the bytes; what counts is decided in the transaction.
    if (!(await db.product.findFirst({ where: { tenantId, id: productId }, select: { id: true } }))) throw noProduct();
    const place = stagedUploadId == null ? elsewhere(url ?? '') : await keptHere(ctx, stagedUploadId);

    const id = newId('pimg');
    await changeImages(ctx, productId, ['productId'], async (tx) => {
      const existing = await imagesOf(tx, tenantId, productId);
      if (existing.length >= MAX_IMAGES) {
        throw refused(['productId'], 'INVALID', `The product has ${MAX_IMAGES} images: no more.`);
      }
      if (place.fileId) await claim(tx, tenantId, place.fileId);
      const last = (existing.at(-1)?.position ?? -1) + 1;
      const made = await tx.productImage.create({
        data: { tenantId, id, productId, position: last, altText: altText ?? null, ...place },
      });
      if (place.fileId) {
        await tx.mediaFile.updateMany({ where: { tenantId, id: place.fileId }, data: { imageId: made.id } });
      }
      if (position != null && position >= 0 && position < existing.length) {
        await writeImageOrder(tx, tenantId, existing.map((other) => other.id).toSpliced(position, 0, id));
      }
      if (variantIds) await showOn(tx, made, variantIds);
    });
    if (stagedUploadId != null) await ctx.media.removeUpload(tenantId, stagedUploadId);
    return db.productImage.findFirstOrThrow({ where: { tenantId, id } });
  });
}

/** Changes what is given; `variantIds` names all variants that show it. */
export function productImageUpdate(ctx: Context, id: string, { altText, variantIds }: ProductImageUpdateInput) {
  return payload<'image', ProductImage, ProductErrorCode>('image', async () => {
    const { tenantId } = ctx;
    refuseAltText(altText);
    await changeImage(ctx, id, async (tx, image) => {
      if (variantIds) await showOn(tx, image, variantIds);
      if (altText !== undefined) await tx.productImage.updateMany({ where: { tenantId, id }, data: { altText } });
    });
    return ctx.db.productImage.findFirstOrThrow({ where: { tenantId, id } });
  });
}

/** Takes a picture from its product, and from the variants that show it. Its file goes soon after. */
export function productImageRemove(ctx: Context, id: string) {
  return payload<'removedImageId', string, ProductErrorCode>('removedImageId', async () => {
    const { tenantId } = ctx;
    await changeImage(ctx, id, async (tx, image) => {
      await showOn(tx, image, []);
      await releaseFiles(tx, tenantId, { id });
      await tx.productImage.deleteMany({ where: { tenantId, id } });
    });
    return id;
  });
}

/** Puts a product's pictures in the order given, which names each of them once. */
export function productImageReorder(ctx: Context, productId: string, imageIds: string[]) {
  return payload<'images', ProductImage[], ProductErrorCode>('images', async () => {
    const { tenantId } = ctx;
    await changeImages(ctx, productId, ['productId'], async (tx) => {
      const existing = await imagesOf(tx, tenantId, productId);
      const known = new Set(existing.map(({ id }) => id));
      const missing = imageIds.findIndex((id) => !known.has(id));
      if (missing >= 0) throw refused(['imageIds', String(missing)], 'NOT_FOUND', 'The product has no such image.');
      if (imageIds.length !== known.size || new Set(imageIds).size !== known.size) {
        throw refused(['imageIds'], 'INVALID', 'Expected each of the product’s images once.');
      }
      await writeImageOrder(tx, tenantId, imageIds);
    });
    return imagesByProductId(ctx).load(productId);
  });
}

/** The bytes that were uploaded, checked, and written to where they are served from. */
async function keptHere(ctx: Context, fileId: string): Promise<Place> {
  const { tenantId, db, media } = ctx;
  const field = ['input', 'stagedUploadId'];
  const file = await db.mediaFile.findFirst({
    where: { tenantId, id: fileId, purpose: 'PRODUCT_IMAGE', status: 'TEMPORARY', expiresAt: { gt: new Date() } },
  });
  if (!file) throw refused(field, 'NOT_FOUND', 'There is no such upload, or it has been used.');
  const upload = await media.store.open(uploadKey(tenantId, fileId));
  if (!upload) throw refused(field, 'INVALID', 'Nothing has been uploaded to it yet.');
  try {
    const { bytes, ...image } = await media.checkImage(await readWhole(upload.body, MAX_IMAGE_BYTES), file.contentType);
    await keep(bytes, image);
    return { url: null, fileId, ...image };
  } catch (error) {
    if (error instanceof ImageRefused || error instanceof WrongSize) throw refused(field, 'INVALID', error.message);
    throw error;
  }

  function keep(bytes: Buffer, { contentType }: Omit<CheckedImage, 'bytes'>) {
    return media.store.put(imageKey(tenantId, fileId), bytes, { contentType, byteSize: bytes.length });
  }
}

function elsewhere(url: string): Place {
  if (!isHttpsUrl(url)) throw refused(['input', 'url'], 'INVALID', 'Expected an https address.');
  return { url, fileId: null, contentType: null, width: null, height: null };
}

/** Of two that add the same upload at once, one does. */
async function claim(tx: Tx, tenantId: string, fileId: string): Promise<void> {
  const { count } = await tx.mediaFile.updateMany({
    where: { tenantId, id: fileId, status: 'TEMPORARY' },
    data: { status: 'ATTACHED' },
  });
  if (count === 0) {
    throw refused(['input', 'stagedUploadId'], 'NOT_FOUND', 'There is no such upload, or it has been used.');
  }
}

/** One change to a product's images at a time; each is a change of the product, which other services are told of. */
function changeImages(ctx: Context, productId: string, idField: string[], work: (tx: Tx) => Promise<void>) {
  return changeProduct(ctx, { id: productId, idField, expectedVersion: null, versionField: [] }, work);
}

async function changeImage(
  ctx: Context,
  id: string,
  work: (tx: Tx, image: ProductImage) => Promise<void>,
): Promise<void> {
  const { tenantId } = ctx;
  const find = (db: Context['db'] | Tx) => db.productImage.findFirst({ where: { tenantId, id } });
  const noImage = () => refused(['id'], 'NOT_FOUND', 'No such image.');
  const before = await find(ctx.db);
  if (!before) throw noImage();
  await changeImages(ctx, before.productId, ['id'], async (tx) => {
    // Read once more: whoever held the product may have removed it.
    const image = await find(tx);
    if (!image) throw noImage();
    await work(tx, image);
  });
}

function refuseAltText(altText: string | null | undefined): void {
  if (altText == null) return;
  if (!altText.isWellFormed()) throw refused(['input', 'altText'], 'INVALID', 'Expected well-formed Unicode.');
  if (altText.length > MAX_ALT_TEXT) {
    throw refused(['input', 'altText'], 'INVALID', `Expected at most ${MAX_ALT_TEXT} characters.`);
  }
}

const noProduct = () => refused(['productId'], 'NOT_FOUND', 'No such product.');
const refused = (field: string[], code: ProductErrorCode, message: string) => new UserErrors({ field, code, message });
