import { notFound, UserErrors } from '../../shared/userErrors';
import { changeProduct } from '../catalog/changeProduct';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductImage } from '../generated/prisma/client';

/** Changes a product's images under the product's lock. The product gets a new version and an event. */
export function changeImages(ctx: Context, productId: string, idField: string[], work: (tx: Tx) => Promise<void>) {
  return changeProduct(ctx, { id: productId, idField, expectedVersion: null, versionField: [] }, work);
}

/** As {@link changeImages}, for the product of a given image. @throws UserErrors NOT_FOUND */
export async function changeImage(
  ctx: Context,
  id: string,
  work: (tx: Tx, image: ProductImage) => Promise<void>,
): Promise<void> {
  const { tenantId } = ctx;
  const requireImage = async (db: Context['db'] | Tx) => {
    const image = await db.productImage.findFirst({ where: { tenantId, id } });
    if (!image) throw new UserErrors(notFound('image'));
    return image;
  };
  const { productId } = await requireImage(ctx.db);
  await changeImages(ctx, productId, ['id'], async (tx) => {
    // Read again under the product's lock: a concurrent request may have removed it.
    await work(tx, await requireImage(tx));
  });
}
