/** An option's name and one of its values, as they are compared. */
export type SwatchKey = [option: string, value: string];

export const asKey = (given: string): string => given.trim().normalize('NFC').toLowerCase();

/** The same for all spellings of one value. */
export const swatchKey = ({ option, value }: { option: string; value: string }): string =>
  JSON.stringify([asKey(option), asKey(value)] satisfies SwatchKey);
