import { provinceCode } from '../input/province';
import type { LineToPrice } from '../pricing/pricing';
import type { Destination } from '../pricing/taxPlace';

/** A line that hooks are asked about. */
export interface AskedLine extends LineToPrice {
  variantId: string;
  sku: string;
  /** Where `unitPrice` and `quantity` are of the whole line after discounts: what it was bought at. */
  bought?: { unitPrice: bigint; quantity: number; subtotal: bigint; discount: bigint };
}

/** What hooks are asked about, by a store's rules. */
export interface Basket {
  /** In one currency, in the order of the cart. */
  lines: readonly AskedLine[];
  currencyCode: string;
}

/** No more of an address than shipping and tax depend on. */
export const placeAsked = ({ countryCode, province, postalCode }: Destination) => ({
  countryCode,
  province: provinceCode(countryCode, province) ?? province ?? null,
  postalCode: postalCode ?? null,
});
