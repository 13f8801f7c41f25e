import { checkInput, text } from '../../shared/inputReader';
import { invalid, required, type UserError } from '../../shared/userErrors';
import type { UserErrorCode } from '../generated/resolvers';

/** What is wrong with a catalog mutation's input, and at which path. */
export type Fault = UserError<UserErrorCode>;

/** @param lines whether it may have several. */
export const length = (field: string[], given: string, min: 0 | 1, max: number, lines = false): Fault[] =>
  checkInput(text({ min, max, lines }), given, field).faults;

export function count(field: string[], list: readonly unknown[], min: number, max: number): Fault[] {
  if (list.length < min) return [required(field, `Expected at least ${min}.`)];
  return list.length > max ? [invalid(field, `at most ${max}`)] : [];
}

/** Whether one of count's lists is too long to be checked any further. */
export const hasTooMany = (counted: Fault[]): boolean => counted.some(({ code }) => code === 'INVALID');

/** An error at each entry that repeats the value of an earlier one. @param within the path of the value in its entry. */
export function repeats(field: string[], values: string[], ...within: string[]): Fault[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [invalid([...field, String(index), ...within], 'another than those before it')];
    seen.add(value);
    return [];
  });
}
