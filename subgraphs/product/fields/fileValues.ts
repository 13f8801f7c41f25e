import { z } from 'zod';

// What a product's values are in a file: their form alone. What is wrong with a value of the right form, the fields' readers say.

/** As a GraphQL field without an exclamation mark: null, or left out, which are not the same. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().exactOptional();

/** PostgreSQL keeps no NUL, and JSON can write what is no Unicode. */
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');

export const fileText = z.string('Expected a text.').refine(isStorable, 'Expected well-formed Unicode without NUL.');
export const fileWhole = z.int('Expected a whole number.');
export const fileMoment = z.iso.datetime({ offset: true, error: 'Expected a moment such as 2026-11-24T09:30:00Z.' });
export const fileMoney = z.strictObject(
  { amount: fileText, currencyCode: fileText },
  'Expected { amount, currencyCode }.',
);
export const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `Expected ${names.join(', ')}.`);
export const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry, 'Expected a list.');
