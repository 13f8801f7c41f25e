import { readInput } from '../../shared/inputReader';
import { invalid, notFound, payload, throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductImageUpdateInput, UserErrorCode } from '../generated/resolvers';
import { changeImage, changeImages } from './changeImages';
import { imagesByProductId } from './image.loaders';
import { imageUpdated } from './imageInput';
import { imagesOf, releaseFiles, showOn, writeImageOrder } from './imageRows';

/** Changes the given fields. `variantIds` replaces the list of variants that show the image. */
export function productImageUpdate(ctx: Context, id: string, input: ProductImageUpdateInput) {
  return payload<'productImage', ProductImage, UserErrorCode>('productImage', async () => {
    const { tenantId } = ctx;
    const { altText } = readInput(imageUpdated, input);
    await changeImage(ctx, id, async (tx, image) => {
      if (input.variantIds) await showOn(tx, image, input.variantIds);
      if (altText !== undefined) await tx.productImage.updateMany({ where: { tenantId, id }, data: { altText } });
    });
    return ctx.db.productImage.findFirstOrThrow({ where: { tenantId, id } });
  });
}

/** Removes an image from its product and from the variants that show it. The media sweep removes its file later. */
export function productImageRemove(ctx: Context, id: string) {
  return payload<'deletedProductImageId', string, UserErrorCode>('deletedProductImageId', async () => {
    const { tenantId } = ctx;
    await changeImage(ctx, id, async (tx, image) => {
      await showOn(tx, image, []);
      await releaseFiles(tx, tenantId, { id });
      await tx.productImage.deleteMany({ where: { tenantId, id } });
    });
    return id;
  });
}

/** Sorts a product's images in the given order, which has to name each of them once. */
export function productImageReorder(ctx: Context, productId: string, imageIds: string[]) {
  return payload<'productImages', ProductImage[], UserErrorCode>('productImages', async () => {
    const { tenantId } = ctx;
    await changeImages(ctx, productId, ['productId'], async (tx) => {
      const existing = await imagesOf(tx, tenantId, productId);
      throwIfAny(orderFaults(existing, imageIds));
      await writeImageOrder(tx, tenantId, imageIds);
    });
    return imagesByProductId(ctx).load(productId);
  });
}

function orderFaults(existing: ProductImage[], imageIds: string[]) {
  const known = new Set(existing.map(({ id }) => id));
  const missing = imageIds.findIndex((id) => !known.has(id));
  if (missing >= 0) return [notFound('image of the product', ['imageIds', String(missing)])];
  const isComplete = imageIds.length === known.size && new Set(imageIds).size === known.size;
  return isComplete ? [] : [invalid(['imageIds'], 'each of the product’s images once')];
}
