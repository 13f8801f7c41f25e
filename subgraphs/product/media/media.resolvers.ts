import { badUserInput } from '../../shared/errors';
import type { Context } from '../context';
import { formatOf, type ImageFormat } from '../files/imageBytes';
import { type Size, sizeWithin } from '../files/imageSizes';
import { imageName } from '../files/servedImages';
import type { ProductImage } from '../generated/prisma/client';
import type { ImageTransformInput, Resolvers } from '../generated/resolvers';
import { imageById, imagesByProductId } from './image.loaders';
import { productImageRemove, productImageReorder, productImageUpdate } from './productImage.service';
import { productImageAdd } from './productImageAdd.service';
import { stagedUploadsCreate } from './stagedUploads.service';

export const mediaResolvers: Resolvers = {
  Mutation: {
    stagedUploadsCreate: (_root, { input }, ctx) => stagedUploadsCreate(ctx, input),
    productImageAdd: (_root, { productId, input }, ctx) => productImageAdd(ctx, productId, input),
    productImageUpdate: (_root, { id, input }, ctx) => productImageUpdate(ctx, id, input),
    productImageRemove: (_root, { id }, ctx) => productImageRemove(ctx, id),
    productImageReorder: (_root, { productId, imageIds }, ctx) => productImageReorder(ctx, productId, imageIds),
  },
  Product: {
    featuredImage: async ({ id }, _args, ctx) => (await imagesByProductId(ctx).load(id))[0] ?? null,
    images: ({ id }, _args, ctx) => imagesByProductId(ctx).load(id),
  },
  ProductVariant: {
    image: ({ imageId }, _args, ctx) => (imageId ? imageById(ctx).load(imageId) : null),
  },
  ProductImage: {
    url: (image, { transform }, ctx) => imageUrl(ctx, image, transform),
    width: (image, { transform }) => transformedSize(image, transform)?.width ?? null,
    height: (image, { transform }) => transformedSize(image, transform)?.height ?? null,
  },
};

type Transform = ImageTransformInput | null | undefined;

function imageUrl(ctx: Context, image: ProductImage, transform: Transform): string {
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
function transformedSize({ width, height }: ProductImage, transform: Transform): Size | null {
  const { maxWidth, maxHeight } = transform ?? {};
  for (const [name, max] of Object.entries({ maxWidth, maxHeight })) {
    if (max != null && (max < 1 || max > 10_000)) throw badUserInput(`transform.${name}`, '1 to 10,000 pixels');
  }
  return width && height ? sizeWithin({ width, height }, { maxWidth, maxHeight }) : null;
}
