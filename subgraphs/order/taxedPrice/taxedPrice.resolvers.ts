import { parseMoney } from '../../shared/money';
import type { Context } from '../context';
import type { Money, Resolvers, ShippingDestinationInput, TaxClass } from '../generated/resolvers';
import { readDestination } from '../shipping/destinationInput';
import { taxedPrice } from './taxedPrice';
import { taxAtPlace } from './taxedPrice.loaders';

/** What the gateway got from the catalog, and sends with a reference. Nothing where the catalog did not answer. */
type Taxed = { taxClass?: TaxClass | undefined } | null | undefined;

/** @returns a function for prices of one class at one place; null where the tax can't be told. */
async function priceAt(ctx: Context, destination: ShippingDestinationInput | null | undefined, taxed: Taxed) {
  const place = destination ? readDestination(destination) : null;
  const tax = await taxAtPlace(ctx).load(JSON.stringify(place));
  const taxClass = taxed?.taxClass;
  return tax && taxClass ? (price: Money) => taxedPrice(parseMoney(price, 'price'), taxClass, tax) : null;
}

export const taxedPriceResolvers: Resolvers = {
  ProductVariant: {
    // Another store's variant has no price here: only the catalog knows which store it belongs to, and what it costs.
    __resolveReference: (reference) => reference,
    taxedPrice: async ({ price, product }, { destination }, ctx) =>
      price ? ((await priceAt(ctx, destination, product))?.(price) ?? null) : null,
    taxedCompareAtPrice: async ({ compareAtPrice, product }, { destination }, ctx) =>
      compareAtPrice ? ((await priceAt(ctx, destination, product))?.(compareAtPrice) ?? null) : null,
  },
  Product: {
    taxedPriceRange: async ({ priceRange, taxClass }, { destination }, ctx) => {
      if (!priceRange) return null;
      const at = await priceAt(ctx, destination, { taxClass });
      return at && { min: at(priceRange.min), max: at(priceRange.max) };
    },
  },
};
