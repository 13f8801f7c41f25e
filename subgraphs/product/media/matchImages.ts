import { newId } from '../../shared/ids';
import { invalid, notFound, type UserError } from '../../shared/userErrors';
import type { ProductImage } from '../generated/prisma/client';
import type { ProductSetImageInput, UserErrorCode } from '../generated/resolvers';

/** An image that a product is to have after the change: an existing or a new one. */
export interface WantedImage {
  id: string;
  isNew: boolean;
  url: string | null;
  altText: string | null;
}

/**
 * Matches a list of images with those of the product, by id or by address. Omitted fields of an existing image stay unchanged.
 * The errors are NOT_FOUND, or INVALID for an image that is named twice.
 */
export function matchImages(
  existing: ProductImage[],
  inputs: readonly ProductSetImageInput[],
): { images: WantedImage[]; faults: UserError<UserErrorCode>[] } {
  const unmatched = new Map(existing.map((image) => [image.id, image]));
  const faults: UserError<UserErrorCode>[] = [];
  const images = inputs.map(({ id, url, altText }, index) => {
    const named = id ?? existing.find((image) => image.url === url && unmatched.has(image.id))?.id;
    const before = named === undefined ? undefined : unmatched.get(named);
    if (id != null && !before) {
      const field = ['input', 'images', String(index), 'id'];
      const isRepeated = existing.some((image) => image.id === id);
      faults.push(
        isRepeated ? invalid(field, 'another than those before it') : notFound('image of the product', field),
      );
    }
    unmatched.delete(before?.id ?? '');
    return {
      id: before?.id ?? newId('pimg'),
      isNew: before === undefined,
      url: url ?? null,
      altText: (altText === undefined ? before?.altText : altText) ?? null,
    };
  });
  return { images, faults };
}
