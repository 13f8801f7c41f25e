import type { Db, Tx } from '../database';
import { type CodeUser, isUsableBy, isUsableNow } from '../discount/usableDiscount';
import { Prisma } from '../generated/prisma/client';
import { isReverseCharge } from '../input/vatId';
import type { Discount } from './discount';
import type { PricingRules, UnusableCode } from './pricing';
import { ratesFor } from './shipping';
import { type StoredRate, storedRates, toRate } from './storedRates';
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
  /** Null when it is not known. */
  taxedPlace: Destination | null;
  /** All of its country. */
  taxRates: RateOfPlace[] | null;
  /** Whether the store has any rates. */
  hasShippingRates: boolean;
  shippingRates: StoredRate[] | null;
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
      place AS "taxedPlace",
      (SELECT jsonb_agg(jsonb_build_object('name', name, 'province', province, 'postalCodes', postal_codes, 'taxClass', tax_class, 'rate', rate,
         'priority', priority, 'isCompound', is_compound, 'appliesToShipping', applies_to_shipping) ORDER BY id)
       FROM tax_rates WHERE tenant_id = ${tenantId} AND country_code = place->>'countryCode') AS "taxRates",
      EXISTS (SELECT FROM shipping_rates WHERE tenant_id = ${tenantId}) AS "hasShippingRates",
      ${storedRates(tenantId, country)} AS "shippingRates",
      (SELECT jsonb_agg(jsonb_build_object('id', id, 'title', title, 'code', code, 'basisPoints', basis_points,
         'amount', amount::text, 'currencyCode', currency_code, 'minimumSubtotal', minimum_subtotal_amount::text,
         'combines', combines, 'unusable', ${unusableReason(tenantId, codes)}) ORDER BY id)
       FROM discounts WHERE tenant_id = ${tenantId} AND (code IS NULL AND ${isUsableNow} OR ${isCodeNamed(tenantId, codes)})) AS discounts
    FROM ${placeToTax(tenantId, destination, optionId)}`;
  if (!row) throw new Error('A SELECT from one row has one row');
  const discounts = (row.discounts ?? []).filter(({ unusable }) => unusable === null).map(toDiscount);
  const { taxedPlace: place } = row;
  const taxRates = row.taxRates ?? [];
  return {
    shippingRates: row.hasShippingRates ? ratesFor((row.shippingRates ?? []).map(toRate), destination) : null,
    shippingOptionId: optionId,
    hasDestination: destination !== null,
    taxRates: place ? ratesByClass(taxRates, place) : NO_TAX_RATES,
    taxRounding: row.taxRounding,
    reverseCharge: place !== null && isReverseCharge(row.storeCountry, place),
    provinceFault: place && provinceFaultOf(taxRates, place),
    pricesIncludeTax: row.pricesIncludeTax,
    automaticDiscounts: discounts.filter((discount) => discount.code === null),
    codeDiscounts: discounts.filter((discount) => discount.code !== null),
    unusableCodes: (row.discounts ?? []).flatMap(({ code, unusable }) =>
      code !== null && unusable !== null ? [{ code, reason: unusable }] : [],
    ),
  };
}

/** What is fetched is taxed where it is fetched, and not where the buyer lives. */
const placeToTax = (tenantId: string, destination: Destination | null, optionId: string | null) => Prisma.sql`
  (SELECT coalesce((SELECT pickup FROM shipping_rates WHERE tenant_id = ${tenantId} AND id = ${optionId}),
    ${destination && JSON.stringify(destination)}::jsonb) AS place) AS taxed`;

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

const toDiscount = ({
  basisPoints,
  amount,
  minimumSubtotal,
  unusable: _unusable,
  ...discount
}: NonNullable<RulesRow['discounts']>[number]): Discount => ({
  ...discount,
  off: amount === null ? { basisPoints: basisPoints ?? 0 } : { amount: BigInt(amount) },
  minimumSubtotal: BigInt(minimumSubtotal),
});
