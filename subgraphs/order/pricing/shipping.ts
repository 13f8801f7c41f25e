/** What it costs to send an order somewhere. Amounts are in minor units of `currencyCode`. */
export interface ShippingRate {
  name: string;
  /** ISO 3166-1 alpha-2; empty for every country. */
  countryCodes: readonly string[];
  currencyCode: string;
  price: bigint;
  /** What the lines must come to, after discounts, for it to cost nothing; null when it always costs. */
  freeFrom: bigint | null;
}

export interface ChosenShipping {
  rate: ShippingRate;
  price: bigint;
}

/** The rates that name the country or, where none does, those for every country. */
export function ratesFor<Rate extends ShippingRate>(rates: readonly Rate[], countryCode: string): Rate[] {
  const naming = rates.filter(({ countryCodes }) => countryCodes.includes(countryCode));
  return naming.length > 0 ? naming : rates.filter(({ countryCodes }) => countryCodes.length === 0);
}

/** The cheapest for goods of this worth, the first of equals; null when none is in the currency. */
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
