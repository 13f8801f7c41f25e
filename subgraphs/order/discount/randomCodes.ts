import { randomBytes } from 'node:crypto';

/** Crockford's base 32: without I, L, O and U, which are read as others or form words. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits: of 10,000 codes, one in 10^14 guesses is right. */
const LENGTH = 12;

/** Codes that can't be guessed, in upper case. */
export function randomCodes(count: number, prefix: string): string[] {
  const bytes = randomBytes(count * LENGTH);
  return Array.from({ length: count }, (_, n) => {
    const own = bytes.subarray(n * LENGTH, (n + 1) * LENGTH);
    return prefix + Array.from(own, (byte) => LETTERS[byte % LETTERS.length]).join('');
  });
}
