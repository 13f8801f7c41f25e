import type { Db, Tx } from '../database';
import { provinceKey } from '../tax/taxRate.service';
import type { Discount } from './discount';
import type { PricingTerms } from './pricing';
import { ratesFor, type ShippingRate } from './shipping';
import type { TaxRate } from './tax';

/** Where an order goes, as far as its price depends on it. */
export interface Destination {
  countryCode: string;
  province?: string | null | undefined;
}

/** Which code counts: one that somebody names and may still use, or the one of which an order holds a use already. */
export type CodeInUse = { code: string; email: string | null; customerId: string | null } | { orderId: string } | null;

interface TermsRow {
  taxIncluded: boolean;
  taxRate: TaxRate | null;
  shippingRates: (Omit<ShippingRate, 'price' | 'freeFrom'> & { price: string; freeFrom: string | null })[] | null;
  discounts:
    | (Omit<Discount, 'off' | 'minimumSubtotal'> & {
        basisPoints: number | null;
        amount: string | null;
        minimumSubtotal: string;
      })[]
    | null;
}

/**
 * What a store asks for, and takes off, at this moment of the database's clock, in one statement. Without a destination no
 * shipping and no tax are known yet: neither is in the terms.
 */
export async function storeTerms(
  db: Db | Tx,
  tenantId: string,
  destination: Destination | null,
  code: CodeInUse,
): Promise<PricingTerms> {
  const country = destination?.countryCode ?? null;
  const province = provinceKey(destination?.province);
  const named = code && 'code' in code ? code : null;
  const orderId = code && 'orderId' in code ? code.orderId : null;
  const [terms] = await db.$queryRaw<TermsRow[]>`
    SELECT
      COALESCE((SELECT prices_include_tax FROM tax_settings WHERE tenant_id = ${tenantId}), false) AS "taxIncluded",
      (SELECT jsonb_build_object('name', name, 'basisPoints', basis_points, 'appliesToShipping', applies_to_shipping)
       FROM tax_rates WHERE tenant_id = ${tenantId} AND country_code = ${country} AND province IN ('', ${province})
       ORDER BY province DESC LIMIT 1) AS "taxRate",
      (SELECT jsonb_agg(jsonb_build_object('name', name, 'countryCodes', country_codes, 'currencyCode', currency_code,
         'price', price_amount::text, 'freeFrom', free_from_amount::text) ORDER BY id)
       FROM shipping_rates WHERE tenant_id = ${tenantId}) AS "shippingRates",
      (SELECT jsonb_agg(jsonb_build_object('id', id, 'title', title, 'code', code, 'basisPoints', basis_points,
         'amount', amount::text, 'currencyCode', currency_code, 'minimumSubtotal', minimum_subtotal_amount::text,
         'combines', combines) ORDER BY id)
       FROM discounts WHERE tenant_id = ${tenantId} AND (
         (code IS NULL OR code = ${named?.code ?? null}) AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now())
           AND (usage_limit IS NULL OR usage_limit > uses)
           AND (usage_limit_per_customer IS NULL OR usage_limit_per_customer > (
             SELECT count(*) FROM discount_redemptions AS used
             WHERE used.tenant_id = ${tenantId} AND used.discount_id = discounts.id
               AND (used.email = ${named?.email ?? null} OR used.customer_id = ${named?.customerId ?? null})))
         OR id IN (SELECT discount_id FROM discount_redemptions
                   WHERE tenant_id = ${tenantId} AND order_id = ${orderId}))) AS discounts`;
  if (!terms) throw new Error('A SELECT without FROM has one row');
  const discounts = (terms.discounts ?? []).map(toDiscount);
  const rates = terms.shippingRates?.map(toRate) ?? null;
  return {
    shippingRates: rates && country ? ratesFor(rates, country) : null,
    taxRate: terms.taxRate,
    taxIncluded: terms.taxIncluded,
    automaticDiscounts: discounts.filter((discount) => discount.code === null),
    codeDiscount: discounts.find((discount) => discount.code !== null) ?? null,
  };
}

type Row<Key extends 'shippingRates' | 'discounts'> = NonNullable<TermsRow[Key]>[number];

const toRate = (rate: Row<'shippingRates'>): ShippingRate => ({
  ...rate,
  price: BigInt(rate.price),
  freeFrom: rate.freeFrom === null ? null : BigInt(rate.freeFrom),
});

const toDiscount = ({ basisPoints, amount, minimumSubtotal, ...discount }: Row<'discounts'>): Discount => ({
  ...discount,
  off: amount === null ? { basisPoints: basisPoints ?? 0 } : { amount: BigInt(amount) },
  minimumSubtotal: BigInt(minimumSubtotal),
});
