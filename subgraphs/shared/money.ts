import { isCurrencyCode, minorDigits } from './currencies';
import { badUserInput } from './errors';
import { MAX_MINOR_UNITS } from './limits';

/** An amount of money in minor units (cents, yen, fils) of an ISO 4217 currency. */
export interface Money {
  minorUnits: bigint;
  currencyCode: string;
}

/** Parses "150.00" USD to 15000n. @throws GraphQLError BAD_USER_INPUT naming `field`, unless it is a non-negative decimal within the limits. */
export function parseMoney(input: { amount: string; currencyCode: string }, field: string): Money {
  const { amount, currencyCode } = input;
  if (!isCurrencyCode(currencyCode)) throw badUserInput(`${field}.currencyCode`, 'an ISO 4217 code such as USD');
  const digits = minorDigits(currencyCode);
  const expected = `a decimal of zero or more with at most ${digits} digits after the point, such as "${(10).toFixed(digits)}"`;
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(amount);
  if (!match || (match[2]?.length ?? 0) > digits) throw badUserInput(`${field}.amount`, expected);
  const minorUnits = BigInt(`${match[1]}${(match[2] ?? '').padEnd(digits, '0')}`);
  if (minorUnits > MAX_MINOR_UNITS) throw badUserInput(`${field}.amount`, 'a smaller amount');
  return { minorUnits, currencyCode };
}

/** Formats 15000n USD as the SDL's Money: { amount: "150.00", currencyCode: "USD" }. */
export function formatMoney({ minorUnits, currencyCode }: Money): { amount: string; currencyCode: string } {
  const digits = minorDigits(currencyCode);
  const text = minorUnits.toString().padStart(digits + 1, '0');
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return { amount, currencyCode };
}
