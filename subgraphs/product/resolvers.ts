import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { bulkResolvers } from './bulk/bulk.resolvers';
import { planLimitResolvers } from './catalog/planLimit';
import { productResolvers } from './catalog/product.resolvers';
import { categoryResolvers } from './category/category.resolvers';
import type { Resolvers } from './generated/resolvers';
import { inventoryResolvers } from './inventory/inventory.resolvers';
import { stockResolvers } from './inventory/stock.resolvers';
import { listingResolvers } from './listing/listing.resolvers';
import { mediaResolvers } from './media/media.resolvers';
import { optionResolvers } from './option/option.resolvers';
import { variantResolvers } from './variant/variant.resolvers';

export const resolvers: Resolvers = {
  ...productResolvers,
  ...categoryResolvers,
  ...inventoryResolvers,
  ...planLimitResolvers,
  Tenant: { ...productResolvers.Tenant, ...listingResolvers.Tenant },
  ...mediaResolvers,
  ...bulkResolvers,
  ProductVariant: { ...variantResolvers.ProductVariant, ...inventoryResolvers.ProductVariant },
  Query: {
    ...productResolvers.Query,
    ...variantResolvers.Query,
    ...categoryResolvers.Query,
    ...inventoryResolvers.Query,
    ...listingResolvers.Query,
    ...bulkResolvers.Query,
  },
  Mutation: {
    ...productResolvers.Mutation,
    ...variantResolvers.Mutation,
    ...optionResolvers.Mutation,
    ...categoryResolvers.Mutation,
    ...inventoryResolvers.Mutation,
    ...stockResolvers.Mutation,
    ...mediaResolvers.Mutation,
    ...bulkResolvers.Mutation,
  },
  CurrencyCode,
  DateTime,
  Decimal,
};
