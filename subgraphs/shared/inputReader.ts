import { z } from 'zod';
import { cleanText, textFault } from './typedText';
import { type UserError, UserErrors } from './userErrors';

interface TextOptions {
  /** In UTF-16 units, as JavaScript and most clients count. */
  max: number;
  /** 1 when not given: an empty one is REQUIRED. */
  min?: 0 | 1;
  /** Whether it may have several lines. */
  lines?: boolean;
}

/** A text of an input, clean: see {@link cleanText}. */
export function text(options: number | TextOptions) {
  const { max, min = 1, lines = false } = typeof options === 'number' ? { max: options } : options;
  return z
    .string()
    .overwrite(cleanText)
    .superRefine((given, context) => {
      const expected = textFault(given, { lines });
      if (expected !== null) context.addIssue({ code: 'custom', message: `Expected ${expected}.`, continue: false });
    })
    .min(min, 'Must not be empty.')
    .max(max, `Expected at most ${max} characters.`);
}

/** A field that may be left out, and then stays as it is, but that can't be taken away: null is REQUIRED. */
export const notNull = <Schema extends z.ZodType>(schema: Schema, message = 'Can’t be taken away.') =>
  z
    .unknown()
    .refine((given): boolean => given !== null, { message, params: { code: 'REQUIRED' }, abort: true })
    .pipe(schema)
    .optional();

/**
 * A list, each of whose entries is read by `entry`. What is too long is not looked at any further: that would be as much work as the
 * list is long. @param tooLong the code of a list that is; INVALID when not given.
 */
export function list<Entry extends z.ZodType>(
  entry: Entry,
  { min = 0, max, tooLong = 'INVALID' }: { min?: number; max: number; tooLong?: string },
) {
  const short = z.array(z.unknown()).superRefine((given, context) => {
    if (given.length > max) {
      const message = `Expected at most ${max}.`;
      context.addIssue({ code: 'custom', message, params: { code: tooLong }, continue: false });
    }
    if (given.length < min) {
      const message = `Expected at least ${min}.`;
      context.addIssue({ code: 'custom', message, params: { code: 'REQUIRED' }, continue: false });
    }
  });
  return short.pipe(z.array(entry));
}

/** What was read: either the data, or what is wrong with it. */
export type ReadInput<Output, Code extends string> =
  | { data: Output; faults: [] }
  | { data: null; faults: [UserError<Code>, ...UserError<Code>[]] };

/**
 * Everything that is wrong with `input`, each with its place below `at`, for a caller that adds what else is wrong before it
 * refuses. The code is INVALID; REQUIRED for an empty text or list where one is needed; or what a check names in `params`:
 * `.refine(fits, { message, params: { code: 'TAKEN' } })`.
 */
export function checkInput<Schema extends z.ZodType, Code extends string = 'REQUIRED' | 'INVALID'>(
  schema: Schema,
  input: unknown,
  at: string[] = ['input'],
): ReadInput<z.output<Schema>, Code> {
  const { data, error } = schema.safeParse(input);
  const [first, ...others] = (error?.issues ?? []).map((issue) => toUserError<Code>(issue, at));
  return first ? { data: null, faults: [first, ...others] } : { data: data as z.output<Schema>, faults: [] };
}

/** What `input` says. @throws UserErrors with everything that is wrong with it, see {@link checkInput}. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  at: string[] = ['input'],
): z.output<Schema> {
  const { data, faults } = checkInput<Schema>(schema, input, at);
  if (faults.length > 0) throw new UserErrors(...faults);
  return data as z.output<Schema>;
}

const toUserError = <Code extends string>(issue: z.core.$ZodIssue, at: string[]): UserError<Code> => ({
  field: [...at, ...issue.path.map(String)],
  message: issue.message,
  code: codeOf(issue) as Code,
});

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom' && typeof issue.params?.code === 'string') return issue.params.code;
  const isEmpty =
    issue.code === 'too_small' && issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array');
  return isEmpty ? 'REQUIRED' : 'INVALID';
}
