/** Limits on what clients send that more than one place has to know. Each is part of what the schema's descriptions promise. */

/** Of a cart, an order, or a parcel. */
export const MAX_LINES = 200;
/** Of one variant, in one line. */
export const MAX_QUANTITY = 1_000_000;

/** Of one variant, on the shelf. */
export const MAX_STOCK = 1_000_000_000;
export const MAX_IMAGES = 50;
export const MAX_ALT_TEXT = 512;
export const MAX_VARIANTS = 100;
export const MAX_OPTIONS = 3;
/** Of a product's option. */
export const MAX_OPTION_VALUES = 100;
export const MAX_METAFIELDS = 50;

/** Of a page. */
export const MAX_PAGE_SIZE = 100;

/** An amount of money in minor units (cents, yen, fils): what fits a BIGINT, with room for a sum of lines. */
export const MAX_MINOR_UNITS = 10n ** 15n;
