import { newId } from '../../shared/ids';
import type { UserError } from '../../shared/userErrors';
import type { ReservedLine } from '../catalog/stockClient';
import { withAnswers } from '../checkoutHook/askHooks';
import { type CreditPlan, planCredit } from '../credit/planCredit';
import type { Db, Tx } from '../database';
import { returnCodes } from '../discount/redeemCode';
import { type OrderQuote, Prisma } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { buyerKey } from '../input/buyerKey';
import type { PlacedOrder } from '../orders/placedOrder';
import type { PaymentState } from '../payment/paymentProvider';
import { isPayable } from '../paymentMethod/fitsOrder';
import type { OrderMethod } from '../paymentMethod/orderMethod';
import { amountsOfItem, amountsOfOrder } from '../pricing/amounts';
import { classOf } from '../pricing/discount';
import { faultError } from '../pricing/faultErrors';
import { placesOf } from '../pricing/places';
import type { OrderError } from '../pricing/priceChange';
import { faultsOf, type Pricing, type PricingRules, priceOrder } from '../pricing/pricing';
import { loadPricingRules } from '../pricing/pricingRules';
import { storedTaxLines } from '../tax/taxLines';
import { changedPrices } from './orderQuote';

type Refusal = OrderError[];

/** The price of an order's reserved lines, by the store's current pricing rules. */
export interface OrderPrice {
  lines: ReservedLine[];
  currencyCode: string;
  pricing: Pricing;
  rules: PricingRules;
  /** What of the total is paid with gift cards and store credit, and what is left. */
  credit: CreditPlan;
  order: OrderToPrice;
}

/** An order that is not priced yet. */
export interface OrderToPrice extends Omit<PlacedOrder, 'items' | 'currencyCode' | 'totalAmount'> {
  /** That the buyer chose; null when they did not. */
  shippingOptionId: string | null;
  /** Null when none was named, or it is gone since. */
  method: OrderMethod | null;
  quote: OrderQuote | null;
}

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/** Prices an order's lines, which are in the requested order. @returns also the refusal: empty when the order can be placed. */
export async function priceReserved(
  db: Db,
  order: OrderToPrice,
  lines: ReservedLine[],
): Promise<{ price: OrderPrice; refusal: Refusal }> {
  const { tenantId, id: orderId, shippingOptionId: optionId, quote } = order;
  const buyer = buyerKey(order.customerId, order.email);
  const loaded = await loadPricingRules(db, tenantId, { ...placesOf(order, lines), optionId }, { orderId }, buyer);
  const currencyCode = lines[0]?.unitPrice.currencyCode ?? '';
  const toPrice = lines.map(({ unitPrice, weightGrams: grams, productSku: sku, ...line }) => ({
    ...line,
    unitPrice: unitPrice.minorUnits,
    grams,
    sku,
  }));
  const answers = quote?.hookAnswers;
  const asked = answers ? await withAnswers(tenantId, loaded, { lines: toPrice, currencyCode }, answers) : loaded;
  const rules = asked ?? loaded;
  const pricing = priceOrder(toPrice, currencyCode, rules);
  const credit = await planCredit(db, tenantId, quote?.credit ?? null, pricing.total, currencyCode);
  const price = { lines, currencyCode, rules, order, pricing, credit };
  return { price, refusal: refusalOf(price, quote, asked !== null) };
}

export async function readToPrice(db: Db, { tenantId, orderId }: OrderKey): Promise<OrderToPrice> {
  const { paymentMethodId, ...order } = await db.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    select: ORDER_TO_PRICE,
    relationLoadStrategy: 'join',
  });
  const method =
    paymentMethodId === null ? null : await db.paymentMethod.findFirst({ where: { tenantId, id: paymentMethodId } });
  return { ...order, method };
}

const ORDER_TO_PRICE = {
  tenantId: true,
  id: true,
  number: true,
  version: true,
  email: true,
  customerId: true,
  shippingAddress: true,
  billingAddress: true,
  paymentMethodId: true,
  shippingOptionId: true,
  quote: true,
} as const satisfies Prisma.OrderSelect;

/**
 * Writes an order's lines, sums and payment in one statement, and its discounts, if any, in another. Locks the order's row.
 * @returns the order's version; null when it is not PENDING (any more).
 */
export async function writePrice(
  tx: Tx,
  { tenantId, orderId }: OrderKey,
  price: OrderPrice,
  payment: PaymentState | null,
): Promise<number | null> {
  const { lines, currencyCode, pricing } = price;
  const { shippingOption: option } = pricing;
  const pickup = option?.rate.pickup ?? null;
  const sums = amountsOfOrder(pricing);
  const items = lines.map((line, position) => {
    const { unitPriceAmount, totalPriceAmount, discountAmount, taxAmount, taxLines } = amountsOfItem(pricing, position);
    return {
      position,
      id: newId('oitm'),
      variant_id: line.variantId,
      product_id: line.productId,
      product_name: line.productName,
      product_sku: line.productSku,
      weight_grams: line.weightGrams,
      requires_shipping: line.requiresShipping,
      option_values: line.optionValues,
      tax_class: line.taxClass,
      attributes: line.attributes ?? [],
      image: line.image,
      quantity: line.quantity,
      unit_price_amount: String(unitPriceAmount),
      total_price_amount: String(totalPriceAmount),
      discount_amount: String(discountAmount),
      tax_amount: String(taxAmount),
      tax_lines: storedTaxLines(taxLines),
    };
  });
  const [priced] = await tx.$queryRaw<{ version: number }[]>`
    WITH priced AS (
      UPDATE orders SET currency_code = ${currencyCode}, subtotal_amount = ${sums.subtotalAmount},
        discount_amount = ${sums.discountAmount}, shipping_amount = ${sums.shippingAmount}, tax_amount = ${sums.taxAmount},
        shipping_tax_amount = ${sums.shippingTaxAmount}, tax_included = ${sums.pricesIncludeTax}, reverse_charge = ${sums.reverseCharge},
        total_amount = ${sums.totalAmount}, shipping_option_id = ${option?.rate.id ?? null},
        shipping_name = ${option?.rate.name ?? null}, shipping_min_days = ${option?.rate.minDays ?? null},
        shipping_max_days = ${option?.rate.maxDays ?? null},
        pickup_location = ${pickup && JSON.stringify(pickup)}::jsonb,
        tax_lines = ${JSON.stringify(storedTaxLines(sums.taxLines))}::jsonb, tax_rounding = ${sums.taxRounding}, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${orderId} AND status = 'PENDING'
      RETURNING version
    ), items AS (
      INSERT INTO order_items (tenant_id, order_id, position, id, variant_id, product_id, product_name, product_sku, weight_grams, requires_shipping,
        option_values, tax_class, attributes, image, unit_price_amount, total_price_amount, discount_amount, tax_amount, tax_lines, currency_code, quantity)
      SELECT ${tenantId}, ${orderId}, position, id, variant_id, product_id, product_name, product_sku, weight_grams, requires_shipping,
        option_values, tax_class, attributes, image, unit_price_amount, total_price_amount, discount_amount, tax_amount, tax_lines, ${currencyCode}, quantity
      FROM priced, jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS item (
        position int, id text, variant_id text, product_id text, product_name text, product_sku text, weight_grams int, requires_shipping boolean, option_values jsonb,
        tax_class text, attributes jsonb, image jsonb, unit_price_amount bigint,
        total_price_amount bigint, discount_amount bigint, tax_amount bigint, tax_lines jsonb, quantity int)
    )${payment ? Prisma.sql`, ${insertPayment(payment)}` : Prisma.empty}
    SELECT version FROM priced`;
  if (!priced) return null;
  await writeDiscounts(tx, { tenantId, orderId }, price);
  return priced.version;
}

const insertPayment = (payment: PaymentState) => {
  const { tenantId, id, orderId, provider, currencyCode, amount, token, providerAccount, dueAt, captureMode } = payment;
  return Prisma.sql`payment AS (
    INSERT INTO payments (tenant_id, id, order_id, provider, currency_code, amount, token, provider_account, due_at, capture_mode, updated_at)
    SELECT ${tenantId}, ${id}, ${orderId}, ${provider}::"PaymentProviderName", ${currencyCode}, ${amount}, ${token}, ${providerAccount},
      ${dueAt}::timestamptz, ${captureMode}::"CaptureMode", now()
    FROM priced
  )`;
};

async function writeDiscounts(tx: Tx, { tenantId, orderId }: OrderKey, { pricing, rules }: OrderPrice): Promise<void> {
  const { discounts } = pricing;
  if (discounts.length > 0) {
    await tx.orderDiscount.createMany({
      data: discounts.map(({ discount, amount }) => ({
        tenantId,
        orderId,
        discountId: discount.id,
        title: discount.title,
        code: discount.code,
        discountClass: classOf(discount),
        amount,
      })),
    });
  }
  const applied = discounts.map(({ discount }) => discount.id);
  // Other discounts take off more: the uses of the codes that are not applied are returned.
  if (rules.codeDiscounts.some(({ id }) => !applied.includes(id))) await returnCodes(tx, tenantId, orderId, applied);
}

/** @param isAsked whether the store's hooks were asked about these prices, addresses and discounts, if it has any. */
function refusalOf(price: OrderPrice, quote: OrderQuote | null, isAsked: boolean): Refusal {
  const { lines, currencyCode, pricing, rules, order, credit } = price;
  if (new Set(lines.map(({ unitPrice }) => unitPrice.currencyCode)).size > 1) {
    const message = 'Expected lines priced in one currency.';
    return [{ field: ['input', 'lines'], code: 'CURRENCY_MISMATCH', message }];
  }
  if (!isAsked) return [ASKED_OTHERWISE];
  const faults = faultsOf(pricing, rules).map((fault) => faultError(fault, order));
  if (faults.length > 0) return faults;
  const changed = quote ? changedPrices(quote, lines, { pricing, due: credit.due }, currencyCode) : [];
  // A balance that has fallen since is said first: a method may not have been asked for.
  if (changed.some(({ priceChange }) => priceChange?.part === 'DUE')) return changed;
  return isPayable(order.method, { minorUnits: credit.due, currencyCode }) ? changed : [METHOD_UNAVAILABLE];
}

const ASKED_OTHERWISE: UserError<UserErrorCode> = {
  field: ['input'],
  code: 'PRICE_CHANGED',
  message:
    'A price, a discount or the address has changed while shipping and tax were asked for: look at it, and order again.',
};

export const METHOD_UNAVAILABLE: UserError<UserErrorCode> = {
  field: ['input', 'paymentMethodId'],
  code: 'PAYMENT_METHOD_UNAVAILABLE',
  message: 'The store does not take money for this order this way: see Cart.paymentMethods.',
};
