import { z } from 'zod';
import { type UserError, UserErrors } from '../../shared/errors';

/** What every input's texts have in common: PostgreSQL keeps well-formed Unicode only, and white space around them is dropped. */
export const text = (max: number) =>
  z
    .string()
    .refine((given) => given.isWellFormed(), 'Expected well-formed Unicode.')
    .trim()
    .min(1, 'Must not be empty.')
    .max(max, `Expected at most ${max} characters.`);

type InputCode = 'REQUIRED' | 'INVALID';

/** @throws UserErrors with everything that is wrong with `input`, each with its place below the argument. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  argument = 'input',
): z.output<Schema> {
  const { data, error } = schema.safeParse(input);
  if (error) throw new UserErrors(...error.issues.map((issue) => toUserError(issue, argument)));
  return data as z.output<Schema>;
}

function toUserError(issue: z.core.$ZodIssue, argument: string): UserError<InputCode> {
  const isEmpty =
    issue.code === 'too_small' && issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array');
  return {
    field: [argument, ...issue.path.map(String)],
    message: issue.message,
    code: isEmpty ? 'REQUIRED' : 'INVALID',
  };
}
