import { z } from 'zod';
import { emailInput, shippingAddressInput } from '../checkout/orderInput';
import { text } from '../readInput';

export const MAX_LINES = 200;
export const MAX_QUANTITY = 1_000_000;
const MAX_ATTRIBUTES = 20;

const quantity = (least: number) => {
  const expected = `Expected ${least} to ${MAX_QUANTITY}.`;
  return z.int().min(least, expected).max(MAX_QUANTITY, expected);
};
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, 'Expected at least 1.').max(MAX_LINES, `Expected at most ${MAX_LINES}.`);

export const newLines = z
  .array(z.object({ variantId: text(255), quantity: quantity(1) }))
  .max(MAX_LINES, `Expected at most ${MAX_LINES}.`);
export const linesAdd = z.object({ lines: listOf(z.object({ variantId: text(255), quantity: quantity(1) })) });
/** No more of a line, or none: 0 takes it out. */
export const linesUpdate = z.object({ lines: listOf(z.object({ id: z.string(), quantity: quantity(0) })) });
export const linesRemove = z.object({ lineIds: listOf(z.string()) });

const note = text(5_000).nullable();
const attributes = z
  .array(z.object({ key: text(64), value: text(255) }))
  .max(MAX_ATTRIBUTES, `Expected at most ${MAX_ATTRIBUTES}.`)
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'Expected each key once.');
const codes = z.array(text(64)).max(1, 'Expected one at most: an order takes one code.');

export const buyerIdentity = z.object({ email: emailInput.nullable() });
export const address = z.object({ shippingAddress: shippingAddressInput.nullable() });
export const noteUpdate = z.object({ note });
export const attributesUpdate = z.object({ attributes });
export const discountCodesUpdate = z.object({ codes });

export const cartCreated = z.object({
  lines: newLines,
  email: emailInput.nullish(),
  shippingAddress: shippingAddressInput.nullish(),
  note: note.optional(),
  attributes,
  discountCodes: codes,
});
