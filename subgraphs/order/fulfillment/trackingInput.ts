import { z } from 'zod';
import { text } from '../../shared/inputReader';

/** How a buyer follows a fulfillment. The address is opened by browsers, so it is https and nothing else. */
export const trackingInput = z.object({
  number: text(255).nullish(),
  company: text(255).nullish(),
  url: text(2_000)
    .refine((given) => URL.canParse(given) && new URL(given).protocol === 'https:', 'Expected an https address.')
    .nullish(),
});

/** The columns of a fulfillment's row; what is left out stays undefined, which leaves a column as it is. */
export const toTrackingColumns = (tracking: z.output<typeof trackingInput> | null | undefined) => ({
  trackingNumber: tracking?.number,
  trackingCompany: tracking?.company,
  trackingUrl: tracking?.url,
});
