import type { Resolvers } from '../generated/resolvers';
import { imageById, imagesByProductId } from './image.loaders';
import { imageUrl, transformedSize } from './imageUrl';
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
