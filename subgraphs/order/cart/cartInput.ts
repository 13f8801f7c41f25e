import { z } from 'zod';
import { attributesInput, emailInput, noteInput, shippingAddressInput } from '../checkout/orderInput';
import { text } from '../input/readInput';

export const MAX_LINES = 200;
export const MAX_QUANTITY = 1_000_000;

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

const codes = z.array(text(64)).max(1, 'Expected one at most: an order takes one code.');

export const buyerIdentity = z.object({ email: emailInput.nullable() });
export const address = z.object({ shippingAddress: shippingAddressInput.nullable() });
export const noteUpdate = z.object({ note: noteInput });
export const attributesUpdate = z.object({ attributes: attributesInput });
export const discountCodesUpdate = z.object({ codes });

export const cartCreated = z.object({
  lines: newLines,
  email: emailInput.nullish(),
  shippingAddress: shippingAddressInput.nullish(),
  note: noteInput.optional(),
  attributes: attributesInput,
  discountCodes: codes,
});
