import { formatMoney } from '../../shared/money';
import { UserErrors } from '../../shared/userErrors';
import { askHooks } from '../checkoutHook/askHooks';
import type { AskedLine } from '../checkoutHook/basket';
import type { HookContext } from '../checkoutHook/hookContext';
import type { Order, OrderDiscount } from '../generated/prisma/client';
import type { Addresses } from '../input/addresses';
import type { Discount } from '../pricing/discount';
import { faultError } from '../pricing/faultErrors';
import { placesOf } from '../pricing/places';
import { changedSums, type OrderError, type SeenCost, seenCostOf } from '../pricing/priceChange';
import { faultsOf, type LineToPrice, type Pricing, type PricingFault, priceOrder } from '../pricing/pricing';
import { loadPricingRules } from '../pricing/pricingRules';

/** An order's items by the rules of now, for some addresses. */
interface PriceThere {
  pricing: Pricing;
  faults: PricingFault[];
  /** Whether the option that the order is shipped by is offered. */
  offersOption: boolean;
}

/**
 * Asks of other addresses of an order what orderCreate asks of its first ones, and compares what shipping and tax would be with what they
 * are. An order that is not priced yet is priced for its new addresses. Not to be called within a transaction: the store's hooks are asked.
 * @param keepSums whether staff have accepted the difference. @throws UserErrors
 */
export async function checkNewAddresses(
  ctx: HookContext,
  order: Order,
  moved: Addresses,
  keepSums: boolean,
): Promise<void> {
  const { currencyCode } = order;
  // What is fetched is taxed where it is fetched, wherever the buyer lives.
  if (currencyCode === null || order.pickupLocation) return;
  const lines = await netLines(ctx, order);
  const [before, after] = [placesOf(order, lines), placesOf(moved, lines)];
  if (isSame(before, after)) return;
  const there = await priceAt(ctx, order, lines, moved, currencyCode);
  // The store's rules may have changed since the order. Only what the move changes is worth a question.
  const here = await priceAt(ctx, order, lines, order, currencyCode);
  const isSentElsewhere = !isSame(before.destination, after.destination);
  const faults = there.faults.filter((fault) =>
    fault === 'TAX_UNAVAILABLE' ? !keepSums : isSentElsewhere || !here.faults.includes(fault),
  );
  if (faults.length > 0) throw new UserErrors(...faults.map((fault) => faultError(fault, moved)));
  if (keepSums) return;
  const field = ['input', isSentElsewhere ? 'shippingAddress' : 'billingAddress'];
  const changed = isSamePrice(here.pricing, there.pricing)
    ? []
    : changedSums(sumsOf(order, currencyCode), movedSums(order, there.pricing, currencyCode), field);
  if (here.offersOption && !there.offersOption) changed.push(optionGone(order, there.pricing, currencyCode, field));
  if (changed.length > 0) throw new UserErrors(...changed);
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The items at what was bought: their discounts stay what they were. */
async function netLines({ db }: HookContext, { tenantId, id: orderId }: Order): Promise<AskedLine[]> {
  const items = await db.orderItem.findMany({ where: { tenantId, orderId }, orderBy: { position: 'asc' } });
  return items.map((item) => ({
    unitPrice: item.totalPriceAmount - item.discountAmount,
    quantity: 1,
    pieces: item.quantity,
    grams: item.weightGrams,
    requiresShipping: item.requiresShipping,
    productId: item.productId,
    variantId: item.variantId,
    sku: item.productSku,
    bought: {
      unitPrice: item.unitPriceAmount,
      quantity: item.quantity,
      subtotal: item.totalPriceAmount,
      discount: item.discountAmount,
    },
    taxClass: item.taxClass as LineToPrice['taxClass'],
  }));
}

/** By the rules of now, with the order's shipping option or, where that is not offered, the one of its name in another zone, or the cheapest. */
async function priceAt(
  ctx: HookContext,
  { tenantId, id: orderId, shippingOptionId, shippingName }: Order,
  lines: AskedLine[],
  addresses: Addresses,
  currencyCode: string,
): Promise<PriceThere> {
  const loaded = await loadPricingRules(
    ctx.db,
    tenantId,
    { ...placesOf(addresses, lines), optionId: null },
    null,
    null,
  );
  const onShipping = await ctx.db.orderDiscount.findFirst({ where: { tenantId, orderId, discountClass: 'SHIPPING' } });
  // Of its discounts, the lines have those on items.
  const withoutDiscounts = { ...loaded, automaticDiscounts: onShipping ? [freeShipping(onShipping)] : [] };
  const basket = { lines, currencyCode };
  // The tax is asked for when it is known which option it is on.
  const hooks = loaded.hooks.filter(({ kind }) => kind === 'SHIPPING_RATES');
  const { rules: withRates } = await askHooks(ctx, { ...withoutDiscounts, hooks }, basket);
  const { shippingOptions } = priceOrder(lines, currencyCode, withRates);
  const own =
    shippingOptions.find(({ rate }) => rate.id === shippingOptionId) ??
    shippingOptions.find(({ rate }) => rate.name === shippingName);
  const chosen = { ...withoutDiscounts, shippingOptionId: (own ?? shippingOptions[0])?.rate.id ?? null };
  const { rules } = await askHooks(ctx, chosen, basket);
  const pricing = priceOrder(lines, currencyCode, rules);
  return { pricing, faults: faultsOf(pricing, rules), offersOption: own !== undefined };
}

function optionGone(
  { shippingName }: Order,
  { shippingOption }: Pricing,
  currencyCode: string,
  field: string[],
): OrderError {
  const cheapest = shippingOption && formatMoney({ minorUnits: shippingOption.price, currencyCode });
  const instead = cheapest && ` The cheapest there: ${shippingOption.rate.name}, ${cheapest.amount} ${currencyCode}.`;
  const message = `${shippingName} is not offered there.${instead ?? ''}`;
  return { field, code: 'SHIPPING_OPTION_UNAVAILABLE', message };
}

/** What was free stays free, whatever became of the discount since. */
const freeShipping = ({ discountId: id, title }: OrderDiscount): Discount => ({
  id,
  title,
  code: null,
  off: { freeShipping: { countryCodes: [], maximumPrice: null } },
  items: null,
  buyXGetY: null,
  currencyCode: null,
  minimumSubtotal: 0n,
  minimumQuantity: 0,
  combinesWith: [],
});

const isSamePrice = (one: Pricing, other: Pricing) => one.shipping === other.shipping && one.tax === other.tax;

const sumsOf = (order: Order, currencyCode: string): SeenCost => ({
  currencyCode,
  subtotal: String(order.subtotalAmount),
  discount: String(order.discountAmount),
  shipping: String(order.shippingAmount),
  tax: String(order.taxAmount),
  total: String(order.totalAmount),
});

/** Price and discount are the order's own: only shipping, tax and so the total can be others. */
function movedSums(order: Order, pricing: Pricing, currencyCode: string): SeenCost {
  const { shipping, tax, total } = seenCostOf(pricing, currencyCode, { hasAddress: true, due: pricing.total });
  return { ...sumsOf(order, currencyCode), shipping, tax, total };
}
