import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { countryCodeInput } from '../input/countryCode';

/** Of each list of a selection. */
const MAX_SELECTED = 250;
const MAX_QUANTITY = 1_000_000;

const each = (entry: z.ZodType<string, string>) =>
  list(entry, { max: MAX_SELECTED }).transform((entries) => [...new Set(entries)]);
const idOf = (prefix: string) =>
  text(255).refine((id) => id.startsWith(`${prefix}_`), `Expected an id that begins with ${prefix}_.`);

/** Which items, by their ids and tags. */
export const itemSelectionInput = z.object({
  productIds: each(idOf('prod')),
  variantIds: each(idOf('pvar')),
  categoryIds: each(idOf('cat')),
  tags: each(text(64)),
});

export const quantity = (least: 0 | 1, expected = `Expected ${least} to 1,000,000.`) =>
  z.int().min(least, expected).max(MAX_QUANTITY, expected);

export const buyXGetYInput = z.object({
  buys: itemSelectionInput,
  buysQuantity: quantity(1),
  getsQuantity: quantity(1),
  usesPerOrder: quantity(1)
    .nullish()
    .transform((uses) => uses ?? null),
});

export const freeShippingInput = z.object({
  countryCodes: list(countryCodeInput, { max: MAX_SELECTED }).transform((codes) => [...new Set(codes)].sort()),
});
