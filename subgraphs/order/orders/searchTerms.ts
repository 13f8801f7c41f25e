import { badUserInput } from '../../shared/errors';

const MAX_TERM = 64;
const MAX_QUERY = 200;
const MAX_WORDS = 8;
/** What a database sorts behind every other character. */
const LAST_CHARACTER = '\u{10FFFF}';

const words = (text: string) => text.normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);

/**
 * What something is found by whose texts these are: each word as it is written, and what is left of it behind each of its
 * signs. "ada@example.com" is found by its beginning, by "example.com" and by "com".
 */
export function searchTerms(texts: readonly (string | null | undefined)[]): string[] {
  const terms = new Set<string>();
  for (const word of texts.flatMap((text) => words(text ?? ''))) {
    terms.add(cut(word));
    for (const { index } of word.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) terms.add(cut(word.slice(index)));
  }
  return [...terms];
}

/**
 * A search box's text as conditions that must all hold: a term begins with each of its words, character by character, so
 * that % and _ stand for themselves. Ranges and not LIKE: row-level security keeps the latter from using an index, because
 * it is not leakproof. @throws GraphQLError BAD_USER_INPUT
 */
export function termConditions(query: string): { gte: string; lt: string }[] {
  if (query.length > MAX_QUERY || query.includes('\u0000') || !query.isWellFormed()) {
    throw badUserInput('query', `at most ${MAX_QUERY} characters`);
  }
  // "#1004" is how an order is spoken of.
  const asked = [...new Set(words(query).map((word) => cut(word.replace(/^#(?=\d)/, ''))))];
  if (asked.length > MAX_WORDS) throw badUserInput('query', `at most ${MAX_WORDS} words`);
  return asked.map((word) => ({ gte: word, lt: word + LAST_CHARACTER }));
}

const cut = (term: string) => [...term].slice(0, MAX_TERM).join('');
