import { z } from 'zod';
import { list, text } from '../../shared/inputReader';

const MAX_ATTRIBUTES = 20;

/** What a buyer writes to the store. */
export const noteInput = text(5_000).nullable();

/** What a storefront keeps with a cart or an order. */
export const attributesInput = list(z.object({ key: text(64), value: text(255) }), { max: MAX_ATTRIBUTES }).refine(
  (all) => new Set(all.map(({ key }) => key)).size === all.length,
  'Expected each key once.',
);
