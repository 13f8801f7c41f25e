import { minorDigits } from '../../../shared/currencies';

/** Currencies without decimals at Stripe. https://docs.stripe.com/currencies#zero-decimal */
const WITHOUT_DECIMALS = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** Currencies with three decimals at Stripe, the last of which has to be 0. https://docs.stripe.com/currencies#three-decimal */
const WITH_THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '));

/**
 * Converts minor units by ISO 4217 to Stripe's units, which differ for some currencies: Stripe has ISK and UGX in hundredths, and MGA in
 * whole units. Null when Stripe can't express the amount: it is never rounded.
 */
export function toStripeAmount(minorUnits: bigint, currencyCode: string): number | null {
  const more = stripeDigits(currencyCode) - minorDigits(currencyCode);
  const factor = 10n ** BigInt(Math.abs(more));
  if (more < 0 && minorUnits % factor !== 0n) return null;
  const amount = more < 0 ? minorUnits / factor : minorUnits * factor;
  if (WITH_THREE_DECIMALS.has(currencyCode) && amount % 10n !== 0n) return null;
  return amount <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(amount) : null;
}

/** The inverse of {@link toStripeAmount}. @throws RangeError for a part of a minor unit. */
export function fromStripeAmount(amount: number, currencyCode: string): bigint {
  const more = stripeDigits(currencyCode) - minorDigits(currencyCode);
  const factor = 10n ** BigInt(Math.abs(more));
  if (more > 0 && BigInt(amount) % factor !== 0n)
    throw new RangeError(`${amount} is no whole amount of ${currencyCode}`);
  return more > 0 ? BigInt(amount) / factor : BigInt(amount) * factor;
}

function stripeDigits(currencyCode: string): number {
  if (WITHOUT_DECIMALS.has(currencyCode)) return 0;
  return WITH_THREE_DECIMALS.has(currencyCode) ? 3 : 2;
}
