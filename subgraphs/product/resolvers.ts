import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { planLimitResolvers } from './catalog/planLimit';
import { productResolvers } from './catalog/product.resolvers';
import { categoryResolvers } from './category/category.resolvers';
import type { Resolvers } from './generated/resolvers';
import { inventoryResolvers } from './inventory/inventory.resolvers';
import { stockResolvers } from './inventory/stock.resolvers';
import { listingResolvers } from './listing/listing.resolvers';
import { mediaResolvers } from './media/media.resolvers';

export const resolvers: Resolvers = {
  ...productResolvers,
  ...categoryResolvers,
  ...inventoryResolvers,
  ...planLimitResolvers,
  Tenant: { ...productResolvers.Tenant, ...listingResolvers.Tenant },
  ...mediaResolvers,
  ProductVariant: { ...productResolvers.ProductVariant, ...inventoryResolvers.ProductVariant },
  Query: {
    ...productResolvers.Query,
    ...categoryResolvers.Query,
    ...inventoryResolvers.Query,
    ...listingResolvers.Query,
  },
  Mutation: {
    ...productResolvers.Mutation,
    ...categoryResolvers.Mutation,
    ...inventoryResolvers.Mutation,
    ...stockResolvers.Mutation,
    ...mediaResolvers.Mutation,
  },
  CurrencyCode,
  DateTime,
  Decimal,
};
