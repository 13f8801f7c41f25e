import { z } from 'zod';
import { minorDigits } from '../../shared/currencies';
import { MAX_MINOR_UNITS } from '../../shared/limits';

/** Money in an answer: in the question's currency, zero or more, as a text. It is read as minor units, as a text that JSON can keep. */
export function answeredMoney(currencyCode: string) {
  return z
    .object({ amount: answeredAmount(currencyCode), currencyCode: z.literal(currencyCode) })
    .transform(({ amount }) => amount);
}

/** As {@link answeredMoney}, of an amount without its currency. */
export function answeredAmount(currencyCode: string) {
  const digits = minorDigits(currencyCode);
  const decimal = digits === 0 ? /^(\d{1,15})$/ : new RegExp(`^(\\d{1,15})(?:\\.(\\d{1,${digits}}))?$`);
  return z
    .string()
    .regex(decimal)
    .transform((text) => {
      const [, whole = '', decimals = ''] = decimal.exec(text) ?? [];
      return BigInt(whole + decimals.padEnd(digits, '0'));
    })
    .refine((minorUnits) => minorUnits <= MAX_MINOR_UNITS)
    .transform(String);
}
