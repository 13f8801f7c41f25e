import type { Tx } from '../database';
import { columnNames, givenRows, givenValues, type SqlType, selected } from '../fields/columns';
import type { ProductImage } from '../generated/prisma/client';
import { releaseFiles } from '../media/imageRows';
import type { WantedImage } from '../media/matchImages';

/** How a product's images change. */
export interface ImagesDifference {
  /** All images after the change. */
  wanted: WantedImage[];
  gone: string[];
}

const COLUMNS: Record<keyof ProductImage, SqlType> = {
  tenantId: 'text',
  id: 'text',
  productId: 'text',
  position: 'int',
  url: 'text',
  fileId: 'text',
  contentType: 'text',
  width: 'int',
  height: 'int',
  altText: 'text',
};

/** The columns of a new image at an external address. */
const NEW_COLUMNS = { id: 'text', productId: 'text', position: 'int', url: 'text', altText: 'text' } as const;

type NewImage = Pick<ProductImage, keyof typeof NEW_COLUMNS>;

export const readImages = (tx: Tx, tenantId: string, productIds: string[]) => tx.$queryRaw<ProductImage[]>`
  SELECT ${selected('i', COLUMNS)} FROM product_images i
  WHERE i.tenant_id = ${tenantId} AND i.product_id = ANY (${productIds}::text[]) ORDER BY i.position`;

export async function insertImages(tx: Tx, tenantId: string, images: NewImage[]): Promise<void> {
  if (images.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_images (tenant_id, ${columnNames(NEW_COLUMNS)})
    SELECT ${tenantId}, ${givenValues(NEW_COLUMNS)} FROM ${givenRows(NEW_COLUMNS, images)}`;
}

/** A unique index forbids equal positions even within a statement, so the positions of remaining images become negative first. */
export async function addImages(
  tx: Tx,
  tenantId: string,
  changed: (ImagesDifference & { productId: string })[],
): Promise<void> {
  if (changed.length === 0) return;
  await tx.$executeRaw`
    UPDATE product_images SET position = -1 - position
    WHERE tenant_id = ${tenantId} AND product_id = ANY (${changed.map(({ productId }) => productId)}::text[])`;
  const added = changed.flatMap(({ productId, wanted }) =>
    wanted.flatMap(({ isNew, id, url, altText }, position) =>
      isNew ? [{ id, productId, position, url, altText }] : [],
    ),
  );
  await insertImages(tx, tenantId, added);
}

/** Deletes images and sets the positions of the others. Call it after {@link addImages}, when no variant shows a deleted image any more. */
export async function placeImages(tx: Tx, tenantId: string, changed: ImagesDifference[]): Promise<void> {
  const gone = changed.flatMap((images) => images.gone);
  const kept = changed.flatMap(({ wanted }) =>
    wanted.flatMap(({ isNew, id, altText }, position) => (isNew ? [] : [{ id, position, altText }])),
  );
  if (gone.length > 0) {
    await releaseFiles(tx, tenantId, { id: { in: gone } });
    await tx.$executeRaw`DELETE FROM product_images WHERE tenant_id = ${tenantId} AND id = ANY (${gone}::text[])`;
  }
  if (kept.length === 0) return;
  await tx.$executeRaw`
    UPDATE product_images i SET position = given.position, alt_text = given."altText"
    FROM ${givenRows({ id: 'text', position: 'int', altText: 'text' }, kept)}
    WHERE i.tenant_id = ${tenantId} AND i.id = given.id`;
}
