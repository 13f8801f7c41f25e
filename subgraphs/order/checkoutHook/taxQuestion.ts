import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { formatMoney } from '../../shared/money';
import type { Pricing } from '../pricing/pricing';
import { type AskedTaxes, type TaxLine, type TaxRounding, taxParts } from '../pricing/tax';
import type { Destination } from '../pricing/taxPlace';
import { taxPercentInput } from '../tax/taxPercent';
import { answeredAmount } from './answeredMoney';
import { type Basket, placeAsked } from './basket';

const MAX_TAXES = 10;

/** The taxes on one line or on shipping: name, ten-thousandths of a percent, and minor units. */
type AnsweredTaxes = OrderJson.TaxLines;

/** What a hook answered, as it is stored. */
export interface AnsweredTax {
  /** In the order of the question's lines. */
  lines: AnsweredTaxes[];
  shipping: AnsweredTaxes;
}

/** What is taxed: each line after discounts, and what is paid for shipping. */
export interface TaxedAmounts {
  lines: bigint[];
  /** Null where it is not known how it is shipped, and where nothing is. */
  shipping: bigint | null;
  currencyCode: string;
  pricesIncludeTax: boolean;
  taxRounding: TaxRounding;
}

/** @param pricing of the basket without the hook's taxes, on which its prices do not depend. */
export const taxedAmounts = (pricing: Pricing, currencyCode: string): TaxedAmounts => ({
  lines: pricing.lines.map(({ subtotal, discount }) => subtotal - discount),
  shipping: pricing.shippingOption ? pricing.shipping : null,
  currencyCode,
  pricesIncludeTax: pricing.pricesIncludeTax,
  taxRounding: pricing.taxRounding,
});

export function taxQuestion(
  tenantId: string,
  { lines }: Basket,
  taxed: TaxedAmounts,
  place: Destination,
  storeCountry: string | null,
): string {
  const amount = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode: taxed.currencyCode }).amount;
  return JSON.stringify({
    version: 1,
    kind: 'TAX',
    storeId: tenantId,
    storeCountryCode: storeCountry,
    currencyCode: taxed.currencyCode,
    pricesIncludeTax: taxed.pricesIncludeTax,
    destination: placeAsked(place),
    vatId: place.vatId ?? null,
    lines: lines.map((line, position) => ({
      position,
      variantId: line.variantId,
      productId: line.productId,
      sku: line.sku,
      quantity: line.bought?.quantity ?? line.quantity,
      taxClass: line.taxClass,
      unitPrice: amount(line.bought?.unitPrice ?? line.unitPrice),
      amount: amount(taxed.lines[position] ?? 0n),
    })),
    shipping: taxed.shipping === null ? null : { amount: amount(taxed.shipping) },
  });
}

/**
 * Reads an answer: taxes for each line, and for shipping where it was asked for. Either all of them say their amounts, or none does: then
 * these are calculated as by the store's own rates. A tax that is more than what it is on is a mistake, such as cents for euros.
 */
export function taxAnswer(asked: TaxedAmounts) {
  const tax = z.object({
    title: text(64),
    rate: taxPercentInput,
    amount: answeredAmount(asked.currencyCode).nullish(),
  });
  const taxes = list(tax, { max: MAX_TAXES }).refine(
    (all) => new Set(all.map(({ title }) => title)).size === all.length,
  );
  return z
    .object({
      lines: z
        .array(z.object({ position: z.int(), taxLines: taxes }))
        .length(asked.lines.length)
        .transform((lines) => lines.toSorted((one, other) => one.position - other.position))
        .refine((lines) => lines.every(({ position }, index) => position === index)),
      shipping: z.object({ taxLines: taxes }).nullish(),
    })
    .refine(({ shipping }) => (shipping?.taxLines.length ?? 0) === 0 || asked.shipping !== null)
    .refine(({ lines, shipping }) => {
      const all = [...lines, ...(shipping ? [shipping] : [])].flatMap(({ taxLines }) => taxLines);
      return all.every((one) => one.amount != null) || all.every((one) => one.amount == null);
    })
    .transform(({ lines, shipping }) => withAmounts(asked, [...lines, shipping ?? { taxLines: [] }]))
    .refine((parts) =>
      parts.every((taxLines, index) => sumOf(taxLines) <= (asked.lines[index] ?? asked.shipping ?? 0n)),
    )
    .transform(
      (parts): AnsweredTax => ({
        lines: parts.slice(0, -1).map(toStored),
        shipping: toStored(parts.at(-1) ?? []),
      }),
    );
}

interface ReadTax {
  title: string;
  rate: number;
  amount?: string | null | undefined;
}

function withAmounts(asked: TaxedAmounts, parts: { taxLines: ReadTax[] }[]): TaxLine[][] {
  const hasAmounts = parts.some(({ taxLines }) => taxLines.some(({ amount }) => amount != null));
  if (hasAmounts) {
    return parts.map(({ taxLines }) =>
      taxLines.map(({ title, rate, amount }) => ({ name: title, rate, amount: BigInt(amount ?? 0) })),
    );
  }
  // Taxes of one name and rate are one rate, for rounding by order.
  const known = new Map<string, { name: string; rate: number; isCompound: false; appliesToShipping: true }>();
  const rateOf = ({ title: name, rate }: ReadTax) => {
    const key = JSON.stringify([name, rate]);
    const one = known.get(key) ?? { name, rate, isCompound: false, appliesToShipping: true };
    known.set(key, one);
    return one;
  };
  return taxParts(
    parts.map(({ taxLines }, index) => ({
      amount: asked.lines[index] ?? asked.shipping ?? 0n,
      rates: taxLines.map(rateOf),
    })),
    asked.pricesIncludeTax,
    asked.taxRounding,
  );
}

const sumOf = (taxes: readonly TaxLine[]): bigint => taxes.reduce((sum, { amount }) => sum + amount, 0n);

const toStored = (taxes: readonly TaxLine[]): AnsweredTaxes =>
  taxes.map(({ name, rate, amount }) => ({ name, rate, amount: String(amount) }));

const fromStored = (taxes: AnsweredTaxes): TaxLine[] =>
  taxes.map(({ name, rate, amount }) => ({ name, rate, amount: BigInt(amount) }));

export const toAskedTaxes = ({ lines, shipping }: AnsweredTax): AskedTaxes => ({
  lines: lines.map(fromStored),
  shipping: fromStored(shipping),
});
