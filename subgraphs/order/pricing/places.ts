import type { Addresses } from '../input/addresses';
import type { Destination } from './taxPlace';

/** The places that an order's price depends on. */
export interface Places {
  /** Where it is sent to; null while that is not known. */
  destination: Destination | null;
  /** Where it is taxed, unless the buyer fetches it, with the VAT id of whom it is billed to; null while that is not known. */
  taxed: Destination | null;
}

/** Taxed is where it is sent or, when nothing of it is, where it is billed to. */
export function placesOf(
  { shippingAddress, billingAddress }: Addresses,
  lines: readonly { requiresShipping?: boolean | undefined }[],
): Places {
  const billing = billingAddress ?? shippingAddress;
  const isSent = lines.some(({ requiresShipping = true }) => requiresShipping);
  const place = shippingAddress ?? (isSent ? null : billing);
  return { destination: shippingAddress && placeOf(shippingAddress), taxed: place && taxedIn(placeOf(place), billing) };
}

const placeOf = ({ countryCode, province, postalCode }: Destination): Destination => ({
  countryCode,
  province: province ?? null,
  postalCode: postalCode ?? null,
});

const taxedIn = (place: Destination, billing: Pick<Destination, 'vatId'> | null): Destination => ({
  ...place,
  vatId: billing?.vatId ?? null,
});

/** As if it were sent to another place. */
export const movedTo = (destination: Destination, { taxed }: Places): Places => ({
  destination,
  taxed: taxedIn(destination, taxed),
});
