import { z } from 'zod';
import { cleanText, textFault } from '../../shared/typedText';

// The types of a product's values in a file. Whether a value of the right type is valid is decided by the fields' readers.

/** As an optional GraphQL input field: it may be null or omitted, which differ in meaning. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().exactOptional();

/** A text as it stands in the file, of which its reader knows what white space means in it. */
export const fileTextKept = z.string('Expected a text.').superRefine((given, context) => {
  const expected = textFault(given, { lines: true });
  if (expected !== null) context.addIssue({ code: 'custom', message: `Expected ${expected}.` });
});

/** A text as a client's is read. */
export const fileText = fileTextKept.overwrite(cleanText);
export const fileWhole = z.int('Expected a whole number.');
export const fileFlag = z.boolean('Expected true or false.');
export const fileMoment = z.iso.datetime({ offset: true, error: 'Expected a moment such as 2026-11-24T09:30:00Z.' });
export const fileMoney = z.strictObject(
  { amount: fileText, currencyCode: fileText },
  'Expected { amount, currencyCode }.',
);
export const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `Expected ${names.join(', ')}.`);
export const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry, 'Expected a list.');

/** A list of at most `max`. The entries of a longer one are not read: that would be as much work as it is long. */
export const boundedListOf = <Entry extends z.ZodType>(entry: Entry, max: number) =>
  z
    .array(z.unknown(), 'Expected a list.')
    .superRefine((given, context) => {
      if (given.length <= max) return;
      context.addIssue({ code: 'custom', message: `Expected at most ${max}.`, continue: false });
    })
    .pipe(z.array(entry));
