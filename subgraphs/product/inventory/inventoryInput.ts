import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { MAX_STOCK } from '../../shared/limits';

/** From `min` to as many as can be on the shelf. */
export const quantity = (min: number) => {
  const message = `Expected ${min} to ${MAX_STOCK}.`;
  return z.number().min(min, message).max(MAX_STOCK, message);
};

/** Kept in the ledger as it was given. Inventory mutations have no code REQUIRED: an empty one is INVALID, too. */
export const reason = text({ max: 255, min: 0, keepSpace: true }).refine(
  (given) => given.trim() !== '',
  'Expected 1 to 255 characters.',
);
