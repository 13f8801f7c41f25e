import { z } from 'zod';

const PERCENT = /^(\d{1,3})(?:\.(\d{1,4})0*)?$/;
const DIGITS = 4;
const WHOLE = 1_000_000;

/** A percentage with up to four decimals, such as 8.875, as ten-thousandths of a percent. */
export const taxPercentInput = z
  .string()
  .transform((text) => {
    const [, whole = '', decimals = ''] = PERCENT.exec(text) ?? [];
    return whole === '' ? Number.NaN : Number(whole + decimals.padEnd(DIGITS, '0'));
  })
  .refine((rate) => rate <= WHOLE, 'Expected a percentage from 0 to 100 with up to four decimals, such as "8.875".');

/** As {@link taxPercentInput} reads it, without zeros at the end. */
export function formatTaxPercent(rate: number): string {
  const digits = String(rate).padStart(DIGITS + 1, '0');
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`.replace(/\.?0+$/, '');
}
