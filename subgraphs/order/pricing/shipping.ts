/** What shipping an order costs. Amounts are in minor units of `currencyCode`. */
export interface ShippingRate {
  id: string;
  name: string;
  /** ISO 3166-1 alpha-2; empty for every country. */
  countryCodes: readonly string[];
  currencyCode: string;
  price: bigint;
  /** Shipping is free for lines that cost this much or more after discounts; null when it never is. */
  freeFrom: bigint | null;
}

/** A rate that the buyer can choose, with its price for their order. */
export interface ShippingOption {
  rate: ShippingRate;
  price: bigint;
}

/** Why it is not known how an order is shipped. */
export type ShippingFault = 'SHIPPING_UNAVAILABLE' | 'SHIPPING_OPTION_REQUIRED' | 'SHIPPING_OPTION_UNAVAILABLE';

export type ShippingChoice = { option: ShippingOption; fault: null } | { option: null; fault: ShippingFault };

/** The rates that name the country; where none does, those for every country. */
export function ratesFor<Rate extends ShippingRate>(rates: readonly Rate[], countryCode: string): Rate[] {
  const naming = rates.filter(({ countryCodes }) => countryCodes.includes(countryCode));
  return naming.length > 0 ? naming : rates.filter(({ countryCodes }) => countryCodes.length === 0);
}

/** What the buyer of goods of this worth can choose from: the rates in the currency, the cheapest first, equals in the order of `rates`. */
export function shippingOptions(rates: readonly ShippingRate[], worth: bigint, currencyCode: string): ShippingOption[] {
  return rates
    .filter((rate) => rate.currencyCode === currencyCode)
    .map((rate) => ({ rate, price: rate.freeFrom !== null && worth >= rate.freeFrom ? 0n : rate.price }))
    .sort((one, other) => Number(one.price - other.price));
}

/** The option that the buyer chose; without a choice, the only one. A choice that is not offered is never replaced by another. */
export function chooseShipping(options: readonly ShippingOption[], chosenId: string | null): ShippingChoice {
  const [first, ...others] = options;
  if (!first) return { option: null, fault: 'SHIPPING_UNAVAILABLE' };
  if (chosenId === null) {
    return others.length === 0 ? { option: first, fault: null } : { option: null, fault: 'SHIPPING_OPTION_REQUIRED' };
  }
  const chosen = options.find(({ rate }) => rate.id === chosenId);
  return chosen ? { option: chosen, fault: null } : { option: null, fault: 'SHIPPING_OPTION_UNAVAILABLE' };
}
