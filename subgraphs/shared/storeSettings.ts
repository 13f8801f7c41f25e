import { z } from 'zod';

const text = z.string().max(500);

/**
 * The settings of a store that other subgraphs need. `tenant.settings_changed` has all of them, and each subgraph stores them in its own
 * table `stores`. The defaults apply to a new store, and to settings that an event of an older version lacks. Unknown settings are
 * ignored, so that a newer version may publish more.
 */
export const storeSettings = z.object({
  locale: text.default('en-US'),
  timeZone: text.default('UTC'),
  /** Whether shoppers may see the exact stock of a variant. */
  showExactStock: z.boolean().default(true),
  /** The prefix of new orders' numbers. */
  orderPrefix: z.string().max(10).default('#'),
});

export type StoreSettings = z.output<typeof storeSettings>;

export const NEW_STORE_SETTINGS: StoreSettings = storeSettings.parse({});
