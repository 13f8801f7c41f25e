import { z } from 'zod';

const text = z.string().max(500);

/**
 * The settings of a store that other subgraphs go by: `tenant.settings_changed` tells all of them, and whoever hears it keeps
 * them in its own table `stores`. The defaults are what a store begins with, and what holds for a setting that an older
 * event did not tell. What this version does not know is left out, so that a newer version may tell more.
 */
export const storeSettings = z.object({
  locale: text.default('en-US'),
  timeZone: text.default('UTC'),
  taxIncludedInPrices: z.boolean().default(false),
  /** Whether shoppers may see how many of a variant are left. */
  showExactStock: z.boolean().default(true),
  /** What stands in front of the numbers of the store's new orders. */
  orderPrefix: z.string().max(10).default('#'),
});

export type StoreSettings = z.output<typeof storeSettings>;

export const NEW_STORE_SETTINGS: StoreSettings = storeSettings.parse({});
