import { newId } from '../../shared/ids';
import { readInput } from '../../shared/inputReader';
import { MAX_IMAGES } from '../../shared/limits';
import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import { imageKey, readWhole, uploadKey, WrongSize } from '../files/fileStore';
import { ImageRefused, MAX_IMAGE_BYTES } from '../files/imageBytes';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductImageAddInput, UserErrorCode } from '../generated/resolvers';
import { changeImages } from './changeImages';
import { imageAdded } from './imageInput';
import { imagesOf, showOn, writeImageOrder } from './imageRows';

/** Where an image's bytes are: in our file store, or at an external address. */
type ImageSource = Pick<ProductImage, 'url' | 'fileId' | 'contentType' | 'width' | 'height'>;

const refuse = refusal<UserErrorCode>;
const UPLOAD_FIELD = ['input', 'stagedUploadId'];
const noUpload = () => refuse(UPLOAD_FIELD, 'NOT_FOUND', 'There is no such upload, or it has been used.');

/** Adds an image to a product: an uploaded one, which is validated and re-encoded, or one at an external address. */
export function productImageAdd(ctx: Context, productId: string, input: ProductImageAddInput) {
  return payload<'productImage', ProductImage, UserErrorCode>('productImage', async () => {
    const { tenantId, db } = ctx;
    const { stagedUploadId, url, altText } = readInput(imageAdded, input);
    // Refuses early, before the costly work on the bytes. The transaction below checks again.
    if (!(await db.product.findFirst({ where: { tenantId, id: productId }, select: { id: true } }))) {
      throw new UserErrors(notFound('product', ['productId']));
    }
    const source = stagedUploadId == null ? elsewhere(url ?? '') : await storeUpload(ctx, stagedUploadId);
    const row = { ...source, tenantId, id: newId('pimg'), productId, altText: altText ?? null };
    await changeImages(ctx, productId, ['productId'], (tx) => insertImage(tx, row, input));
    if (stagedUploadId != null) await ctx.media.removeUpload(tenantId, stagedUploadId);
    return db.productImage.findFirstOrThrow({ where: { tenantId, id: row.id } });
  });
}

async function insertImage(
  tx: Tx,
  row: Omit<ProductImage, 'position'>,
  { position, variantIds }: ProductImageAddInput,
): Promise<void> {
  const { tenantId, id, productId, fileId } = row;
  const existing = await imagesOf(tx, tenantId, productId);
  if (existing.length >= MAX_IMAGES) {
    throw refuse(['productId'], 'INVALID', `The product has ${MAX_IMAGES} images already, the most that it can have.`);
  }
  if (fileId) await attachFile(tx, tenantId, fileId);
  const last = (existing.at(-1)?.position ?? -1) + 1;
  const image = await tx.productImage.create({ data: { ...row, position: last } });
  // After the image's insert, since a foreign key leads from the file to the image.
  if (fileId) await tx.mediaFile.updateMany({ where: { tenantId, id: fileId }, data: { imageId: id } });
  if (position != null && position >= 0 && position < existing.length) {
    await writeImageOrder(tx, tenantId, existing.map((other) => other.id).toSpliced(position, 0, id));
  }
  if (variantIds) await showOn(tx, image, variantIds);
}

/** A conditional update: of two concurrent requests with the same upload only one gets it. */
async function attachFile(tx: Tx, tenantId: string, fileId: string): Promise<void> {
  const { count } = await tx.mediaFile.updateMany({
    where: { tenantId, id: fileId, status: 'TEMPORARY' },
    data: { status: 'ATTACHED' },
  });
  if (count === 0) throw noUpload();
}

/** Validates the uploaded bytes, and stores the image under the key that it is served from. */
async function storeUpload(ctx: Context, fileId: string): Promise<ImageSource> {
  const { tenantId, db, media } = ctx;
  const file = await db.mediaFile.findFirst({
    where: { tenantId, id: fileId, purpose: 'PRODUCT_IMAGE', status: 'TEMPORARY', expiresAt: { gt: new Date() } },
  });
  if (!file) throw noUpload();
  const upload = await media.store.open(uploadKey(tenantId, fileId));
  if (!upload) throw refuse(UPLOAD_FIELD, 'INVALID', 'Nothing has been uploaded to it yet.');
  try {
    const { bytes, ...image } = await media.checkImage(await readWhole(upload.body, MAX_IMAGE_BYTES), file.contentType);
    const { contentType } = image;
    await media.store.put(imageKey(tenantId, fileId), bytes, { contentType, byteSize: bytes.length });
    return { url: null, fileId, ...image };
  } catch (error) {
    if (error instanceof ImageRefused || error instanceof WrongSize) {
      throw refuse(UPLOAD_FIELD, 'INVALID', error.message);
    }
    throw error;
  }
}

const elsewhere = (url: string): ImageSource => ({ url, fileId: null, contentType: null, width: null, height: null });
