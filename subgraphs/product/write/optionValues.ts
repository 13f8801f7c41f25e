/** A variant's value of one option. The API and the database's JSON have the same form. */
export interface OptionValue {
  option: string;
  value: string;
}

/** A property in which a product's variants differ, with its values in display order. */
export interface Option {
  name: string;
  values: string[];
}

/** A product's options differ in this: nobody tells "Size" from "size". */
export const optionKey = (name: string): string => name.toLowerCase();

/** Sorts values in the order of the options, as they are stored, so that equal combinations have equal JSON. */
export function inOptionOrder(given: readonly OptionValue[], options: readonly { name: string }[]): OptionValue[] {
  return options.flatMap(({ name }) => {
    const found = given.find(({ option }) => option === name);
    return found ? [{ option: name, value: found.value }] : [];
  });
}

/** A key that is equal for variants with the same values, whatever the order of the JSON object's keys. */
export const combinationOf = (inOrder: readonly OptionValue[]): string =>
  JSON.stringify(inOrder.map(({ value }) => value));

/** Whether two variants have the same option values in the same order. */
export const sameOptionValues = (a: readonly OptionValue[], b: readonly OptionValue[]): boolean =>
  combinationOf(a) === combinationOf(b) && a.every(({ option }, index) => option === b[index]?.option);
