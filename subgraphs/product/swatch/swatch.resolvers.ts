import type { Resolvers } from '../generated/resolvers';
import { storeImageById } from '../storeImage/storeImage.loaders';
import { swatchByKey } from './swatch.loaders';
import { listSwatches, optionSwatchesSet } from './swatch.service';
import { swatchKey } from './swatchKey';

export const swatchResolvers: Resolvers = {
  Query: { optionSwatches: async (_root, _args, ctx) => listSwatches(ctx) },
  Mutation: { optionSwatchesSet: (_root, { swatches }, ctx) => optionSwatchesSet(ctx, swatches) },
  ProductOptionValue: { swatch: (value, _args, ctx) => swatchByKey(ctx).load(swatchKey(value)) },
  OptionSwatch: { swatch: (swatch) => swatch },
  Swatch: { image: ({ imageId }, _args, ctx) => (imageId ? storeImageById(ctx).load(imageId) : null) },
};
