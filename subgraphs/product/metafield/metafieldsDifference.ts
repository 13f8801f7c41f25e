import type { MetafieldInput, MetafieldNameInput } from '../generated/resolvers';

/** What becomes different of an owner's metafields. */
export interface MetafieldsDifference {
  gone: readonly MetafieldNameInput[];
  /** Those that are new, and those that take the place of the one with their name. */
  written: readonly MetafieldInput[];
}

const nameOf = ({ namespace, key }: MetafieldNameInput): string => `${namespace}.${key}`;

/** @param wanted all that there are to be. @returns null when these are there already. */
export function metafieldsDifference(
  before: readonly MetafieldInput[],
  wanted: readonly MetafieldInput[],
): MetafieldsDifference | null {
  const asText = ({ type, value, isPublic }: MetafieldInput) => JSON.stringify([type, value, isPublic]);
  const stored = new Map(before.map((metafield) => [nameOf(metafield), asText(metafield)]));
  const names = new Set(wanted.map(nameOf));
  const gone = before.filter((metafield) => !names.has(nameOf(metafield)));
  const written = wanted.filter((metafield) => stored.get(nameOf(metafield)) !== asText(metafield));
  return gone.length > 0 || written.length > 0 ? { gone, written } : null;
}

/** What there is to be when some are added or replaced, and others taken away: those that are given first, so that faults name their places. */
export function mergedMetafields(
  before: readonly MetafieldInput[],
  given: readonly MetafieldInput[],
  toDelete: readonly MetafieldNameInput[] = [],
): MetafieldInput[] {
  const named = new Set([...given, ...toDelete].map(nameOf));
  return [...given, ...before.filter((metafield) => !named.has(nameOf(metafield)))];
}
