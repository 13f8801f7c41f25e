import { MAX_OPTION_VALUES, MAX_OPTIONS } from '../../shared/limits';
import { inUse, invalid, notFound, taken } from '../../shared/userErrors';
import { count, type Fault, length, repeats } from '../catalog/faults';
import { moveItem } from '../catalog/moveItem';
import type {
  ProductOptionCreateInput,
  ProductOptionUpdateInput,
  ProductOptionValueInput,
  VariantCollision,
} from '../generated/resolvers';
import { combinationOf, type Option, type OptionValue, optionKey } from '../write/optionValues';

/** A product's options, and its variants' values in the order of the options. */
export interface Shape {
  options: Option[];
  variants: { id: string; optionValues: OptionValue[] }[];
}

export type ShapeChange = { shape: Shape; dropped: string[] } | { faults: Fault[] };

/** Adds an option; every variant gets the same value of it. */
export function withOption({ options, variants }: Shape, input: ProductOptionCreateInput): ShapeChange {
  const { name, values, existingVariantsHave, position } = input;
  const given = existingVariantsHave ?? values[0] ?? '';
  const faults = [
    ...(options.length < MAX_OPTIONS ? [] : [invalid(['productId'], `at most ${MAX_OPTIONS} options of a product`)]),
    ...nameFaults(name, options),
    ...valueFaults(values),
    ...(values.includes(given) ? [] : [invalid(['input', 'existingVariantsHave'], 'one of the values')]),
    ...positionFaults(position),
  ];
  if (faults.length > 0) return { faults };
  const added = { name, values };
  const ordered = moveItem([...options, added], added, position ?? options.length);
  return inOrder(
    ordered,
    variants.map(({ id, optionValues }) => ({ id, optionValues: [...optionValues, { option: name, value: given }] })),
  );
}

/** Renames an option or its values; variants keep their values under the new names. */
export function withChangedOption(
  { options, variants }: Shape,
  name: string,
  input: ProductOptionUpdateInput,
): ShapeChange {
  const option = options.find((candidate) => candidate.name === name);
  if (!option) return { faults: [notFound('option', ['option'])] };
  const others = options.filter((candidate) => candidate !== option);
  const values = input.values ?? option.values.map((value) => ({ value }));
  const nowCalled = renames(option, values);
  const used = new Set(variants.map(({ optionValues }) => chosenOf(optionValues, name)));
  const lost = [...used].filter((value) => !nowCalled.has(value));
  const faults = [
    ...(input.name == null ? [] : nameFaults(input.name, others)),
    ...valueFaults(
      values.map(({ value }) => value),
      'value',
    ),
    ...formerNameFaults(option, values),
    ...positionFaults(input.position),
    ...(lost.length === 0 ? [] : [inUse(['input', 'values'], `Variants have ${lost.join(', ')}.`)]),
  ];
  if (faults.length > 0) return { faults };

  const changed = { name: input.name ?? name, values: values.map(({ value }) => value) };
  const inPlace = options.map((candidate) => (candidate === option ? changed : candidate));
  return inOrder(
    input.position == null ? inPlace : moveItem(inPlace, changed, input.position),
    variants.map(({ id, optionValues }) => ({
      id,
      optionValues: optionValues.map((chosen) =>
        chosen.option === name ? { option: changed.name, value: nowCalled.get(chosen.value) ?? chosen.value } : chosen,
      ),
    })),
  );
}

/** Removes an option. Variants that differ in nothing else would become equal: `collision` says to refuse that, or to keep the first. */
export function withoutOption({ options, variants }: Shape, name: string, collision: VariantCollision): ShapeChange {
  if (!options.some((option) => option.name === name)) return { faults: [notFound('option', ['option'])] };
  const seen = new Set<string>();
  const kept: Shape['variants'] = [];
  const dropped: string[] = [];
  for (const { id, optionValues } of variants) {
    const left = optionValues.filter(({ option }) => option !== name);
    const combination = combinationOf(left);
    if (seen.has(combination)) dropped.push(id);
    else kept.push({ id, optionValues: left });
    seen.add(combination);
  }
  if (dropped.length > 0 && collision === 'REFUSE') {
    return { faults: [inUse(['option'], `${dropped.length} variants differ from another one in nothing else.`)] };
  }
  return { shape: { options: options.filter((option) => option.name !== name), variants: kept }, dropped };
}

function inOrder(options: Option[], variants: Shape['variants']): ShapeChange {
  const ordered = variants.map(({ id, optionValues }) => ({
    id,
    optionValues: options.map(({ name }) => ({ option: name, value: chosenOf(optionValues, name) })),
  }));
  return { shape: { options, variants: ordered }, dropped: [] };
}

const chosenOf = (optionValues: OptionValue[], name: string): string =>
  optionValues.find(({ option }) => option === name)?.value ?? '';

/** Maps each value of the option to its new name; removed values are missing. */
function renames({ values }: Option, given: readonly ProductOptionValueInput[]): Map<string, string> {
  const renamed = new Map(given.flatMap(({ value, was }) => (was == null ? [] : [[was, value] as const])));
  const kept = given.filter(({ value, was }) => was == null && values.includes(value) && !renamed.has(value));
  return new Map([...renamed, ...kept.map(({ value }) => [value, value] as const)]);
}

function formerNameFaults({ values }: Option, given: readonly ProductOptionValueInput[]): Fault[] {
  const former = given.map(({ was }, index) => ({ was, field: ['input', 'values', String(index), 'was'] }));
  const seen = new Set<string>();
  return former.flatMap(({ was, field }): Fault[] => {
    if (was == null) return [];
    if (!values.includes(was)) return [notFound('value of this option', field)];
    if (seen.has(was)) return [invalid(field, 'another than those before it')];
    seen.add(was);
    return [];
  });
}

function nameFaults(name: string, others: Option[]): Fault[] {
  const isTaken = others.some((option) => optionKey(option.name) === optionKey(name));
  return isTaken ? [taken(['input', 'name'], 'Another option has this name.')] : length(['input', 'name'], name, 1, 64);
}

/** @param within where the value is in an entry of the list; itself when not given. */
function valueFaults(values: string[], ...within: string[]): Fault[] {
  const field = ['input', 'values'];
  const tooMany = count(field, values, 1, MAX_OPTION_VALUES);
  if (tooMany.length > 0) return tooMany;
  return [
    ...values.flatMap((value, index) => length([...field, String(index), ...within], value, 1, 64)),
    ...repeats(field, values, ...within),
  ];
}

const positionFaults = (position: number | null | undefined): Fault[] =>
  position != null && position < 0 ? [invalid(['input', 'position'], '0 or more')] : [];
