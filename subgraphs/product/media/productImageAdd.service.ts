import { newId } from '../../shared/ids';
import { readInput } from '../../shared/inputReader';
import { MAX_IMAGES } from '../../shared/limits';
import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductImageAddInput, UserErrorCode } from '../generated/resolvers';
import { changeImages } from './changeImages';
import { imageAdded } from './imageInput';
import { imagesOf, showOn, writeImageOrder } from './imageRows';
import { attachFile, storeUpload } from './storeUpload';

/** Where an image's bytes are: in our file store, or at an external address. */
type ImageSource = Pick<ProductImage, 'url' | 'fileId' | 'contentType' | 'width' | 'height'>;

const refuse = refusal<UserErrorCode>;

/** Adds an image to a product: an uploaded one, which is validated and re-encoded, or one at an external address. */
export function productImageAdd(ctx: Context, productId: string, input: ProductImageAddInput) {
  return payload<'productImage', ProductImage, UserErrorCode>('productImage', async () => {
    const { tenantId, db } = ctx;
    const { stagedUploadId, url, altText } = readInput(imageAdded, input);
    // Refuses early, before the costly work on the bytes. The transaction below checks again.
    if (!(await db.product.findFirst({ where: { tenantId, id: productId }, select: { id: true } }))) {
      throw new UserErrors(notFound('product', ['productId']));
    }
    const source =
      stagedUploadId == null
        ? elsewhere(url ?? '')
        : { url: null, ...(await storeUpload(ctx, 'PRODUCT_IMAGE', stagedUploadId)) };
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

const elsewhere = (url: string): ImageSource => ({ url, fileId: null, contentType: null, width: null, height: null });
