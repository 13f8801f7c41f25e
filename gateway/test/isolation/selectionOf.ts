import { type GraphQLOutputType, getNamedType, isObjectType, isRequiredArgument } from 'graphql';

const DEPTH = 4;

/**
 * All that can be selected below `type` to a depth, but for the same list twice (a connection's edges beside its nodes) and
 * what leads back to where it came from. Empty for a scalar.
 */
export function selectionOf(type: GraphQLOutputType, depth = DEPTH, within: string[] = []): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.name === 'edges' || field.args.some(isRequiredArgument)) return [];
    const below = getNamedType(field.type);
    if (!isObjectType(below)) return [field.name];
    if (depth === 0 || within.includes(below.name)) return [];
    const selection = selectionOf(below, depth - 1, [...within, named.name]);
    const short = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    return selection ? [`${field.name}${short} ${selection}`] : [];
  });
  return fields.length > 0 ? `{ ${fields.join(' ')} }` : '{ __typename }';
}
