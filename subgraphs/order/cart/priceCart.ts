import type { LiveVariant } from '../catalog/catalogClient';
import { askHooks } from '../checkoutHook/askHooks';
import type { Basket } from '../checkoutHook/basket';
import { type CreditPlan, planCredit } from '../credit/planCredit';
import { mailboxKey } from '../discount/mailbox';
import type { Cart, CartLine } from '../generated/prisma/client';
import { accountOf } from '../input/accountOf';
import { buyerKey } from '../input/buyerKey';
import { movedTo, placesOf } from '../pricing/places';
import { type PricedLine, type Pricing, type PricingRules, priceOrder } from '../pricing/pricing';
import { type LoadedRules, loadPricingRules } from '../pricing/pricingRules';
import type { ShippingOption } from '../pricing/shipping';
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

/** A cart as it is priced without its store's hooks. */
export interface CartBeforeHooks extends PricedCart {
  /** Null without a cost. */
  rules: LoadedRules | null;
  /** Those of lines. */
  lineWarnings: CartWarning[];
}

type LiveLine = PricedCartLine & { live: LiveVariant };

/**
 * Makes one call of the catalog for all lines, and one query for the store's pricing rules. It does not ask the store's hooks, which take
 * their time: what depends on them is in {@link withHooks}.
 */
export async function priceCart(ctx: CartContext, cart: Cart): Promise<CartBeforeHooks> {
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

  const ofLines = (await Promise.all(lines.map((line) => lineWarnings(ctx, line)))).flat();
  const live = lines.filter(isLive);
  const [currencyCode, ...others] = new Set(live.map((line) => line.live.price.currencyCode));
  if (currencyCode === undefined) return withoutCost(lines, ofLines);
  if (others.length > 0) return withoutCost(lines, [...ofLines, cartWarning('CURRENCY_MISMATCH')]);

  const rules = await rulesFor(ctx, cart, live);
  return { ...(await costBy(ctx, cart, { lines, lineWarnings: ofLines }, rules)), rules, lineWarnings: ofLines };
}

/** The cart with what its store's hooks answer; the same where the store has none. @throws GraphQLError THROTTLED */
export async function withHooks(ctx: CartContext, cart: Cart, before: CartBeforeHooks): Promise<PricedCart> {
  const { rules: loaded, lines } = before;
  if (!loaded || loaded.hooks.length === 0) return before;
  const { rules } = await askHooks(ctx, loaded, basketOf(lines.filter(isLive)));
  return costBy(ctx, cart, before, rules);
}

async function costBy(
  ctx: CartContext,
  cart: Cart,
  { lines, lineWarnings: ofLines }: Pick<CartBeforeHooks, 'lines' | 'lineWarnings'>,
  rules: PricingRules,
): Promise<PricedCart> {
  const live = lines.filter(isLive);
  const { lines: toPrice, currencyCode } = basketOf(live);
  const pricing = priceOrder(toPrice, currencyCode, rules);
  const warnings = [...ofLines];
  if (pricing.shippingFault) warnings.push(cartWarning(pricing.shippingFault));
  if (rules.provinceFault) warnings.push(cartWarning('PROVINCE_REQUIRED'));
  if (rules.isTaxUnavailable) warnings.push(cartWarning('TAX_UNAVAILABLE'));
  // What is fetched, or not sent, is priced without an address.
  const hasPlace = cart.shippingAddress !== null || !pricing.needsAddress;
  const knowsTax = hasPlace && !rules.provinceFault && !rules.isTaxUnavailable;
  const credit = await planCredit(ctx.db, cart.tenantId, creditOfCart(ctx, cart), pricing.total, currencyCode);
  const pricedById = new Map(live.map(({ line }, index) => [line.id, pricing.lines[index] ?? null]));
  return {
    lines: lines.map((line) => ({ ...line, priced: pricedById.get(line.line.id) ?? null })),
    cost: { pricing, currencyCode, hasPlace, knowsTax, ...credit },
    codes: codesOfCart(cart.discountCodes, rules, pricing, currencyCode),
    warnings,
  };
}

/** What shipping of those of a cart's lines that can be bought, which are in one currency, would cost elsewhere. */
export async function shippingElsewhere(
  ctx: CartContext,
  cart: Cart,
  lines: PricedCartLine[],
  elsewhere: Destination,
): Promise<ShippingOption[]> {
  const live = lines.filter(isLive);
  const basket = basketOf(live);
  const loaded = await rulesFor(ctx, cart, live, elsewhere);
  // The tax elsewhere is not asked for: nobody reads it.
  const shipping = { ...loaded, hooks: loaded.hooks.filter(({ kind }) => kind === 'SHIPPING_RATES') };
  const { rules } = await askHooks(ctx, shipping, basket);
  return priceOrder(basket.lines, basket.currencyCode, rules).shippingOptions;
}

function rulesFor(
  ctx: CartContext,
  cart: Cart,
  live: LiveLine[],
  elsewhere: Destination | null = null,
): Promise<LoadedRules> {
  const places = placesOf(cart, live.map(lineToPrice));
  const shipping = { ...(elsewhere ? movedTo(elsewhere, places) : places), optionId: cart.shippingOptionId };
  return loadPricingRules(ctx.db, cart.tenantId, shipping, codesInUse(ctx, cart), buyerOf(ctx, cart));
}

const basketOf = (live: LiveLine[]): Basket => ({
  lines: live.map(lineToPrice),
  currencyCode: live[0]?.live.price.currencyCode ?? '',
});

const isLive = (line: PricedCartLine): line is LiveLine => line.live !== null;

const withoutCost = (lines: PricedCartLine[], warnings: CartWarning[]): CartBeforeHooks => ({
  lines,
  cost: null,
  codes: null,
  warnings,
  rules: null,
  lineWarnings: [],
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
  sku: live.sku,
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
