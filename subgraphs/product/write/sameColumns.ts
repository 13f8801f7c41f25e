/** Compares two rows by all of their columns, so that new columns are included. */
export const sameColumns = <Row extends object>(
  before: Row,
  after: Row,
  names = Object.keys(before) as (keyof Row)[],
): boolean => names.every((name) => sameValue(before[name], after[name]));

export function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}
