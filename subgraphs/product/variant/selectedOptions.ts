import type { OptionValue } from '../write/optionValues';

interface Chosen {
  optionValues: readonly OptionValue[];
}

const has = ({ optionValues }: Chosen, { option, value }: OptionValue): boolean =>
  optionValues.some((one) => one.option === option && one.value === value);

/** Whether a variant has all of these values, and perhaps others of other options. */
export const hasAll = (variant: Chosen, selected: readonly OptionValue[]): boolean =>
  selected.every((one) => has(variant, one));

/** Whether these are a variant's values, all of them and no others. */
export const hasExactly = (variant: Chosen, selected: readonly OptionValue[]): boolean =>
  hasAll(variant, selected) && variant.optionValues.every((one) => has({ optionValues: selected }, one));
