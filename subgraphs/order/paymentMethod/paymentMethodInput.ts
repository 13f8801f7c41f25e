import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { type Money, parseMoney } from '../../shared/money';
import { invalid, UserErrors } from '../../shared/userErrors';
import type { PaymentMethod, PaymentMethodKind } from '../generated/prisma/client';
import type { MoneyInput } from '../generated/resolvers';
import { countryCodeInput } from '../input/countryCode';
import { PROVIDER_OF } from './methodKinds';

/** Enough for every country: there are some 250. */
const MAX_CODES = 250;
const MAX_HOLD_HOURS = 8_760;

const sorted = (codes: string[]) => [...new Set(codes)].sort();

export const methodFields = {
  name: text(64),
  instructions: text({ max: 2_000, min: 0, lines: true })
    .transform((given) => given || null)
    .nullish(),
  countryCodes: list(countryCodeInput, { max: MAX_CODES }).transform(sorted),
  // Read by its scalar.
  currencyCodes: list(z.string(), { max: MAX_CODES }).transform(sorted),
  holdHours: z
    .int()
    .min(1, `Expected 1 to ${MAX_HOLD_HOURS}.`)
    .max(MAX_HOLD_HOURS, `Expected 1 to ${MAX_HOLD_HOURS}.`)
    .nullish(),
};

type Totals = Pick<PaymentMethod, 'minimumTotalAmount' | 'maximumTotalAmount' | 'totalCurrencyCode'>;

/** @returns undefined for a field that is left out. @throws GraphQLError BAD_USER_INPUT */
export const readTotal = (given: MoneyInput | null | undefined, name: string): Money | null | undefined =>
  given && parseMoney(given, `input.${name}`);

/** The columns of both limits. @throws UserErrors */
export function totalColumns(minimum: Money | null, maximum: Money | null, currencyCodes: string[]): Totals {
  const at = (name: string, ...rest: string[]) => ['input', name, ...rest];
  const totalCurrencyCode = minimum?.currencyCode ?? maximum?.currencyCode ?? null;
  if (minimum && maximum && minimum.currencyCode !== maximum.currencyCode) {
    throw new UserErrors(
      invalid(at('maximumTotal', 'currencyCode'), `the currency of the minimum: ${totalCurrencyCode}`),
    );
  }
  if (minimum && maximum && maximum.minorUnits < minimum.minorUnits) {
    throw new UserErrors(invalid(at('maximumTotal'), 'at least the minimum'));
  }
  if (totalCurrencyCode !== null && currencyCodes.length > 0 && !currencyCodes.includes(totalCurrencyCode)) {
    throw new UserErrors(
      invalid(at(minimum ? 'minimumTotal' : 'maximumTotal', 'currencyCode'), 'one of currencyCodes'),
    );
  }
  return {
    minimumTotalAmount: minimum?.minorUnits ?? null,
    maximumTotalAmount: maximum?.minorUnits ?? null,
    totalCurrencyCode,
  };
}

/** Only goods that are paid for later are held. @throws UserErrors */
export function checkHold(kind: PaymentMethodKind, holdHours: number | null | undefined): void {
  if (holdHours == null || PROVIDER_OF[kind] === 'OFFLINE') return;
  throw new UserErrors(invalid(['input', 'holdHours'], 'null: the provider decides at once'));
}
