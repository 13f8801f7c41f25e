import type { Db, Tx } from '../database';
import { Prisma } from '../generated/prisma/client';
import { isReverseCharge } from '../input/vatId';
import type { Places } from './places';
import type { PricingRules } from './pricing';
import { ratesFor } from './shipping';
import { type CodesInUse, type StoredDiscount, storedDiscounts, toDiscount } from './storedDiscounts';
import { type StoredRate, storedRates, toRate } from './storedRates';
import { storedTaxRates } from './storedTaxRates';
import type { TaxRounding } from './tax';
import { type Destination, NO_TAX_RATES, provinceFaultOf, type RateOfPlace, ratesByClass } from './taxPlace';

/** Where to, and by which option of the store's: its id, or null when the buyer has chosen none. */
export interface Shipping extends Places {
  optionId: string | null;
}

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
  discounts: StoredDiscount[] | null;
}

/**
 * A store's current pricing rules, by the database's clock, in one statement. Without a destination they have no shipping, and without a place no tax.
 * @param buyer see buyerKey; null while it is not known.
 */
export async function loadPricingRules(
  db: Db | Tx,
  tenantId: string,
  { destination, taxed, optionId }: Shipping,
  codes: CodesInUse | null,
  buyer: string | null,
): Promise<PricingRules> {
  const country = destination?.countryCode ?? null;
  const [row] = await db.$queryRaw<RulesRow[]>`
    SELECT
      COALESCE((SELECT prices_include_tax FROM tax_settings WHERE tenant_id = ${tenantId}), false) AS "pricesIncludeTax",
      COALESCE((SELECT rounding FROM tax_settings WHERE tenant_id = ${tenantId}), 'LINE') AS "taxRounding",
      (SELECT country_code FROM tax_settings WHERE tenant_id = ${tenantId}) AS "storeCountry",
      place AS "taxedPlace",
      ${storedTaxRates(tenantId, Prisma.sql`place->>'countryCode'`)} AS "taxRates",
      EXISTS (SELECT FROM shipping_rates WHERE tenant_id = ${tenantId}) AS "hasShippingRates",
      ${storedRates(tenantId, country)} AS "shippingRates",
      ${storedDiscounts(tenantId, codes, buyer)} AS discounts
    FROM ${placeToTax(tenantId, taxed, optionId)}`;
  if (!row) throw new Error('A SELECT from one row has one row');
  const discounts = (row.discounts ?? []).filter(({ unusable }) => unusable === null).map(toDiscount);
  const { taxedPlace: place } = row;
  const taxRates = row.taxRates ?? [];
  return {
    shippingRates: row.hasShippingRates ? ratesFor((row.shippingRates ?? []).map(toRate), destination) : null,
    shippingOptionId: optionId,
    hasDestination: destination !== null,
    countryCode: country,
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
const placeToTax = (tenantId: string, place: Destination | null, optionId: string | null) => Prisma.sql`
  (SELECT coalesce((SELECT pickup FROM shipping_rates WHERE tenant_id = ${tenantId} AND id = ${optionId}),
    ${place && JSON.stringify(place)}::jsonb) AS place) AS taxed`;
