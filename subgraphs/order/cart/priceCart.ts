import type { LiveVariant } from '../catalog/catalogClient';
import { type CreditPlan, planCredit } from '../credit/planCredit';
import { mailboxKey } from '../discount/mailbox';
import type { Cart, CartLine } from '../generated/prisma/client';
import { accountOf } from '../input/accountOf';
import { buyerKey } from '../input/buyerKey';
import { movedTo, placesOf } from '../pricing/places';
import { type PricedLine, type Pricing, type PricingRules, priceOrder } from '../pricing/pricing';
import { loadPricingRules } from '../pricing/pricingRules';
import type { CodesInUse } from '../pricing/storedDiscounts';
import type { Destination } from '../pricing/taxPlace';
import type { CartContext } from './cartContext';
import { creditOfCart } from './cartCredit';
import { type CodeOfCart, codesOfCart } from './cartDiscounts';
import { variantsOrNull } from './cartLines';
import { type CartWarning, cartWarning, lineWarnings } from './cartWarnings';

export interface PricedCartLine {
  line: CartLine;
  /** The variant as it can be bought now; null when it is not on sale, or the catalog does not answer. */
  live: LiveVariant | null;
  /** Its part of the cart's cost; null when it has none. */
  priced: PricedLine | null;
}

interface CostOfCart extends CreditPlan {
  pricing: Pricing;
  currencyCode: string;
  hasPlace: boolean;
  knowsTax: boolean;
}

/** A cart with its current prices, as far as they are known. */
export interface PricedCart {
  lines: PricedCartLine[];
  /** Null when no line has a price, when the prices are in several currencies, or the catalog does not answer. */
  cost: CostOfCart | null;
  /** What became of its discount codes; null when this is not known. */
  codes: CodeOfCart[] | null;
  warnings: CartWarning[];
}

type LiveLine = PricedCartLine & { live: LiveVariant };

/** Makes one call of the catalog for all lines, and one query for the store's pricing rules. */
export async function priceCart(ctx: CartContext, cart: Cart): Promise<PricedCart> {
  const cartLines = await ctx.db.cartLine.findMany({
    where: { tenantId: cart.tenantId, cartId: cart.id },
    orderBy: { id: 'asc' },
  });
  const variants = await variantsOrNull(
    ctx,
    cartLines.map(({ variantId }) => variantId),
  );
  const lines: PricedCartLine[] = cartLines.map((line) => ({
    line,
    live: variants?.get(line.variantId) ?? null,
    priced: null,
  }));
  if (!variants) return withoutCost(lines, [cartWarning('CATALOG_UNAVAILABLE')]);

  const warnings = (await Promise.all(lines.map((line) => lineWarnings(ctx, line)))).flat();
  const live = lines.filter(isLive);
  const [currencyCode, ...others] = new Set(live.map((line) => line.live.price.currencyCode));
  if (currencyCode === undefined) return withoutCost(lines, warnings);
  if (others.length > 0) return withoutCost(lines, [...warnings, cartWarning('CURRENCY_MISMATCH')]);

  const { rules, pricing } = await priceFor(ctx, cart, live);
  if (pricing.shippingFault) warnings.push(cartWarning(pricing.shippingFault));
  if (rules.provinceFault) warnings.push(cartWarning('PROVINCE_REQUIRED'));
  // What is fetched, or not sent, is priced without an address.
  const hasPlace = cart.shippingAddress !== null || !pricing.needsAddress;
  const credit = await planCredit(ctx.db, cart.tenantId, creditOfCart(ctx, cart), pricing.total, currencyCode);
  const pricedById = new Map(live.map(({ line }, index) => [line.id, pricing.lines[index] ?? null]));
  return {
    lines: lines.map((line) => ({ ...line, priced: pricedById.get(line.line.id) ?? null })),
    cost: { pricing, currencyCode, hasPlace, knowsTax: hasPlace && !rules.provinceFault, ...credit },
    codes: codesOfCart(cart.discountCodes, rules, pricing, currencyCode),
    warnings,
  };
}

/**
 * Prices those of a cart's lines that can be bought, which are in one currency. @param elsewhere instead of the cart's shipping address.
 */
export async function priceFor(
  ctx: CartContext,
  cart: Cart,
  lines: PricedCartLine[],
  elsewhere: Destination | null = null,
): Promise<{ rules: PricingRules; pricing: Pricing }> {
  const live = lines.filter(isLive);
  const toPrice = live.map(lineToPrice);
  const places = placesOf(cart, toPrice);
  const shipping = { ...(elsewhere ? movedTo(elsewhere, places) : places), optionId: cart.shippingOptionId };
  const rules = await loadPricingRules(ctx.db, cart.tenantId, shipping, codesInUse(ctx, cart), buyerOf(ctx, cart));
  const currencyCode = live[0]?.live.price.currencyCode ?? '';
  return { rules, pricing: priceOrder(toPrice, currencyCode, rules) };
}

const isLive = (line: PricedCartLine): line is LiveLine => line.live !== null;

const withoutCost = (lines: PricedCartLine[], warnings: CartWarning[]): PricedCart => ({
  lines,
  cost: null,
  codes: null,
  warnings,
});

/** The price and quantity of a line that can be bought. */
export const lineToPrice = ({ live, line }: Pick<LiveLine, 'live' | 'line'>) => ({
  unitPrice: live.price.minorUnits,
  quantity: line.quantity,
  taxClass: live.taxClass,
  grams: live.weightGrams,
  requiresShipping: live.requiresShipping,
  productId: live.productId,
  variantId: live.id,
  categoryIds: live.categoryIds,
  tags: live.tags,
});

function buyerOf({ caller }: CartContext, { email }: Cart): string | null {
  const account = accountOf(caller);
  return account === null && email === null ? null : buyerKey(account, email ?? '');
}

function codesInUse({ caller }: CartContext, { discountCodes: codes, email }: Cart): CodesInUse | null {
  if (codes.length === 0) return null;
  return { codes, email: email === null ? null : mailboxKey(email), customerId: accountOf(caller) };
}
