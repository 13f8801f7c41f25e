import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { MAX_STOCK } from '../../shared/limits';

/** A quantity from `min` to the most stock that a variant can have. */
export const quantity = (min: number) => {
  const message = `Expected ${min} to ${MAX_STOCK}.`;
  return z.number().min(min, message).max(MAX_STOCK, message);
};

/** Stored in the ledger. Inventory mutations have no code REQUIRED, so an empty reason is INVALID. */
export const reason = text({ max: 255, min: 0, lines: true }).refine(
  (given) => given !== '',
  'Expected 1 to 255 characters.',
);
