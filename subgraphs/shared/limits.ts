/** Limits on clients' input that several places need. The schema's descriptions promise them. */

/** The most lines of a cart, an order or a fulfillment. */
export const MAX_LINES = 200;
/** The highest quantity of a line. */
export const MAX_QUANTITY = 1_000_000;

/** The highest stock of a variant. */
export const MAX_STOCK = 1_000_000_000;
export const MAX_IMAGES = 50;
export const MAX_ALT_TEXT = 512;
export const MAX_VARIANTS = 100;
export const MAX_OPTIONS = 3;
/** The most values of a product's option. */
export const MAX_OPTION_VALUES = 100;
export const MAX_METAFIELDS = 50;

/** The most rows of a page. */
export const MAX_PAGE_SIZE = 100;

/** The largest amount of money in minor units (cents, yen, fils): fits a BIGINT, with room for a sum of lines. */
export const MAX_MINOR_UNITS = 10n ** 15n;
