import type { z } from 'zod';
import { idempotencyKeyFaults } from '../../shared/idempotency';
import { checkInput } from '../../shared/inputReader';
import { UserErrors } from '../../shared/userErrors';

/** What `input` says. @throws UserErrors with everything that is wrong with it, and with its idempotency key where it has one. */
export function readWithKey<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  key: string | null | undefined,
): z.output<Schema> {
  const { data, faults } = checkInput(schema, input);
  const all = [...faults, ...(key == null ? [] : idempotencyKeyFaults(key))];
  if (all.length > 0) throw new UserErrors(...all);
  return data as z.output<Schema>;
}
