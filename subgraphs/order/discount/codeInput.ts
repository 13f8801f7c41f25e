import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { cleanText } from '../../shared/typedText';

/** Of one cart or order; one request may try no more, see codeAttempts.ts. */
export const MAX_CODES = 5;

/** A code as it is stored and compared, in upper case: "summer10" is "SUMMER10". */
export function codeKey(code: string): string {
  return cleanText(code).toUpperCase();
}

/** The codes that a buyer names for one cart or order, as they are stored, each once. */
export const discountCodesInput = list(text(64).transform(codeKey), { max: MAX_CODES }).transform((codes) => [
  ...new Set(codes),
]);

export const CODE_TAKEN = 'Another discount of this store has this code.';

/** A code of a store. */
export const codeInput = z
  .string()
  .transform(codeKey)
  .refine((code) => /^[\p{L}\p{N}_.%-]{1,64}$/u.test(code), 'Expected 1 to 64 letters, digits or any of _ . % -');
