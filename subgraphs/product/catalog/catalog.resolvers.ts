import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { productById } from './product.loaders';
import { findProduct } from './product.service';

export const catalogResolvers: Resolvers = {
  Query: {
    product: (_root, args, ctx) => findProduct(ctx, args),
  },
  Tenant: {
    // A reference to another store resolves to null.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
  },
  Product: {
    __resolveReference: ({ id }, ctx) => productById(ctx).load(id),
    priceRange: ({ minPriceAmount, maxPriceAmount, currencyCode }) => ({
      min: formatMoney({ minorUnits: minPriceAmount, currencyCode }),
      max: formatMoney({ minorUnits: maxPriceAmount, currencyCode }),
    }),
    seo: ({ seoTitle, seoDescription }) => ({ title: seoTitle, description: seoDescription }),
    tenant: ({ tenantId }) => ({ id: tenantId }),
  },
};
