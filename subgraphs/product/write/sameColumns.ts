/** Of two rows of a table. Whatever column is new to it is compared as well. */
export const sameColumns = <Row extends object>(
  before: Row,
  after: Row,
  names = Object.keys(before) as (keyof Row)[],
): boolean => names.every((name) => sameValue(before[name], after[name]));

export function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}
