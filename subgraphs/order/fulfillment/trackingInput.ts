import { z } from 'zod';
import { text } from '../input/readInput';

const MAX_LINES = 200;
const MAX_QUANTITY = 1_000_000;

/** Where a parcel is to be followed. An address that a browser opens: nothing but https. */
export const trackingInput = z.object({
  number: text(255).nullish(),
  company: text(255).nullish(),
  url: text(2_000)
    .refine((given) => URL.canParse(given) && new URL(given).protocol === 'https:', 'Expected an https address.')
    .nullish(),
});

const KEY_LENGTH = 'Expected 8 to 255 characters.';
const QUANTITY = `Expected 1 to ${MAX_QUANTITY}.`;

export const fulfillInput = z.object({
  lines: z
    .array(z.object({ variantId: text(255), quantity: z.int().min(1, QUANTITY).max(MAX_QUANTITY, QUANTITY) }))
    .min(1, 'Expected at least 1.')
    .max(MAX_LINES, `Expected at most ${MAX_LINES}.`)
    .nullish(),
  tracking: trackingInput.nullish(),
  idempotencyKey: text(255).min(8, KEY_LENGTH),
});

/** What a parcel's row keeps of it. */
export const toTrackingColumns = (tracking: z.output<typeof trackingInput> | null | undefined) => ({
  trackingNumber: tracking?.number ?? null,
  trackingCompany: tracking?.company ?? null,
  trackingUrl: tracking?.url ?? null,
});
