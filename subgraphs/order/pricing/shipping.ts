/** What shipping an order costs. Amounts are in minor units of `currencyCode`. */
export interface ShippingRate {
  name: string;
  /** ISO 3166-1 alpha-2; empty for every country. */
  countryCodes: readonly string[];
  currencyCode: string;
  price: bigint;
  /** Shipping is free for lines that cost this much or more after discounts; null when it never is. */
  freeFrom: bigint | null;
}

export interface ChosenShipping {
  rate: ShippingRate;
  price: bigint;
}

/** The rates that name the country; where none does, those for every country. */
export function ratesFor<Rate extends ShippingRate>(rates: readonly Rate[], countryCode: string): Rate[] {
  const naming = rates.filter(({ countryCodes }) => countryCodes.includes(countryCode));
  return naming.length > 0 ? naming : rates.filter(({ countryCodes }) => countryCodes.length === 0);
}

/** The cheapest rate for goods of this worth, the first among equals; null when none is in the currency. */
export function cheapestShipping(
  rates: readonly ShippingRate[],
  worth: bigint,
  currencyCode: string,
): ChosenShipping | null {
  return rates
    .filter((rate) => rate.currencyCode === currencyCode)
    .map((rate) => ({ rate, price: rate.freeFrom !== null && worth >= rate.freeFrom ? 0n : rate.price }))
    .reduce<ChosenShipping | null>((best, one) => (best && best.price <= one.price ? best : one), null);
}
