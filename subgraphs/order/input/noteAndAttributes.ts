import { z } from 'zod';
import { list, text } from '../../shared/inputReader';

const MAX_ATTRIBUTES = 20;

/** A buyer's message to the store. */
export const noteInput = text({ max: 5_000, lines: true }).nullable();

/** Keys and values that a storefront stores with a cart or an order. */
export const attributesInput = list(z.object({ key: text(64), value: text({ max: 255, lines: true }) }), {
  max: MAX_ATTRIBUTES,
}).refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'Expected each key once.');
