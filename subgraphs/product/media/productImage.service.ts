import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductErrorCode, ProductImageAddInput, ProductImageUpdateInput } from '../generated/resolvers';
import { imageKey, readWhole, uploadKey, WrongSize } from './fileStore';
import { type CheckedImage, ImageRefused, MAX_IMAGE_BYTES } from './imageBytes';

const MAX_IMAGES = 50;
const MAX_ALT_TEXT = 512;

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

    const image = await db.$transaction(async (tx) => {
      await lockProduct(tx, tenantId, productId);
      const existing = await imagesOf(tx, tenantId, productId);
      if (existing.length >= MAX_IMAGES) {
        throw refused(['productId'], 'INVALID', `The product has ${MAX_IMAGES} images: no more.`);
      }
      if (place.fileId) await claim(tx, tenantId, place.fileId);
      const id = newId('pimg');
      const last = (existing.at(-1)?.position ?? -1) + 1;
      const made = await tx.productImage.create({
        data: { tenantId, id, productId, position: last, altText: altText ?? null, ...place },
      });
      if (place.fileId) {
        await tx.mediaFile.updateMany({ where: { tenantId, id: place.fileId }, data: { imageId: made.id } });
      }
      if (position != null && position >= 0 && position < existing.length) {
        await order(tx, tenantId, existing.map((other) => other.id).toSpliced(position, 0, id));
      }
      if (variantIds) await showOn(tx, made, variantIds);
      return made;
    });
    if (stagedUploadId != null) {
      // Nobody reads what was uploaded any more. If it can't be removed now, it goes with the image.
      await ctx.media.store.remove(uploadKey(tenantId, stagedUploadId)).catch(() => undefined);
    }
    return image;
  });
}

/** Changes what is given; `variantIds` names all variants that show it. */
export function productImageUpdate(ctx: Context, id: string, { altText, variantIds }: ProductImageUpdateInput) {
  return payload<'image', ProductImage, ProductErrorCode>('image', async () => {
    const { tenantId } = ctx;
    refuseAltText(altText);
    return ctx.db.$transaction(async (tx) => {
      const image = await lockImage(tx, tenantId, id);
      if (variantIds) await showOn(tx, image, variantIds);
      if (altText === undefined) return image;
      await tx.productImage.updateMany({ where: { tenantId, id }, data: { altText } });
      return { ...image, altText };
    });
  });
}

/** Takes a picture from its product, and from the variants that show it. Its file goes soon after. */
export function productImageRemove(ctx: Context, id: string) {
  return payload<'removedImageId', string, ProductErrorCode>('removedImageId', async () => {
    const { tenantId } = ctx;
    await ctx.db.$transaction(async (tx) => {
      const image = await lockImage(tx, tenantId, id);
      await showOn(tx, image, []);
      await releaseFiles(tx, tenantId, { id });
      await tx.productImage.deleteMany({ where: { tenantId, id } });
    });
    return id;
  });
}

/**
 * Lets the files of some images go, right before the images do; the database lets no image go otherwise. The sweep removes them
 * when the transaction has come true.
 */
export async function releaseFiles(
  tx: Tx,
  tenantId: string,
  image: { id: string } | { productId: string },
): Promise<void> {
  await tx.mediaFile.updateMany({
    where: { tenantId, image: { tenantId, ...image } },
    data: { status: 'REMOVED', imageId: null },
  });
}

/** Puts a product's pictures in the order given, which names each of them once. */
export function productImageReorder(ctx: Context, productId: string, imageIds: string[]) {
  return payload<'images', ProductImage[], ProductErrorCode>('images', () =>
    ctx.db.$transaction(async (tx) => {
      const { tenantId } = ctx;
      await lockProduct(tx, tenantId, productId);
      const existing = await imagesOf(tx, tenantId, productId);
      const known = new Set(existing.map(({ id }) => id));
      const missing = imageIds.findIndex((id) => !known.has(id));
      if (missing >= 0) throw refused(['imageIds', String(missing)], 'NOT_FOUND', 'The product has no such image.');
      if (imageIds.length !== known.size || new Set(imageIds).size !== known.size) {
        throw refused(['imageIds'], 'INVALID', 'Expected each of the product’s images once.');
      }
      await order(tx, tenantId, imageIds);
      return imagesOf(tx, tenantId, productId);
    }),
  );
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
  const isHttps = url.length <= 2048 && URL.canParse(url) && new URL(url).protocol === 'https:';
  if (!isHttps) throw refused(['input', 'url'], 'INVALID', 'Expected an https address.');
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

/** One change to a product's images at a time, and each counts as a change of the product. */
async function lockProduct(tx: Tx, tenantId: string, productId: string): Promise<void> {
  const { count } = await tx.product.updateMany({
    where: { tenantId, id: productId },
    data: { version: { increment: 1 } },
  });
  if (count === 0) throw noProduct();
}

async function lockImage(tx: Tx, tenantId: string, id: string): Promise<ProductImage> {
  const find = () => tx.productImage.findFirst({ where: { tenantId, id } });
  const before = await find();
  if (before) await lockProduct(tx, tenantId, before.productId);
  // Read once more: whoever held the product may have removed it.
  const image = before && (await find());
  if (!image) throw refused(['id'], 'NOT_FOUND', 'No such image.');
  return image;
}

const imagesOf = (tx: Tx, tenantId: string, productId: string) =>
  tx.productImage.findMany({ where: { tenantId, productId }, orderBy: { position: 'asc' } });

/** Out of the way first: two images never have the same position, not even within a statement. */
async function order(tx: Tx, tenantId: string, imageIds: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE product_images SET position = -place::int FROM unnest(${imageIds}::text[]) WITH ORDINALITY AS ordered (image_id, place)
    WHERE tenant_id = ${tenantId} AND id = image_id`;
  await tx.$executeRaw`
    UPDATE product_images SET position = -position - 1
    WHERE tenant_id = ${tenantId} AND id = ANY (${imageIds}::text[]) AND position < 0`;
}

/** These variants of its product show it, and no others. */
async function showOn(tx: Tx, { tenantId, id, productId }: ProductImage, variantIds: string[]): Promise<void> {
  const wanted = [...new Set(variantIds)];
  const change = { version: { increment: 1 } };
  await tx.productVariant.updateMany({
    where: { tenantId, productId, imageId: id, id: { notIn: wanted } },
    data: { imageId: null, ...change },
  });
  const { count } = await tx.productVariant.updateMany({
    where: { tenantId, productId, id: { in: wanted } },
    data: { imageId: id, ...change },
  });
  if (count < wanted.length) {
    throw refused(['input', 'variantIds'], 'NOT_FOUND', 'One of them is no variant of this product.');
  }
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
