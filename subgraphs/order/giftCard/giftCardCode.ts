import { createHash, randomBytes } from 'node:crypto';

/** Without 0, O, 1 and I, which are hard to tell apart in print. 32 letters: five bits each. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 16;

/** A new code of 80 random bits, as it is printed: ABCD-EFGH-JKLM-NPQR. */
export function newGiftCardCode(): string {
  const letters = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

/** A code as it is compared: however its letters and groups were typed. */
export const codeKeyOf = (code: string): string =>
  code
    .normalize('NFKC')
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase();

/**
 * What is stored of a code. A plain hash is enough: nobody tries 2^80 codes. A keyed one would make all cards worthless with the key's
 * rotation.
 */
export const hashOfCode = (tenantId: string, code: string): string =>
  createHash('sha256')
    .update(JSON.stringify([tenantId, codeKeyOf(code)]))
    .digest('hex');

export const lastCharactersOf = (code: string): string => codeKeyOf(code).slice(-4);
