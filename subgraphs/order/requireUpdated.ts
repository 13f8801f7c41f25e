import { StaleVersion, UserErrors } from '../shared/errors';

/**
 * What a conditional update changed, or why it changed nothing: there is no such row, or it is at another version than the
 * client has seen. @throws UserErrors | StaleVersion, which carries the row as it is.
 */
export async function requireUpdated<Row extends { version: number }>(
  [changed]: Row[],
  find: () => PromiseLike<Row | null>,
): Promise<Row> {
  if (changed) return changed;
  const current = await find();
  if (!current) throw notFound();
  throw staleVersion(current);
}

export const staleVersion = (current: { version: number }) =>
  new StaleVersion(current, {
    field: ['input', 'expectedVersion'],
    code: 'STALE_VERSION',
    message: `It is at version ${current.version}: look at what has changed, and send it again.`,
  });

export const notFound = () =>
  new UserErrors({ field: ['id'], code: 'NOT_FOUND', message: 'The store has no such object.' });

/** The condition of an update: none where the client named no version. */
export const atVersion = (expected: number | null | undefined) => (expected == null ? {} : { version: expected });

/** The fields that a client gave: Prisma refuses undefined, and what was left out stays as it is. */
export function omitUndefined<Input extends object>(
  input: Input,
): { [Key in keyof Input]: Exclude<Input[Key], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
}
