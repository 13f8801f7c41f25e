import { mostPrecise, type ZoneLocation } from './shippingZones';
import type { Destination } from './taxPlace';

/** From how much on a rate has another price. */
interface ShippingTier {
  /** In minor units, grams or pieces. */
  from: bigint;
  /** Null where the rate is not offered any more. */
  price: bigint | null;
}

/** A place where buyers fetch what they bought. */
export interface PickupLocation {
  name: string;
  line1: string;
  line2?: string | null;
  city: string;
  province?: string | null;
  postalCode?: string | null;
  countryCode: string;
}

/** What shipping an order costs. Amounts are in minor units of `currencyCode`. */
export interface ShippingRate {
  id: string;
  name: string;
  /** Of its zone; empty for the rest of the world. Null for a pickup, which needs no address. */
  locations: readonly ZoneLocation[] | null;
  /** Where the buyer fetches it; null when it is sent. */
  pickup: PickupLocation | null;
  /** It is not offered for an order with one of these that is shipped. */
  excludedProductIds: readonly string[];
  currencyCode: string;
  /** Below the first tier. */
  price: bigint;
  /** What the tiers are by; null when there are none. */
  measure: 'SUBTOTAL' | 'WEIGHT' | 'QUANTITY' | null;
  /** By `from`, ascending. */
  tiers: readonly ShippingTier[];
  /** Shipping is free for lines that cost this much or more after discounts; null when it never is. */
  freeFrom: bigint | null;
  minDays: number | null;
  maxDays: number | null;
}

/** What is to be shipped. */
export interface Parcel {
  /** After discounts, in minor units. */
  worth: bigint;
  grams: bigint;
  quantity: bigint;
  productIds: ReadonlySet<string>;
}

/** A rate that the buyer can choose, with its price for their order. */
export interface ShippingOption {
  rate: ShippingRate;
  price: bigint;
}

/** Why it is not known how an order is shipped. */
export type ShippingFault = 'SHIPPING_UNAVAILABLE' | 'SHIPPING_OPTION_REQUIRED' | 'SHIPPING_OPTION_UNAVAILABLE';

export interface ShippingChoice {
  option: ShippingOption | null;
  fault: ShippingFault | null;
}

/** The rates for a destination, null while it is not known, and those of pickup. */
export function ratesFor(rates: readonly ShippingRate[], destination: Destination | null): ShippingRate[] {
  const zoned = rates.flatMap((rate) => (rate.locations === null ? [] : { rate, locations: rate.locations }));
  const sent = new Set(destination ? mostPrecise(zoned, destination).map(({ rate }) => rate) : []);
  return rates.filter((rate) => rate.pickup !== null || sent.has(rate));
}

/** What the buyer can choose from: the rates in the currency, the cheapest first, equals in the order of `rates`. */
export function shippingOptions(
  rates: readonly ShippingRate[],
  parcel: Parcel,
  currencyCode: string,
): ShippingOption[] {
  return rates
    .filter((rate) => rate.currencyCode === currencyCode)
    .flatMap((rate) => {
      const price = priceOf(rate, parcel);
      return price === null ? [] : [{ rate, price }];
    })
    .sort((one, other) => Number(one.price - other.price));
}

/** The highest price that a rate in the currency has for anything. */
export function dearestPrice(rates: readonly ShippingRate[], currencyCode: string): bigint {
  const prices = rates
    .filter((rate) => rate.currencyCode === currencyCode)
    .flatMap(({ price, tiers }) => [price, ...tiers.flatMap((tier) => tier.price ?? [])]);
  return prices.sort((one, other) => Number(other - one))[0] ?? 0n;
}

/** Null where the rate is not offered. */
function priceOf({ price, measure, tiers, freeFrom, excludedProductIds }: ShippingRate, parcel: Parcel): bigint | null {
  if (excludedProductIds.some((id) => parcel.productIds.has(id))) return null;
  const tier = measure && tiers.findLast(({ from }) => measured(parcel, measure) >= from);
  const byTier = tier ? tier.price : price;
  return byTier !== null && freeFrom !== null && parcel.worth >= freeFrom ? 0n : byTier;
}

function measured({ worth, grams, quantity }: Parcel, measure: NonNullable<ShippingRate['measure']>): bigint {
  return { SUBTOTAL: worth, WEIGHT: grams, QUANTITY: quantity }[measure];
}

/**
 * The option that the buyer chose; without a choice, the only one, unless it is a pickup. A choice that is not offered is never replaced by
 * another. Without a destination there is no fault but such a choice: what is sent needs an address first.
 */
export function chooseShipping(
  options: readonly ShippingOption[],
  chosenId: string | null,
  hasDestination: boolean,
): ShippingChoice {
  const chosen = options.find(({ rate }) => rate.id === chosenId);
  if (chosen) return { option: chosen, fault: null };
  if (hasDestination && options.length === 0) return { option: null, fault: 'SHIPPING_UNAVAILABLE' };
  if (chosenId !== null) return { option: null, fault: 'SHIPPING_OPTION_UNAVAILABLE' };
  if (!hasDestination) return { option: null, fault: null };
  const [first, ...others] = options;
  return first && others.length === 0 && first.rate.pickup === null
    ? { option: first, fault: null }
    : { option: null, fault: 'SHIPPING_OPTION_REQUIRED' };
}
