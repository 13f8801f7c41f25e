import { z } from 'zod';
import { list, notNull, text } from '../../shared/inputReader';
import { countryCodeInput } from '../input/countryCode';
import type { PickupLocation } from '../pricing/shipping';

/** Buyers fetch it, whatever a carrier answers. */
const NO_FALLBACK = 'Expected false for a pickup.';

const MAX_COUNTRIES = 250;
const MAX_DAYS = 365;
const MAX_EXCLUDED = 250;

const days = z.int().min(0, `Expected 0 to ${MAX_DAYS}.`).max(MAX_DAYS, `Expected 0 to ${MAX_DAYS}.`);
const name = text(64);
const zoneId = text(255);
const estimatedDays = z
  .object({ min: days, max: days })
  .refine(({ min, max }) => max >= min, { message: 'Expected as many days as min, or more.', path: ['max'] })
  .nullish();
const pickupLocation = z.object({
  name: text(255),
  line1: text(255),
  line2: text(255).nullish(),
  city: text(255),
  province: text(255).nullish(),
  postalCode: text(32).nullish(),
  countryCode: countryCodeInput,
});
const excludedProductIds = list(text(255), { max: MAX_EXCLUDED }).transform((ids) => [...new Set(ids)]);

export const rateCreateInput = z
  .object({
    name,
    zoneId: zoneId.nullish(),
    countryCodes: list(countryCodeInput, { max: MAX_COUNTRIES }),
    estimatedDays,
    pickupLocation: pickupLocation.nullish(),
    excludedProductIds,
    isFallback: z.boolean(),
  })
  .superRefine((rate, context) => {
    if (rate.pickupLocation && rate.isFallback) {
      context.addIssue({ code: 'custom', message: NO_FALLBACK, path: ['isFallback'] });
    }
    const isZoned = rate.zoneId != null || rate.countryCodes.length > 0;
    if (!rate.pickupLocation || !isZoned) return;
    const message = 'Expected no zone: whoever fetches it may live anywhere.';
    context.addIssue({ code: 'custom', message, path: ['pickupLocation'] });
  });

export const rateUpdateInput = z.object({
  name: notNull(name),
  zoneId: notNull(zoneId),
  price: notNull(z.unknown()),
  tiers: notNull(z.unknown()),
  estimatedDays,
  pickupLocation: notNull(pickupLocation),
  excludedProductIds: notNull(excludedProductIds),
  isFallback: notNull(z.boolean()),
});

/** As it is stored: without what is not given. */
export const storedPickup = (given: z.output<typeof pickupLocation>): PickupLocation => ({
  ...given,
  line2: given.line2 ?? null,
  province: given.province ?? null,
  postalCode: given.postalCode ?? null,
});
