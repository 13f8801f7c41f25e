/**
 * A text as it is kept, and so compared: without the white space around it, in Unicode's composed form (NFC). Keyboards and systems
 * differ in how they write "é", as one character or as an e and an accent, and nobody sees which.
 */
export const cleanText = (given: string): string => given.normalize('NFC').trim();

/** Unicode's Cc, but for what ends a line or indents it. PostgreSQL can't store NUL, and nobody types any of them. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n\r]/u;
const LINE_BREAK = /[\t\n\r\u2028\u2029]/;

/**
 * What a text has to be instead, as the end of the sentence "Expected …"; null when nothing is wrong with it. PostgreSQL keeps
 * well-formed Unicode only. @param lines whether it may have several.
 */
export function textFault(given: string, { lines }: { lines: boolean }): string | null {
  if (!given.isWellFormed()) return 'well-formed Unicode';
  if (CONTROL_CHARACTER.test(given)) return 'a text without control characters';
  return lines || !LINE_BREAK.test(given) ? null : 'a text in one line';
}
