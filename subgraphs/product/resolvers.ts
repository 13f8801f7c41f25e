import { mergeResolvers } from '../shared/mergeFeatures';
import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { bulkResolvers } from './bulk/bulk.resolvers';
import { catalogResolvers } from './catalog/catalog.resolvers';
import { planLimitResolvers } from './catalog/planLimit';
import { categoryResolvers } from './category/category.resolvers';
import type { Resolvers } from './generated/resolvers';
import { inventoryResolvers } from './inventory/inventory.resolvers';
import { stockResolvers } from './inventory/stock.resolvers';
import { listingResolvers } from './listing/listing.resolvers';
import { mediaResolvers } from './media/media.resolvers';
import { metafieldResolvers } from './metafield/metafield.resolvers';
import { optionResolvers } from './option/option.resolvers';
import { productsResolvers } from './products/products.resolvers';
import { storeImageResolvers } from './storeImage/storeImage.resolvers';
import { swatchResolvers } from './swatch/swatch.resolvers';
import { variantResolvers } from './variant/variant.resolvers';

export const resolvers = mergeResolvers<Resolvers>([
  { CurrencyCode, DateTime, Decimal },
  catalogResolvers,
  planLimitResolvers,
  productsResolvers,
  variantResolvers,
  optionResolvers,
  metafieldResolvers,
  categoryResolvers,
  mediaResolvers,
  storeImageResolvers,
  swatchResolvers,
  inventoryResolvers,
  stockResolvers,
  listingResolvers,
  bulkResolvers,
]);
