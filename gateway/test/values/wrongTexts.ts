import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import { RIGHT } from './valuePlaces';

/** A control character is no part of any text, and no scalar keeps it out: only the code of a subgraph does. */
const WRONG_TEXT = 'a\u0007b';

export interface WrongMutation {
  name: string;
  field: GraphQLField<unknown, unknown>;
  /** Everything that can be given, with each text and id wrong. */
  variables: Record<string, unknown>;
  /** Where the texts are, as `userErrors` name it. */
  places: string[];
}

/** Null for a mutation that takes no text. */
export function wrongEverywhere(field: GraphQLField<unknown, unknown>): WrongMutation | null {
  const places: string[] = [];
  const variables = Object.fromEntries(
    field.args.map(({ name, type }) => [name, wrongValue(type, [name], [], places)]),
  );
  return places.length > 0 ? { name: field.name, field, variables, places } : null;
}

function wrongValue(type: GraphQLInputType, at: string[], within: string[], places: string[]): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [wrongValue(bare.ofType, [...at, '0'], within, places)];
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields()).filter((field) => !within.includes(getNamedType(field.type).name));
    const inner = [...within, bare.name];
    return Object.fromEntries(
      fields.map((field) => [field.name, wrongValue(field.type, [...at, field.name], inner, places)]),
    );
  }
  if (isEnumType(bare)) return bare.getValues()[0]?.name;
  if (bare.name !== 'String' && bare.name !== 'ID') return RIGHT[bare.name];
  places.push(at.join('.'));
  return WRONG_TEXT;
}

/** One document of several mutations, with their values written in it or in variables. */
export function documentOfAll(mutations: readonly WrongMutation[], manner: 'literals' | 'variables') {
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  const written = mutations.map(({ name, field, variables: given }) => {
    const args = field.args.map((arg) => {
      if (manner === 'literals') return `${arg.name}: ${literal(given[arg.name], arg.type)}`;
      definitions.push(`$${name}_${arg.name}: ${arg.type}`);
      variables[`${name}_${arg.name}`] = given[arg.name];
      return `${arg.name}: $${name}_${arg.name}`;
    });
    return `${name}(${args.join(', ')}) { ${hasUserErrors(field) ? 'userErrors { field code }' : '__typename'} }`;
  });
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
  return { query: `mutation${head} { ${written.join('\n')} }`, variables };
}

function hasUserErrors({ type }: GraphQLField<unknown, unknown>): boolean {
  const payload = getNamedType(type);
  return isObjectType(payload) && payload.getFields().userErrors !== undefined;
}

function literal(value: unknown, type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (isListType(bare)) return `[${(value as unknown[]).map((item) => literal(item, bare.ofType)).join(', ')}]`;
  if (isEnumType(bare)) return String(value);
  if (!isInputObjectType(bare)) return JSON.stringify(value);
  const fields = Object.entries(value as object).map(([name, inner]) => {
    const field = bare.getFields()[name];
    return `${name}: ${field ? literal(inner, field.type) : 'null'}`;
  });
  return `{ ${fields.join(', ')} }`;
}
