import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { ProductImage } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';

/** In the order they are shown. */
export const imagesOf = (tx: Tx, tenantId: string, productId: string): Promise<ProductImage[]> =>
  tx.productImage.findMany({ where: { tenantId, productId }, orderBy: { position: 'asc' } });

/**
 * PostgreSQL checks a unique index row by row, so within a statement no two images may have the same position. Therefore a first
 * statement makes all positions negative.
 */
export async function writeImageOrder(tx: Tx, tenantId: string, imageIds: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE product_images SET position = -place::int FROM unnest(${imageIds}::text[]) WITH ORDINALITY AS ordered (image_id, place)
    WHERE tenant_id = ${tenantId} AND id = image_id`;
  await tx.$executeRaw`
    UPDATE product_images SET position = -position - 1
    WHERE tenant_id = ${tenantId} AND id = ANY (${imageIds}::text[]) AND position < 0`;
}

/** Shows an image on exactly these variants of its product. @throws UserErrors NOT_FOUND for a variant of another product. */
export async function showOn(tx: Tx, { tenantId, id, productId }: ProductImage, variantIds: string[]): Promise<void> {
  const wanted = [...new Set(variantIds)];
  const version = { increment: 1 };
  await tx.productVariant.updateMany({
    where: { tenantId, productId, imageId: id, id: { notIn: wanted } },
    data: { imageId: null, version },
  });
  const { count: shown } = await tx.productVariant.updateMany({
    where: { tenantId, productId, id: { in: wanted } },
    data: { imageId: id, version },
  });
  if (shown < wanted.length) {
    const message = 'One of them is no variant of this product.';
    throw refusal<UserErrorCode>(['input', 'variantIds'], 'NOT_FOUND', message);
  }
}

/**
 * Detaches the files of images that are about to be deleted: a foreign key refuses to delete an image with a file. The media sweep
 * removes the files after the commit, but those that orders show.
 */
export async function releaseFiles(
  tx: Tx,
  tenantId: string,
  image: { id: string | { in: string[] } } | { productId: string },
): Promise<void> {
  const files = await tx.mediaFile.findMany({
    where: { tenantId, image: { tenantId, ...image } },
    select: { id: true },
  });
  if (files.length === 0) return;
  await tx.$executeRaw`
    UPDATE media_files SET image_id = NULL, status = CASE
      WHEN EXISTS (SELECT FROM stock_reservation_lines l WHERE l.tenant_id = ${tenantId} AND l.image_file_id = media_files.id)
      THEN status ELSE 'REMOVED'::"MediaFileStatus" END
    WHERE tenant_id = ${tenantId} AND id = ANY (${files.map(({ id }) => id)}::text[])`;
}
