import { type UserError, UserErrors } from '../../shared/errors';
import type { InventoryErrorCode } from '../generated/resolvers';

/** Of one variant, on the shelf. */
export const MAX_STOCK = 1_000_000_000;

export type Fault = UserError<InventoryErrorCode>;

export const refused = (field: string, code: InventoryErrorCode, message: string) =>
  new UserErrors<InventoryErrorCode>({ field: ['input', field], code, message });

export const invalid = (field: string, expected: string): Fault => ({
  field: ['input', field],
  code: 'INVALID',
  message: `Expected ${expected}.`,
});

export const within = (field: string, value: number, least: number): Fault[] =>
  value >= least && value <= MAX_STOCK ? [] : [invalid(field, `${least} to ${MAX_STOCK}`)];

export const filled = (field: string, value: string): Fault[] =>
  value.trim() !== '' && value.length <= 255 ? [] : [invalid(field, '1 to 255 characters')];
