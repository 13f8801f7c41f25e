import { badUserInput } from '../../shared/errors';
import type { Context } from '../context';
import { formatOf, type ImageFormat } from '../files/imageBytes';
import { type Size, sizeWithin } from '../files/imageSizes';
import { imageName } from '../files/servedImages';
import type { ProductImage } from '../generated/prisma/client';
import type { ImageTransformInput } from '../generated/resolvers';

type Transform = ImageTransformInput | null | undefined;
type Servable = Pick<ProductImage, 'tenantId' | 'fileId' | 'url' | 'width' | 'height' | 'contentType'>;

/** The address of an image in the requested size and format. @throws GraphQLError BAD_USER_INPUT */
export function imageUrl(ctx: Context, image: Servable, transform: Transform): string {
  const size = transformedSize(image, transform);
  const { tenantId, fileId, url, width, contentType } = image;
  if (url !== null) return url;
  if (!fileId || !size || !contentType) throw new Error('An image has neither a file nor an address');
  const storedAs = formatOf(contentType);
  const wanted = (transform?.format?.toLowerCase() ?? storedAs) as ImageFormat;
  const name = imageName(size.width === width ? null : size.width, wanted, storedAs);
  return ctx.media.urls.image({ tenantId, fileId, name });
}

/** Null for an image that is kept elsewhere. @throws GraphQLError BAD_USER_INPUT */
export function transformedSize(
  { width, height }: Pick<Servable, 'width' | 'height'>,
  transform: Transform,
): Size | null {
  const { maxWidth, maxHeight } = transform ?? {};
  for (const [name, max] of Object.entries({ maxWidth, maxHeight })) {
    if (max != null && (max < 1 || max > 10_000)) throw badUserInput(`transform.${name}`, '1 to 10,000 pixels');
  }
  return width && height ? sizeWithin({ width, height }, { maxWidth, maxHeight }) : null;
}
