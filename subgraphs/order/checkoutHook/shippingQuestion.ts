import { z } from 'zod';
import { hashedId } from '../../shared/ids';
import { list, text } from '../../shared/inputReader';
import { formatMoney } from '../../shared/money';
import { sum } from '../pricing/discount';
import { lineSubtotal, type Pricing } from '../pricing/pricing';
import type { ShippingRate } from '../pricing/shipping';
import type { Destination } from '../pricing/taxPlace';
import { answeredMoney } from './answeredMoney';
import { type Basket, placeAsked } from './basket';

const MAX_RATES = 50;
const MAX_DAYS = 365;

/** What a hook answered: the rates as they are stored. Amounts are in minor units of the question's currency. */
export interface AnsweredRate {
  id: string;
  name: string;
  price: string;
  minDays: number | null;
  maxDays: number | null;
}

/** @param pricing of the basket without the hook's rates. */
export function shippingQuestion(
  tenantId: string,
  { lines, currencyCode }: Basket,
  destination: Destination,
  pricing: Pricing,
): string {
  const amount = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode }).amount;
  const asked = lines.map((line, position) => {
    const { unitPrice, quantity } = line;
    const now = {
      unitPrice,
      quantity,
      subtotal: lineSubtotal(line),
      discount: pricing.lines[position]?.discount ?? 0n,
    };
    return { line, ...(line.bought ?? now) };
  });
  return JSON.stringify({
    version: 1,
    kind: 'SHIPPING_RATES',
    storeId: tenantId,
    currencyCode,
    destination: placeAsked(destination),
    lines: asked.map(({ line, unitPrice, quantity, subtotal, discount }, position) => ({
      position,
      variantId: line.variantId,
      productId: line.productId,
      sku: line.sku,
      quantity,
      grams: line.grams ?? null,
      requiresShipping: line.requiresShipping ?? true,
      unitPrice: amount(unitPrice),
      subtotal: amount(subtotal),
      discount: amount(discount),
    })),
    subtotal: amount(sum(asked.map(({ subtotal }) => subtotal))),
    discount: amount(sum(asked.map(({ discount }) => discount))),
  });
}

const days = z.int().min(0).max(MAX_DAYS);
const code = z.string().regex(/^[\w.-]{1,64}$/);

/** Reads an answer. What it has more is left out: a later version may have it. */
export function shippingAnswer(currencyCode: string, hookId: string) {
  const rate = z
    .object({
      code,
      name: text(64),
      price: answeredMoney(currencyCode),
      estimatedDays: z
        .object({ min: days, max: days })
        .refine(({ min, max }) => max >= min)
        .nullish(),
    })
    .transform(
      ({ code, name, price, estimatedDays }): AnsweredRate => ({
        id: hashedId('hrat', `${hookId} ${code}`),
        name,
        price,
        minDays: estimatedDays?.min ?? null,
        maxDays: estimatedDays?.max ?? null,
      }),
    );
  return z
    .object({
      rates: list(rate, { max: MAX_RATES }).refine((all) => new Set(all.map(({ id }) => id)).size === all.length),
    })
    .transform(({ rates }) => rates);
}

/** A rate for the one question that it answers. */
export const toShippingRate = (
  { id, name, price, minDays, maxDays }: AnsweredRate,
  currencyCode: string,
): ShippingRate => ({
  id,
  name,
  locations: [],
  pickup: null,
  excludedProductIds: [],
  currencyCode,
  price: BigInt(price),
  measure: null,
  tiers: [],
  freeFrom: null,
  minDays,
  maxDays,
});
