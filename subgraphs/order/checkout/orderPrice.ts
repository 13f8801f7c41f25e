import type { UserError } from '../../shared/errors';
import { formatMoney } from '../../shared/money';
import type { Db, Tx } from '../database';
import { giveBackCode } from '../discount/redemption';
import type { OrderQuote } from '../generated/prisma/client';
import type { OrderErrorCode, ShippingAddress } from '../generated/resolvers';
import { amountsOfItem, amountsOfOrder } from '../pricing/amounts';
import { faultsOf, type Pricing, type PricingFault, type PricingTerms, priceOrder } from '../pricing/pricing';
import { storeTerms } from '../pricing/storeTerms';
import type { ReservedLine } from './stockClient';

type Refusal = UserError<OrderErrorCode>[];

/** What an order's reserved lines cost, on the store's terms of this moment. */
export interface OrderPrice {
  lines: ReservedLine[];
  currencyCode: string;
  pricing: Pricing;
  terms: PricingTerms;
}

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/** Prices the lines of an order, in the order they were asked for. What it can't be sold at is a refusal. */
export async function priceReserved(
  db: Db,
  { tenantId, orderId }: OrderKey,
  lines: ReservedLine[],
): Promise<{ price: OrderPrice; refusal: Refusal }> {
  const order = await db.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    select: { shippingAddress: true, quote: true },
    relationLoadStrategy: 'join',
  });
  const address = order.shippingAddress as unknown as ShippingAddress;
  const terms = await storeTerms(db, tenantId, address, { orderId });
  const currencyCode = lines[0]?.unitPrice.currencyCode ?? '';
  const toPrice = lines.map(({ unitPrice, quantity }) => ({ unitPrice: unitPrice.minorUnits, quantity }));
  const price = { lines, currencyCode, terms, pricing: priceOrder(toPrice, currencyCode, terms) };
  return { price, refusal: refusalOf(price, order.quote) };
}

/** Writes an order's lines, sums and discounts down. @returns false when the order is not PENDING (any more). */
export async function writePrice(tx: Tx, { tenantId, orderId }: OrderKey, price: OrderPrice): Promise<boolean> {
  const { lines, currencyCode, pricing, terms } = price;
  const { count } = await tx.order.updateMany({
    where: { tenantId, id: orderId, status: 'PENDING' },
    data: {
      currencyCode,
      ...amountsOfOrder(pricing),
      shippingName: pricing.shippingRate?.name ?? null,
      taxName: terms.taxRate?.name ?? null,
      taxBasisPoints: terms.taxRate?.basisPoints ?? null,
    },
  });
  if (count === 0) return false;
  await tx.orderItem.createMany({
    data: lines.map((line, position) => ({
      tenantId,
      orderId,
      position,
      variantId: line.variantId,
      productId: line.productId,
      productName: line.productName,
      productSku: line.productSku,
      unitPriceAmount: line.unitPrice.minorUnits,
      ...amountsOfItem(pricing, position),
      currencyCode,
      quantity: line.quantity,
    })),
  });
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
  return true;
}

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
  const seen = quote.seenPrices as Record<string, { amount: string; currencyCode: string } | undefined> | null;
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
