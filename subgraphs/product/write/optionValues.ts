/** One of the product's options has this value. In the database as in the API. */
export interface OptionValue {
  option: string;
  value: string;
}

/** What a product's variants differ in, with its values in the order they are shown. */
export interface Option {
  name: string;
  values: string[];
}

/** As they are stored, so that two variants with the same combination have the same value. */
export function inOptionOrder(given: readonly OptionValue[], options: readonly { name: string }[]): OptionValue[] {
  return options.flatMap(({ name }) => {
    const found = given.find(({ option }) => option === name);
    return found ? [{ option: name, value: found.value }] : [];
  });
}

/** Equal for two variants with the same values, whatever the order of a JSON object's keys. */
export const combinationOf = (inOrder: readonly OptionValue[]): string =>
  JSON.stringify(inOrder.map(({ value }) => value));

/** Whether two variants have the same values of the same options, in the same order. */
export const sameOptionValues = (a: readonly OptionValue[], b: readonly OptionValue[]): boolean =>
  combinationOf(a) === combinationOf(b) && a.every(({ option }, index) => option === b[index]?.option);
