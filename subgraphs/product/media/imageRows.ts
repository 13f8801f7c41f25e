import { UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { count, type Fault, invalid, length, notFound } from '../catalog/faults';
import type { Tx } from '../database';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductErrorCode, ProductSetImageInput } from '../generated/resolvers';

export const MAX_IMAGES = 50;
export const MAX_ALT_TEXT = 512;

/** A product's pictures, in the order they are shown. */
export const imagesOf = (tx: Tx, tenantId: string, productId: string): Promise<ProductImage[]> =>
  tx.productImage.findMany({ where: { tenantId, productId }, orderBy: { position: 'asc' } });

/** Out of the way first: two images never have the same position, not even within a statement. */
export async function writeImageOrder(tx: Tx, tenantId: string, imageIds: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE product_images SET position = -place::int FROM unnest(${imageIds}::text[]) WITH ORDINALITY AS ordered (image_id, place)
    WHERE tenant_id = ${tenantId} AND id = image_id`;
  await tx.$executeRaw`
    UPDATE product_images SET position = -position - 1
    WHERE tenant_id = ${tenantId} AND id = ANY (${imageIds}::text[]) AND position < 0`;
}

/** These variants of its product show it, and no others. @throws UserErrors NOT_FOUND for one of another product. */
export async function showOn(tx: Tx, { tenantId, id, productId }: ProductImage, variantIds: string[]): Promise<void> {
  const wanted = [...new Set(variantIds)];
  const change = { version: { increment: 1 } };
  await tx.productVariant.updateMany({
    where: { tenantId, productId, imageId: id, id: { notIn: wanted } },
    data: { imageId: null, ...change },
  });
  const { count: shown } = await tx.productVariant.updateMany({
    where: { tenantId, productId, id: { in: wanted } },
    data: { imageId: id, ...change },
  });
  if (shown < wanted.length) {
    throw new UserErrors<ProductErrorCode>({
      field: ['input', 'variantIds'],
      code: 'NOT_FOUND',
      message: 'One of them is no variant of this product.',
    });
  }
}

/**
 * Lets the files of some images go, right before the images do; the database lets no image go otherwise. The sweep removes them
 * when the transaction has come true.
 */
export async function releaseFiles(
  tx: Tx,
  tenantId: string,
  image: { id: string | { in: string[] } } | { productId: string },
): Promise<void> {
  await tx.mediaFile.updateMany({
    where: { tenantId, image: { tenantId, ...image } },
    data: { status: 'REMOVED', imageId: null },
  });
}

/** What is wrong with a list of pictures, before it is known which ones the product has. */
export function setImagesFaults(images: readonly ProductSetImageInput[]): Fault[] {
  const tooMany = count(['input', 'images'], images, 0, MAX_IMAGES);
  if (tooMany.length > 0) return tooMany;
  return images.flatMap(({ id, url, altText }, index) => {
    const field = ['input', 'images', String(index)];
    return [
      ...((id == null) === (url == null) ? [invalid(field, 'either id or url')] : []),
      ...(url == null || isHttpsUrl(url) ? [] : [invalid([...field, 'url'], 'an https address')]),
      ...length([...field, 'altText'], altText ?? '', 0, MAX_ALT_TEXT),
    ];
  });
}

/** A picture that a product is to have: one of those that it has, or another. */
export interface WantedImage {
  id: string;
  isNew: boolean;
  url: string | null;
  altText: string | null;
}

/**
 * Which pictures a list means, in its order: one of those that the product has is named by its id or its address, and what is
 * left out of it stays. The faults are NOT_FOUND, or INVALID for the same one twice.
 */
export function matchImages(
  existing: ProductImage[],
  inputs: readonly ProductSetImageInput[],
): { images: WantedImage[]; faults: Fault[] } {
  const left = new Map(existing.map((image) => [image.id, image]));
  const faults: Fault[] = [];
  const images = inputs.map(({ id, url, altText }, index) => {
    const named = id ?? existing.find((image) => image.url === url && left.has(image.id))?.id;
    const before = named === undefined ? undefined : left.get(named);
    if (id != null && !before) {
      const field = ['input', 'images', String(index), 'id'];
      const again = existing.some((image) => image.id === id);
      faults.push(again ? invalid(field, 'another than those before it') : notFound(field, 'image of the product'));
    }
    left.delete(before?.id ?? '');
    return {
      id: before?.id ?? newId('pimg'),
      isNew: before === undefined,
      url: url ?? null,
      altText: (altText === undefined ? before?.altText : altText) ?? null,
    };
  });
  return { images, faults };
}

export const isHttpsUrl = (text: string) =>
  text.length <= 2048 && URL.canParse(text) && new URL(text).protocol === 'https:';
