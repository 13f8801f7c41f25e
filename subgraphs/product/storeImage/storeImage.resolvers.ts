import type { Resolvers } from '../generated/resolvers';
import { imageUrl, transformedSize } from '../media/imageUrl';
import { storeImageById } from './storeImage.loaders';
import { listStoreImages, storeImageCreate, storeImageDelete } from './storeImage.service';

export const storeImageResolvers: Resolvers = {
  Query: { storeImages: (_root, args, ctx) => listStoreImages(ctx, args) },
  Mutation: {
    storeImageCreate: (_root, { input }, ctx) => storeImageCreate(ctx, input),
    storeImageDelete: (_root, { id }, ctx) => storeImageDelete(ctx, id),
  },
  Category: {
    image: ({ imageId }, _args, ctx) => (imageId ? storeImageById(ctx).load(imageId) : null),
  },
  StoreImage: {
    url: (image, { transform }, ctx) => imageUrl(ctx, { ...image, url: null }, transform),
    width: (image, { transform }) => transformedSize(image, transform)?.width ?? null,
    height: (image, { transform }) => transformedSize(image, transform)?.height ?? null,
  },
};
