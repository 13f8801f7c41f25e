import { throwIfAny, UserErrors } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { Order, OrderDiscount } from '../generated/prisma/client';
import type { Discount } from '../pricing/discount';
import { FAULT_ERRORS } from '../pricing/faultErrors';
import { changedSums, type SeenCost, seenCostOf } from '../pricing/priceChange';
import { faultsOf, type LineToPrice, type Pricing, type PricingRules, priceOrder } from '../pricing/pricing';
import { loadPricingRules } from '../pricing/pricingRules';

type Address = NonNullable<Order['shippingAddress']>;

const FIELD = ['input', 'shippingAddress'];

/**
 * Asks of another address of an order what orderCreate asks of one, and compares what shipping and tax would be there with what they are.
 * An order that is not priced yet is priced for its new address. @param keepSums whether staff have accepted the difference.
 * @throws UserErrors
 */
export async function checkNewAddress(tx: Tx, order: Order, address: Address, keepSums: boolean): Promise<void> {
  const { currencyCode } = order;
  // What is fetched, or not sent, has its price wherever the buyer lives.
  if (currencyCode === null || order.pickupLocation || !order.shippingAddress) return;
  if (isSamePlace(order.shippingAddress, address)) return;
  const lines = await netLines(tx, order);
  const there = await priceAt(tx, order, lines, address, currencyCode);
  throwIfAny(faultsOf(there.pricing, there.rules).map((fault) => FAULT_ERRORS[fault]));
  if (keepSums) return;
  // The store's rules may have changed since the order. Only what the move changes is worth a question.
  const here = await priceAt(tx, order, lines, order.shippingAddress, currencyCode);
  if (isSamePrice(here.pricing, there.pricing)) return;
  const changed = changedSums(sumsOf(order, currencyCode), movedSums(order, there.pricing, currencyCode), FIELD);
  if (changed.length > 0) throw new UserErrors(...changed);
}

const isSamePlace = (one: Address, other: Address) =>
  one.countryCode === other.countryCode && one.province === other.province && one.postalCode === other.postalCode;

/** The items at what was bought: their discounts stay what they were. */
async function netLines(tx: Tx, { tenantId, id: orderId }: Order): Promise<LineToPrice[]> {
  const items = await tx.orderItem.findMany({ where: { tenantId, orderId }, orderBy: { position: 'asc' } });
  return items.map((item) => ({
    unitPrice: item.totalPriceAmount - item.discountAmount,
    quantity: 1,
    pieces: item.quantity,
    grams: item.weightGrams,
    requiresShipping: item.requiresShipping,
    productId: item.productId,
    taxClass: item.taxClass as LineToPrice['taxClass'],
  }));
}

/** By the rules of now, with the order's shipping option or, where that is not offered, the cheapest. */
async function priceAt(
  tx: Tx,
  { tenantId, id: orderId, shippingOptionId }: Order,
  lines: LineToPrice[],
  destination: Address,
  currencyCode: string,
): Promise<{ rules: PricingRules; pricing: Pricing }> {
  const loaded = await loadPricingRules(tx, tenantId, { destination, optionId: null }, null);
  const onShipping = await tx.orderDiscount.findFirst({ where: { tenantId, orderId, discountClass: 'SHIPPING' } });
  // Of its discounts, the lines have those on items.
  const withoutDiscounts = { ...loaded, automaticDiscounts: onShipping ? [freeShipping(onShipping)] : [] };
  const { shippingOptions } = priceOrder(lines, currencyCode, withoutDiscounts);
  const option = shippingOptions.find(({ rate }) => rate.id === shippingOptionId) ?? shippingOptions[0];
  const rules = { ...withoutDiscounts, shippingOptionId: option?.rate.id ?? null };
  return { rules, pricing: priceOrder(lines, currencyCode, rules) };
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
