import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';

/** The schema as clients see it. */
export const readApiSchema = (): GraphQLSchema =>
  buildSchema(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));

/** A place in the arguments of a root field where a value of one of our scalars stands. */
export interface ValuePlace {
  operation: 'query' | 'mutation';
  field: GraphQLField<unknown, unknown>;
  /** From the argument inwards: ["input", "lines", "price", "amount"]. */
  path: string[];
  scalar: string;
}

/** What is no value of a scalar; the first of each comes from a form or another system. */
export const WRONG: Record<string, unknown[]> = {
  CurrencyCode: ['ZZZ', 'usd', '', 978],
  DateTime: ['2026-11-01', '2026-02-30T00:00:00Z', 'soon', 1_764_000_000],
  Decimal: ['5,00', '', '1e3', 12.5],
};
export const RIGHT: Record<string, unknown> = {
  Boolean: true,
  CurrencyCode: 'USD',
  DateTime: '2030-01-01T00:00:00Z',
  Decimal: '1.00',
  Float: 1,
  ID: 'unknown',
  Int: 1,
  String: 'text',
};

/** Every place of every query and mutation. */
export function listValuePlaces(schema: GraphQLSchema): ValuePlace[] {
  const places: ValuePlace[] = [];
  for (const operation of ['query', 'mutation'] as const) {
    const root = operation === 'query' ? schema.getQueryType() : schema.getMutationType();
    for (const field of Object.values(root?.getFields() ?? {}))
      for (const arg of field.args)
        for (const { path, scalar } of walk(arg.type, [arg.name], [])) places.push({ operation, field, path, scalar });
  }
  return places;
}

function walk(type: GraphQLInputType, path: string[], within: string[]): Pick<ValuePlace, 'path' | 'scalar'>[] {
  const named = getNamedType(type);
  if (isScalarType(named)) return isSpecifiedScalarType(named) ? [] : [{ path, scalar: named.name }];
  if (!isInputObjectType(named) || within.includes(named.name)) return [];
  const fields = Object.values(named.getFields());
  return fields.flatMap((field) => walk(field.type, [...path, field.name], [...within, named.name]));
}

export interface ValueDocument {
  query: string;
  variables: Record<string, unknown>;
}

/** How the value gets into the document: written in it, as a variable for itself, or within a variable for the whole argument. */
export const MANNERS = ['literal', 'variable', 'variable of the argument'] as const;
export type Manner = (typeof MANNERS)[number];

/** An operation with all that is required, one value at a place, and `before` in front of it. */
export function documentOf(place: ValuePlace, value: unknown, manner: Manner, before = ''): ValueDocument {
  const { operation, field, path, scalar } = place;
  const args = field.args.filter((arg) => isRequiredArgument(arg) || arg.name === path[0]);
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  const written = args.map((arg) => {
    const given = valueAt(arg.type, [arg.name], place, value);
    if (manner === 'variable of the argument' && arg.name === path[0]) {
      definitions.push(`$argument: ${arg.type}`);
      variables.argument = given;
      return `${arg.name}: $argument`;
    }
    return `${arg.name}: ${print(given, arg.type, [arg.name])}`;
  });
  if (manner === 'variable') {
    definitions.push(`$value: ${scalar}!`);
    variables.value = value;
  }
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
  const below = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return { query: `${operation}${head} { ${before} tried: ${field.name}(${written.join(', ')})${below} }`, variables };

  function print(given: unknown, type: GraphQLInputType, at: string[]): string {
    const bare = getNullableType(type);
    if (isListType(bare)) return `[${(given as unknown[]).map((item) => print(item, bare.ofType, at)).join(', ')}]`;
    if (manner === 'variable' && at.join('.') === path.join('.')) return '$value';
    if (isEnumType(bare)) return String(given);
    if (!isInputObjectType(bare)) return JSON.stringify(given);
    const fields = Object.entries(given as object).map(([name, inner]) => {
      const type = bare.getFields()[name]?.type;
      return `${name}: ${type ? print(inner, type, [...at, name]) : 'null'}`;
    });
    return `{ ${fields.join(', ')} }`;
  }
}

function valueAt(type: GraphQLInputType, at: string[], place: ValuePlace, value: unknown): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [valueAt(bare.ofType, at, place, value)];
  const leads = at.every((name, index) => place.path[index] === name);
  if (leads && at.length === place.path.length) return value;
  if (isEnumType(bare)) return bare.getValues()[0]?.name;
  if (!isInputObjectType(bare)) return RIGHT[String(bare)];
  const next = place.path[at.length];
  // An input of which one field must be given has none that is required.
  const fields = Object.values(bare.getFields()).filter(
    (field) => (leads && field.name === next) || isRequiredInputField(field),
  );
  return Object.fromEntries(
    fields.map((field) => [field.name, valueAt(field.type, [...at, field.name], place, value)]),
  );
}
