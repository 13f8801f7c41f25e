import type { MetafieldInput, MetafieldNameInput } from '../generated/resolvers';
import { cleanMetafield } from './metafieldInput';

/** How an owner's metafields change. */
export interface MetafieldsDifference {
  gone: readonly MetafieldNameInput[];
  /** Added and replaced metafields. */
  written: readonly MetafieldInput[];
}

const nameOf = ({ namespace, key }: MetafieldNameInput): string => `${namespace}.${key}`;

/** @param given all metafields after the change. @returns null when nothing changes. */
export function metafieldsDifference(
  before: readonly MetafieldInput[],
  given: readonly MetafieldInput[],
): MetafieldsDifference | null {
  const wanted = given.map(cleanMetafield);
  const asText = ({ type, value, isPublic }: MetafieldInput) => JSON.stringify([type, value, isPublic]);
  const stored = new Map(before.map((metafield) => [nameOf(metafield), asText(metafield)]));
  const names = new Set(wanted.map(nameOf));
  const gone = before.filter((metafield) => !names.has(nameOf(metafield)));
  const written = wanted.filter((metafield) => stored.get(nameOf(metafield)) !== asText(metafield));
  return gone.length > 0 || written.length > 0 ? { gone, written } : null;
}

/** All metafields after adding, replacing and deleting. The given ones come first, so that errors name their index in the input. */
export function mergedMetafields(
  before: readonly MetafieldInput[],
  given: readonly MetafieldInput[],
  toDelete: readonly MetafieldNameInput[] = [],
): MetafieldInput[] {
  const named = new Set([...given, ...toDelete].map(nameOf));
  return [...given, ...before.filter((metafield) => !named.has(nameOf(metafield)))];
}
