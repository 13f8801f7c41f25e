import { type GraphQLLeafType, isEnumType } from 'graphql';

const IS_VALUE: Record<string, (value: unknown) => boolean> = {
  Int: Number.isInteger,
  Float: Number.isFinite,
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
};

/** Whether a subgraph's value is one of a scalar or enum. Values of our own scalars are what the subgraphs make them. */
export function isLeafValue(type: GraphQLLeafType, value: unknown): boolean {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) !== undefined;
  return IS_VALUE[type.name]?.(value) ?? true;
}
