import type { UserError } from '../../shared/errors';
import { formatMoney } from '../../shared/money';
import type { ReservedLine } from '../catalog/stockClient';
import type { Db, Tx } from '../database';
import { giveBackCode } from '../discount/redemption';
import { type OrderQuote, Prisma } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import type { PlacedOrder } from '../orders/placedOrder';
import type { HeldPayment } from '../payment/paymentProvider';
import { amountsOfItem, amountsOfOrder } from '../pricing/amounts';
import { faultsOf, type Pricing, type PricingFault, type PricingTerms, priceOrder } from '../pricing/pricing';
import { storeTerms } from '../pricing/pricingRules';

type Refusal = UserError<OrderErrorCode>[];

/** What an order's reserved lines cost, on the store's terms of this moment. */
export interface OrderPrice {
  lines: ReservedLine[];
  currencyCode: string;
  pricing: Pricing;
  terms: PricingTerms;
  order: OrderToPrice;
}

/** An order that has no price yet. */
export interface OrderToPrice extends Omit<PlacedOrder, 'items' | 'currencyCode' | 'totalAmount'> {
  paymentMethod: string;
  quote: OrderQuote | null;
}

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/** Prices the lines of an order, in the order they were asked for. What it can't be sold at is a refusal. */
export async function priceReserved(
  db: Db,
  order: OrderToPrice,
  lines: ReservedLine[],
): Promise<{ price: OrderPrice; refusal: Refusal }> {
  const { tenantId, id: orderId, shippingAddress, quote } = order;
  const terms = await storeTerms(db, tenantId, shippingAddress, { orderId });
  const currencyCode = lines[0]?.unitPrice.currencyCode ?? '';
  const toPrice = lines.map(({ unitPrice, quantity }) => ({ unitPrice: unitPrice.minorUnits, quantity }));
  const price = { lines, currencyCode, terms, order, pricing: priceOrder(toPrice, currencyCode, terms) };
  return { price, refusal: refusalOf(price, quote) };
}

export const readToPrice = (db: Db, { tenantId, orderId }: OrderKey): Promise<OrderToPrice> =>
  db.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    select: ORDER_TO_PRICE,
    relationLoadStrategy: 'join',
  });

const ORDER_TO_PRICE = {
  ...{ tenantId: true, id: true, number: true, numberPrefix: true, version: true, email: true, customerId: true },
  ...{ shippingAddress: true, paymentMethod: true, quote: true },
} as const satisfies Prisma.OrderSelect;

/**
 * Writes an order's lines, sums, payment and discounts down: all but the last, which most orders have none of, in one statement.
 * @returns the order's version, which nobody changes until the transaction ends; null when it is not PENDING (any more).
 */
export async function writePrice(
  tx: Tx,
  { tenantId, orderId }: OrderKey,
  price: OrderPrice,
  payment: HeldPayment | null,
): Promise<number | null> {
  const { lines, currencyCode, pricing, terms } = price;
  const sums = amountsOfOrder(pricing);
  const items = lines.map((line, position) => {
    const { totalPriceAmount, discountAmount, taxAmount } = amountsOfItem(pricing, position);
    return {
      ...{ position, variant_id: line.variantId, product_id: line.productId, quantity: line.quantity },
      ...{ product_name: line.productName, product_sku: line.productSku },
      unit_price_amount: String(line.unitPrice.minorUnits),
      total_price_amount: String(totalPriceAmount),
      discount_amount: String(discountAmount),
      tax_amount: String(taxAmount),
    };
  });
  const [priced] = await tx.$queryRaw<{ version: number }[]>`
    WITH priced AS (
      UPDATE orders SET currency_code = ${currencyCode}, subtotal_amount = ${sums.subtotalAmount},
        discount_amount = ${sums.discountAmount}, shipping_amount = ${sums.shippingAmount}, tax_amount = ${sums.taxAmount},
        shipping_tax_amount = ${sums.shippingTaxAmount}, tax_included = ${sums.taxIncluded},
        total_amount = ${sums.totalAmount}, shipping_name = ${pricing.shippingRate?.name ?? null},
        tax_name = ${terms.taxRate?.name ?? null}, tax_basis_points = ${terms.taxRate?.basisPoints ?? null}, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${orderId} AND status = 'PENDING'
      RETURNING version
    ), items AS (
      INSERT INTO order_items (tenant_id, order_id, position, variant_id, product_id, product_name, product_sku,
        unit_price_amount, total_price_amount, discount_amount, tax_amount, currency_code, quantity)
      SELECT ${tenantId}, ${orderId}, position, variant_id, product_id, product_name, product_sku,
        unit_price_amount, total_price_amount, discount_amount, tax_amount, ${currencyCode}, quantity
      FROM priced, jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS item (
        position int, variant_id text, product_id text, product_name text, product_sku text, unit_price_amount bigint,
        total_price_amount bigint, discount_amount bigint, tax_amount bigint, quantity int)
    )${payment ? Prisma.sql`, ${paymentPart(payment)}` : Prisma.empty}
    SELECT version FROM priced`;
  if (!priced) return null;
  if (pricing.discounts.length > 0) {
    await tx.orderDiscount.createMany({
      data: pricing.discounts.map(({ discount: { id, title, code }, amount }) => ({
        ...{ tenantId, orderId, discountId: id },
        ...{ title, code, amount },
      })),
    });
  }
  // Something else takes off more: the order does without its code.
  if (terms.codeDiscount && pricing.discounts.every(({ discount }) => discount !== terms.codeDiscount)) {
    await giveBackCode(tx, tenantId, orderId);
  }
  return priced.version;
}

const paymentPart = ({ tenantId, id, orderId, provider, currencyCode, amount, token, providerAccount }: HeldPayment) =>
  Prisma.sql`payment AS (
    INSERT INTO payments (tenant_id, id, order_id, provider, currency_code, amount, token, provider_account, updated_at)
    SELECT ${tenantId}, ${id}, ${orderId}, ${provider}::"PaymentProviderName", ${currencyCode}, ${amount}, ${token}, ${providerAccount}, now()
    FROM priced
  )`;

function refusalOf(price: OrderPrice, quote: OrderQuote | null): Refusal {
  const { lines, currencyCode, pricing, terms } = price;
  const field = ['input', 'lines'];
  if (new Set(lines.map(({ unitPrice }) => unitPrice.currencyCode)).size > 1) {
    return [{ field, code: 'CURRENCY_MISMATCH', message: 'Expected lines priced in one currency.' }];
  }
  const faults = faultsOf(pricing, currencyCode, terms).map((fault) => IN_WORDS[fault]);
  if (faults.length > 0) return faults;
  return quote ? pricesChanged(price, quote) : [];
}

const IN_WORDS: Record<PricingFault, UserError<OrderErrorCode>> = {
  TOO_EXPENSIVE: { field: ['input', 'lines'], code: 'TOTAL_TOO_LARGE', message: 'Expected a smaller total.' },
  SHIPPING_UNAVAILABLE: {
    field: ['input', 'shippingAddress', 'countryCode'],
    code: 'SHIPPING_UNAVAILABLE',
    message: 'The store does not send there.',
  },
  DISCOUNT_NOT_APPLICABLE: {
    field: ['input', 'discountCode'],
    code: 'DISCOUNT_NOT_APPLICABLE',
    message: 'This code does not apply to this order.',
  },
};

/** Where an order would cost other than what its buyer was shown. */
function pricesChanged({ lines, currencyCode, pricing }: OrderPrice, quote: OrderQuote): Refusal {
  const seen = quote.seenPrices;
  const changed: Refusal = [];
  lines.forEach(({ variantId, unitPrice }, index) => {
    const now = formatMoney(unitPrice);
    const before = seen?.[variantId];
    if (!seen || (before?.amount === now.amount && before.currencyCode === now.currencyCode)) return;
    const message = `It now costs ${now.amount} ${now.currencyCode}.`;
    changed.push({ field: ['input', 'lines', String(index)], code: 'PRICE_CHANGED', message });
  });
  const isAsExpected = quote.expectedTotalAmount === pricing.total && quote.expectedCurrency === currencyCode;
  if (quote.expectedTotalAmount !== null && !isAsExpected) {
    const { amount } = formatMoney({ minorUnits: pricing.total, currencyCode });
    const message = `It would come to ${amount} ${currencyCode}.`;
    changed.push({ field: ['input', 'expectedTotal'], code: 'PRICE_CHANGED', message });
  }
  return changed;
}
