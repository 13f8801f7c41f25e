import { z } from 'zod';

const text = z.string().max(500);

/**
 * The settings of a store that other subgraphs need: `tenant.settings_changed` has all of them, and each subgraph keeps them in its own
 * table `stores`. The defaults are those of a new store, and of a setting that an event of an older version lacks. Unknown settings are
 * ignored, so that a newer version may publish more.
 */
export const storeSettings = z.object({
  locale: text.default('en-US'),
  timeZone: text.default('UTC'),
  taxIncludedInPrices: z.boolean().default(false),
  /** Whether shoppers may see how many of a variant are left. */
  showExactStock: z.boolean().default(true),
  /** The prefix of the numbers of the store's new orders. */
  orderPrefix: z.string().max(10).default('#'),
});

export type StoreSettings = z.output<typeof storeSettings>;

export const NEW_STORE_SETTINGS: StoreSettings = storeSettings.parse({});
