import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { ALONG, VALUES } from './cases';
import { keyOf, type Leaf, type Operation } from './operations';

/** The identifiers of a store's objects, by the kinds of {@link Leaf}. */
export type Names = Record<string, string | number>;

/**
 * Variables of an operation in which one leaf is `value` and everything else is valid: every other required id is the
 * caller's own, so that the operation gets far enough to look up the other store's.
 */
export function argumentsOf(
  operation: Operation,
  leaf: Leaf | null,
  value: string | number | null,
  own: Names,
  theirs: Names,
  unique: string,
): Record<string, unknown> {
  const { field } = operation;
  const along = leaf ? fill(ALONG[keyOf(operation, leaf.path)] ?? {}, theirs, unique) : {};
  const given = field.args.filter((arg) => isRequiredArgument(arg) || arg.name === leaf?.path[0]);
  return {
    ...Object.fromEntries(given.map((arg) => [arg.name, valueAt(arg, arg.type, [arg.name])])),
    ...(along as object),
  };

  function valueAt(input: GraphQLArgument | GraphQLInputField, type: GraphQLInputType, path: string[]): unknown {
    const key = keyOf(operation, path);
    const bare = getNullableType(type);
    if (path.join('.') === leaf?.path.join('.')) return isListType(bare) ? [value] : value;
    if (key in VALUES && !leadsToLeaf(path)) return fill(VALUES[key], own, unique);
    if (isListType(bare)) return [valueAt(input, bare.ofType, path)];
    if (isInputObjectType(bare)) {
      const inner = Object.values(bare.getFields()).filter(
        (one) =>
          isRequiredInputField(one) ||
          leadsToLeaf([...path, one.name]) ||
          keyOf(operation, [...path, one.name]) in VALUES,
      );
      return Object.fromEntries(inner.map((one) => [one.name, valueAt(one, one.type, [...path, one.name])]));
    }
    const ownLeaf = operation.leaves.find((one) => one.path.join('.') === path.join('.'));
    if (ownLeaf) return own[ownLeaf.kind] ?? `unknown-${unique}`;
    return scalar(
      String(isNonNullType(bare) ? bare.ofType : bare),
      path.at(-1) ?? '',
      unique,
      isEnumType(bare) ? bare.getValues()[0]?.name : undefined,
    );
  }

  function leadsToLeaf(path: string[]): boolean {
    return leaf !== null && path.every((name, index) => leaf.path[index] === name);
  }
}

function scalar(type: string, name: string, unique: string, enumValue: string | undefined): unknown {
  if (enumValue !== undefined) return enumValue;
  switch (type) {
    case 'Int':
      return 1;
    case 'Float':
      return 1;
    case 'Boolean':
      return true;
    case 'Decimal':
      return '1.00';
    case 'CurrencyCode':
      return 'USD';
    case 'DateTime':
      return '2030-01-01T00:00:00Z';
    default:
      return text(name, unique);
  }
}

function text(name: string, unique: string): string {
  if (/email/i.test(name)) return 'ada@example.com';
  if (/country/i.test(name)) return 'US';
  if (/url/i.test(name)) return 'https://example.com/x';
  return `text-${unique}`;
}

/** `$pvar` in a case stands for the caller's own variant, `$unique` for a new unique text. */
function fill(value: unknown, own: Names, unique: string): unknown {
  if (typeof value === 'string' && value.startsWith('$'))
    return value === '$unique' ? `text-${unique}` : own[value.slice(1)];
  if (Array.isArray(value)) return value.map((one) => fill(one, own, unique));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, own, unique)]));
}
