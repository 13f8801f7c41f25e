import { createHash } from 'node:crypto';
import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { MAX_QUANTITY } from '../../shared/limits';
import { attributesInput } from './noteAndAttributes';

/** @param min 0 where a quantity of 0 removes the line. */
export function quantityInput(min: 0 | 1) {
  const expected = `Expected ${min} to ${MAX_QUANTITY}.`;
  return z.int().min(min, expected).max(MAX_QUANTITY, expected);
}

/** A quantity of one item of an order. */
export const itemLineInput = z.object({ itemId: text(255), quantity: quantityInput(1) });

/** A quantity of one variant. */
export const variantLineInput = z.object({
  variantId: text(255),
  quantity: quantityInput(1),
  attributes: attributesInput.nullish(),
});

type Attributes = z.output<typeof attributesInput>;

/** The same text for the same attributes, in any order; empty without any. */
export function attributesKey(attributes: Attributes | null | undefined): string {
  if (!attributes || attributes.length === 0) return '';
  const pairs = attributes.map(({ key, value }) => JSON.stringify([key, value])).sort();
  return createHash('sha256').update(pairs.join()).digest('hex');
}
