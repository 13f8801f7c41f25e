import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { findProduct, findVariant, listProducts, listVariants } from './product.service';
import { productCreate } from './productCreate.service';

const priceOf = ({ priceAmount, currencyCode }: ProductVariant) =>
  formatMoney({ minorUnits: priceAmount, currencyCode });

export const productResolvers: Resolvers = {
  Query: {
    product: (_root, args, ctx) => findProduct(ctx, args),
    products: (_root, args, ctx) => listProducts(ctx, args),
    productVariant: (_root, args, ctx) => findVariant(ctx, args),
  },
  Mutation: {
    productCreate: (_root, { input }, ctx) => productCreate(ctx, input),
  },
  Tenant: {
    // A store's reference leads to the caller's own store or nowhere.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
    products: (_tenant, args, ctx) => listProducts(ctx, { ...args, sortKey: 'CREATED_AT', reverse: false }),
  },
  Product: {
    __resolveReference: ({ id }, ctx) => ctx.loaders.productById.load(id),
    options: ({ id }, _args, ctx) => ctx.loaders.optionsByProductId.load(id),
    variants: ({ id }, args, ctx) => listVariants(ctx, id, args),
    priceRange: (product, _args, ctx) => priceRange(ctx, product),
    images: ({ id }, _args, ctx) => ctx.loaders.imagesByProductId.load(id),
    categories: ({ id }, _args, ctx) => ctx.loaders.categoriesByProductId.load(id),
    tenant: ({ tenantId }) => ({ id: tenantId }),
  },
  ProductVariant: {
    __resolveReference: ({ id }, ctx) => ctx.loaders.variantById.load(id),
    price: priceOf,
    optionValues: ({ optionValues }) => optionValues as { option: string; value: string }[],
    availableForSale: ({ available }) => available > 0,
    quantityAvailable: ({ available }) => available,
    quantityOnHand: ({ available, reserved }) => available + reserved,
    product: async ({ productId }, _args, ctx) => {
      const product = await ctx.loaders.productById.load(productId);
      if (!product) throw new Error('A visible variant has no visible product');
      return product;
    },
  },
};

async function priceRange(ctx: Context, { id }: Product) {
  const variants = await ctx.loaders.variantsByProductId.load(id);
  const [cheapest, dearest] = variants.reduce<ProductVariant[]>((range, variant) => {
    const [min = variant, max = variant] = range;
    return [
      variant.priceAmount < min.priceAmount ? variant : min,
      variant.priceAmount > max.priceAmount ? variant : max,
    ];
  }, []);
  if (!cheapest || !dearest) throw new Error('A product has no variant');
  return { min: priceOf(cheapest), max: priceOf(dearest) };
}
