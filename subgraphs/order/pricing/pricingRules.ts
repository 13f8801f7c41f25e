import type { Db, Tx } from '../database';
import { type CodeUser, isUsableBy, isUsableNow } from '../discount/usableDiscount';
import { Prisma } from '../generated/prisma/client';
import { isReverseCharge } from '../input/vatId';
import type { Discount } from './discount';
import type { PricingRules, UnusableCode } from './pricing';
import { ratesFor, type ShippingRate } from './shipping';
import type { TaxRounding } from './tax';
import { type Destination, NO_TAX_RATES, provinceFaultOf, type RateOfPlace, ratesByClass } from './taxPlace';

/** Where to, and by which option of the store's: its id, or null when the buyer has chosen none. */
export interface Shipping {
  destination: Destination | null;
  optionId: string | null;
}

/** The discount codes: named by a buyer, who must be allowed to use them, or redeemed by an order already. */
export type CodesInUse = (Omit<CodeUser, 'tenantId'> & { codes: readonly string[] }) | { orderId: string };

interface RulesRow {
  pricesIncludeTax: boolean;
  taxRounding: TaxRounding;
  storeCountry: string | null;
  /** All of the country. */
  taxRates: RateOfPlace[] | null;
  shippingRates: (Omit<ShippingRate, 'price' | 'freeFrom'> & { price: string; freeFrom: string | null })[] | null;
  discounts:
    | (Omit<Discount, 'off' | 'minimumSubtotal'> & {
        basisPoints: number | null;
        amount: string | null;
        minimumSubtotal: string;
        unusable: UnusableCode['reason'] | null;
      })[]
    | null;
}

/**
 * A store's current pricing rules, by the database's clock, in one statement. Without a destination they have neither shipping nor tax.
 */
export async function loadPricingRules(
  db: Db | Tx,
  tenantId: string,
  { destination, optionId }: Shipping,
  codes: CodesInUse | null,
): Promise<PricingRules> {
  const country = destination?.countryCode ?? null;
  const [row] = await db.$queryRaw<RulesRow[]>`
    SELECT
      COALESCE((SELECT prices_include_tax FROM tax_settings WHERE tenant_id = ${tenantId}), false) AS "pricesIncludeTax",
      COALESCE((SELECT rounding FROM tax_settings WHERE tenant_id = ${tenantId}), 'LINE') AS "taxRounding",
      (SELECT country_code FROM tax_settings WHERE tenant_id = ${tenantId}) AS "storeCountry",
      (SELECT jsonb_agg(jsonb_build_object('name', name, 'province', province, 'postalCodes', postal_codes, 'taxClass', tax_class, 'rate', rate,
         'priority', priority, 'isCompound', is_compound, 'appliesToShipping', applies_to_shipping) ORDER BY id)
       FROM tax_rates WHERE tenant_id = ${tenantId} AND country_code = ${country}) AS "taxRates",
      (SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name, 'countryCodes', country_codes, 'currencyCode', currency_code,
         'price', price_amount::text, 'freeFrom', free_from_amount::text) ORDER BY id)
       FROM shipping_rates WHERE tenant_id = ${tenantId}) AS "shippingRates",
      (SELECT jsonb_agg(jsonb_build_object('id', id, 'title', title, 'code', code, 'basisPoints', basis_points,
         'amount', amount::text, 'currencyCode', currency_code, 'minimumSubtotal', minimum_subtotal_amount::text,
         'combines', combines, 'unusable', ${unusableReason(tenantId, codes)}) ORDER BY id)
       FROM discounts WHERE tenant_id = ${tenantId} AND (code IS NULL AND ${isUsableNow} OR ${isCodeNamed(tenantId, codes)})) AS discounts`;
  if (!row) throw new Error('A SELECT without FROM has one row');
  const discounts = (row.discounts ?? []).filter(({ unusable }) => unusable === null).map(toDiscount);
  const taxRates = row.taxRates ?? [];
  const rates = row.shippingRates?.map(toRate) ?? null;
  return {
    shippingRates: rates && country ? ratesFor(rates, country) : null,
    shippingOptionId: optionId,
    taxRates: destination ? ratesByClass(taxRates, destination) : NO_TAX_RATES,
    taxRounding: row.taxRounding,
    reverseCharge: destination !== null && isReverseCharge(row.storeCountry, destination),
    provinceFault: destination && provinceFaultOf(taxRates, destination),
    pricesIncludeTax: row.pricesIncludeTax,
    automaticDiscounts: discounts.filter((discount) => discount.code === null),
    codeDiscounts: discounts.filter((discount) => discount.code !== null),
    unusableCodes: (row.discounts ?? []).flatMap(({ code, unusable }) =>
      code !== null && unusable !== null ? [{ code, reason: unusable }] : [],
    ),
  };
}

function isCodeNamed(tenantId: string, codes: CodesInUse | null): Prisma.Sql {
  if (codes === null) return Prisma.sql`false`;
  if ('codes' in codes) return Prisma.sql`code = ANY (${[...codes.codes]})`;
  return Prisma.sql`id IN (
    SELECT discount_id FROM discount_redemptions WHERE tenant_id = ${tenantId} AND order_id = ${codes.orderId})`;
}

/** Null for a discount that can be used. An order has redeemed its codes: they are its own, whatever became of them since. */
function unusableReason(tenantId: string, codes: CodesInUse | null): Prisma.Sql {
  if (codes === null || 'orderId' in codes) return Prisma.sql`NULL`;
  return Prisma.sql`CASE
    WHEN code IS NULL THEN NULL
    WHEN starts_at > now() THEN 'NOT_STARTED'
    WHEN ends_at <= now() THEN 'EXPIRED'
    WHEN NOT (${isUsableNow}) THEN 'USED_UP'
    WHEN NOT ${isUsableBy({ ...codes, tenantId })} THEN 'USED_BY_CUSTOMER' END`;
}

type Row<Key extends 'shippingRates' | 'discounts'> = NonNullable<RulesRow[Key]>[number];

const toRate = (rate: Row<'shippingRates'>): ShippingRate => ({
  ...rate,
  price: BigInt(rate.price),
  freeFrom: rate.freeFrom === null ? null : BigInt(rate.freeFrom),
});

const toDiscount = ({
  basisPoints,
  amount,
  minimumSubtotal,
  unusable: _unusable,
  ...discount
}: Row<'discounts'>): Discount => ({
  ...discount,
  off: amount === null ? { basisPoints: basisPoints ?? 0 } : { amount: BigInt(amount) },
  minimumSubtotal: BigInt(minimumSubtotal),
});
