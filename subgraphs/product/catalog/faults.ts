import { type UserError, UserErrors } from '../../shared/errors';
import type { Permission } from '../../shared/permissions';
import type { ProductErrorCode } from '../generated/resolvers';

/** What is wrong with a catalog mutation's input, and where. */
export type Fault = UserError<ProductErrorCode>;

export const invalid = (field: string[], expected: string): Fault => ({
  field,
  code: 'INVALID',
  message: `Expected ${expected}.`,
});

export const required = (field: string[], message = 'Must not be empty.'): Fault => ({
  field,
  code: 'REQUIRED',
  message,
});

export const taken = (field: string[], message: string): Fault => ({ field, code: 'TAKEN', message });

export const notFound = (field: string[], what: string): Fault => ({
  field,
  code: 'NOT_FOUND',
  message: `No such ${what}.`,
});

export const forbidden = (field: string[], permission: Permission): Fault => ({
  field,
  code: 'FORBIDDEN',
  message: `It takes the permission ${permission}.`,
});

export const inUse = (field: string[], message: string): Fault => ({ field, code: 'IN_USE', message });

/** In UTF-16 units, as JavaScript and most clients count. */
export function length(field: string[], text: string, min: number, max: number): Fault[] {
  if (!text.isWellFormed()) return [invalid(field, 'well-formed Unicode')];
  if (min > 0 && text === '') return [required(field)];
  return text.length > max ? [invalid(field, `at most ${max} characters`)] : [];
}

export function count(field: string[], list: readonly unknown[], min: number, max: number): Fault[] {
  if (list.length < min) return [required(field, `Expected at least ${min}.`)];
  return list.length > max ? [invalid(field, `at most ${max}`)] : [];
}

/** A fault at `name` of each entry whose value an entry before it has. */
export function repeats(field: string[], name: string, values: string[]): Fault[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [invalid([...field, String(index), name], 'another than those before it')];
    seen.add(value);
    return [];
  });
}

/** @throws UserErrors when there are any. */
export function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new UserErrors(...faults);
}
