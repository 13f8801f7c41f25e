import type { Db, Tx } from '../database';
import { type CheckoutHookKind, type CheckoutHookUnavailable, Prisma } from '../generated/prisma/client';
import { isReverseCharge } from '../input/vatId';
import type { Places } from './places';
import type { PricingRules } from './pricing';
import { ratesFor, type ShippingRate } from './shipping';
import { type CodesInUse, type StoredDiscount, storedDiscounts, toDiscount } from './storedDiscounts';
import { type StoredRate, storedRates, toRate } from './storedRates';
import { storedTaxRates } from './storedTaxRates';
import type { TaxRounding } from './tax';
import { type Destination, NO_TAX_RATES, provinceFaultOf, type RateOfPlace, ratesByClass } from './taxPlace';

/** Where to, and by which option of the store's: its id, or null when the buyer has chosen none. */
export interface Shipping extends Places {
  optionId: string | null;
}

/** A store's checkout hook that is switched on. */
export interface ActiveHook {
  id: string;
  kind: CheckoutHookKind;
  version: number;
  whenUnavailable: CheckoutHookUnavailable;
}

/** The rules before the store's hooks are asked, and what they are asked with: see checkoutHook/applyHooks.ts. */
export interface LoadedRules extends PricingRules {
  hooks: ActiveHook[];
  /** The rates for the address that are offered only while a hook does not answer. */
  fallbackRates: ShippingRate[];
  destination: Destination | null;
  /** Where it is taxed; null while it is not known. */
  taxedPlace: Destination | null;
  storeCountry: string | null;
}

interface RulesRow {
  hooks: ActiveHook[] | null;
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
): Promise<LoadedRules> {
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
      ${storedDiscounts(tenantId, codes, buyer)} AS discounts,
      (SELECT jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'version', version, 'whenUnavailable', when_unavailable))
       FROM checkout_hooks WHERE tenant_id = ${tenantId} AND is_active) AS hooks
    FROM ${placeToTax(tenantId, taxed, optionId)}`;
  if (!row) throw new Error('A SELECT from one row has one row');
  const discounts = (row.discounts ?? []).filter(({ unusable }) => unusable === null).map(toDiscount);
  const { taxedPlace: place } = row;
  const taxRates = row.taxRates ?? [];
  const rates = (isFallback: boolean) =>
    ratesFor((row.shippingRates ?? []).filter((rate) => rate.isFallback === isFallback).map(toRate), destination);
  return {
    hooks: row.hooks ?? [],
    fallbackRates: rates(true),
    destination,
    taxedPlace: place,
    storeCountry: row.storeCountry,
    askedTaxes: null,
    isTaxUnavailable: false,
    shippingRates: row.hasShippingRates ? rates(false) : null,
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
