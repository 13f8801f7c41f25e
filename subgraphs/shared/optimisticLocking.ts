import { notFound, staleVersion, UserErrors } from './userErrors';

/**
 * Optimistic locking: a client names the version that it has seen, and its change is refused when there is another by now. This is
 * the condition of such an update; none where the client named no version.
 */
export const atVersion = (expected: number | null | undefined) => (expected == null ? {} : { version: expected });

/**
 * What a conditional update changed, or why it changed nothing: there is no such row, or it is at another version than the client
 * has seen. @param what the object is called where there is none. @throws UserErrors | StaleVersion, which carries the row as it is.
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
