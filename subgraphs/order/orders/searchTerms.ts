import { readableEmail } from '../../shared/email';
import { badUserInput } from '../../shared/errors';

const MAX_TERM_LENGTH = 64;
const MAX_QUERY_LENGTH = 200;
const MAX_WORDS = 8;
/** Sorts behind every other character. */
const LAST_CHARACTER = '\u{10FFFF}';

const splitWords = (text: string) => text.normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);

/**
 * The search terms of an order or a customer: each word of its texts, and each suffix of a word that begins after a punctuation mark:
 * "ada@example.com" has the terms "ada@example.com", "example.com" and "com". An address whose domain
 * is kept in ASCII is also found by the letters of its language. A search matches prefixes of terms.
 */
export function searchTerms(texts: readonly (string | null | undefined)[]): string[] {
  const terms = new Set<string>();
  const words = texts.flatMap((text) => splitWords(text ?? ''));
  for (const word of words.flatMap((word) => [word, readableEmail(word)])) {
    terms.add(truncate(word));
    for (const { index } of word.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) terms.add(truncate(word.slice(index)));
  }
  return [...terms];
}

/**
 * The conditions of a search query, all of which must hold: for each word, a term that begins with it. Ranges and not LIKE, for
 * two reasons: row-level security keeps LIKE from using an index, because it is not a leakproof operator; and in a range % and _ have no special
 * meaning. @throws GraphQLError BAD_USER_INPUT
 */
export function searchConditions(query: string): { gte: string; lt: string }[] {
  if (query.length > MAX_QUERY_LENGTH || query.includes('\u0000') || !query.isWellFormed()) {
    throw badUserInput('query', `at most ${MAX_QUERY_LENGTH} characters`);
  }
  // "#1004" is a common way to write an order's number, even if the store's prefix is different.
  const words = [...new Set(splitWords(query).map((word) => truncate(word.replace(/^#(?=\d)/, ''))))];
  if (words.length > MAX_WORDS) throw badUserInput('query', `at most ${MAX_WORDS} words`);
  return words.map((word) => ({ gte: word, lt: word + LAST_CHARACTER }));
}

const truncate = (term: string) => [...term].slice(0, MAX_TERM_LENGTH).join('');
