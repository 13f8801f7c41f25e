import { notFound, staleVersion, UserErrors } from './userErrors';

/**
 * Optimistic locking: the client names the version that it has read, and its change is refused when the object has another one by now.
 * This is the condition of such an update; empty when the client named no version.
 */
export const atVersion = (expected: number | null | undefined) => (expected == null ? {} : { version: expected });

/**
 * Returns the row that a conditional update changed, or throws the reason why it changed none: the row does not exist, or has another
 * version than the client has read. @param what the object's name in the message. @throws UserErrors | StaleVersion with the current row.
 */
export async function requireUpdated<Row extends { version: number }>(
  [changed]: Row[],
  find: () => PromiseLike<Row | null>,
  what: string,
): Promise<Row> {
  if (changed) return changed;
  const current = await find();
  if (!current) throw new UserErrors(notFound(what));
  throw staleVersion(current);
}
