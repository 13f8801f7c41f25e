import type { LiveVariant } from '../catalog/catalogClient';
import type { Context } from '../context';
import { emailKey } from '../discount/redemption';
import type { Cart, CartLine } from '../generated/prisma/client';
import type { CartWarningCode } from '../generated/resolvers';
import { isApplicable } from '../pricing/discount';
import { type PricedLine, type Pricing, priceOrder } from '../pricing/pricing';
import { type CodeInUse, storeTerms } from '../pricing/pricingRules';
import { variantsOrNull } from './cartLines';

export interface PricedCartLine {
  line: CartLine;
  /** As it can be bought now; null when it can't, or the catalog does not answer. */
  live: LiveVariant | null;
  /** Its part of the cart's cost; null when it has none. */
  priced: PricedLine | null;
}

export interface CartWarning {
  code: CartWarningCode;
  /** Null when it is about the whole cart. */
  lineId: string | null;
  message: string;
}

/** A cart with what can be said of it now. */
export interface PricedCart {
  lines: PricedCartLine[];
  /** Null when nothing of it has a price, when the prices are in several currencies, or the catalog does not answer. */
  cost: { pricing: Pricing; currencyCode: string; hasAddress: boolean } | null;
  /** Whether its code takes something off; null when there is none, or it can't be told. */
  codeApplies: boolean | null;
  warnings: CartWarning[];
}

/** Asks the catalog once, whatever is in the cart, and the database once for the store's terms. */
export async function priceCart(ctx: Context, cart: Cart): Promise<PricedCart> {
  const lines = await ctx.db.cartLine.findMany({
    where: { tenantId: cart.tenantId, cartId: cart.id },
    orderBy: { id: 'asc' },
  });
  const variants = await variantsOrNull(
    ctx,
    lines.map(({ variantId }) => variantId),
  );
  if (!variants) {
    const warning = {
      code: 'CATALOG_UNAVAILABLE' as const,
      lineId: null,
      message: 'Prices and stock are not known at the moment.',
    };
    return { lines: lines.map(unpriced), cost: null, codeApplies: null, warnings: [warning] };
  }
  const live = lines.map((line) => ({ line, live: variants.get(line.variantId) ?? null, priced: null }));
  const warnings = (await Promise.all(live.map((one) => warningsOf(ctx, one)))).flat();
  const buyable = live.filter((one): one is typeof one & { live: LiveVariant } => one.live !== null);
  const [currencyCode, ...others] = new Set(buyable.map((one) => one.live.price.currencyCode));
  if (currencyCode === undefined) return { lines: live, cost: null, codeApplies: null, warnings };
  if (others.length > 0) {
    const message = 'What is in it is priced in several currencies: it can’t be ordered at once.';
    warnings.push({ code: 'CURRENCY_MISMATCH', lineId: null, message });
    return { lines: live, cost: null, codeApplies: null, warnings };
  }

  const destination = cart.shippingAddress;
  const terms = await storeTerms(ctx.db, cart.tenantId, destination, codeOf(ctx, cart));
  const toPrice = buyable.map((one) => ({ unitPrice: one.live.price.minorUnits, quantity: one.line.quantity }));
  const pricing = priceOrder(toPrice, currencyCode, terms);
  if (terms.shippingRates && !pricing.shippingRate) {
    warnings.push({ code: 'SHIPPING_UNAVAILABLE', lineId: null, message: 'The store does not send there.' });
  }
  const byLine = new Map(buyable.map(({ line }, index) => [line.id, pricing.lines[index] ?? null]));
  const { codeDiscount } = terms;
  return {
    lines: live.map((one) => ({ ...one, priced: byLine.get(one.line.id) ?? null })),
    cost: { pricing, currencyCode, hasAddress: destination !== null },
    codeApplies:
      cart.discountCode === null
        ? null
        : codeDiscount !== null && isApplicable(codeDiscount, pricing.subtotal, currencyCode),
    warnings,
  };
}

const unpriced = (line: CartLine): PricedCartLine => ({ line, live: null, priced: null });

function codeOf({ caller }: Context, { discountCode, email }: Cart): CodeInUse {
  if (discountCode === null) return null;
  return { code: discountCode, email: email === null ? null : emailKey(email), customerId: caller.userId };
}

async function warningsOf(ctx: Context, { line, live }: PricedCartLine): Promise<CartWarning[]> {
  const warn = (code: CartWarningCode, message: string) => ({ code, lineId: line.id, message });
  if (!live) return [warn('UNAVAILABLE', 'It is not sold any more.')];
  const warnings: CartWarning[] = [];
  const isAsSeen = line.seenPriceAmount === live.price.minorUnits && line.seenCurrencyCode === live.price.currencyCode;
  if (!isAsSeen) warnings.push(warn('PRICE_CHANGED', 'It costs something else than when it was put in: confirm it.'));
  if (!live.availableForSale) warnings.push(warn('OUT_OF_STOCK', 'It is sold out.'));
  else if (live.most !== null && live.most < line.quantity) {
    const { showExactStock } = await ctx.storeSettings;
    warnings.push(warn('INSUFFICIENT_STOCK', showExactStock ? `Fewer are left: ${live.most}.` : 'Fewer are left.'));
  }
  return warnings;
}
