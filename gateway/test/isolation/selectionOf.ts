import {
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/**
 * Everything that can be selected below `type` up to a depth. Omits repetitions (of a connection's edges, beside its nodes,
 * only scalars) and fields that lead back to a parent type. Empty for a scalar.
 */
export function selectionOf(type: GraphQLOutputType, depth: number, within: string[] = []): string {
  const named = getNamedType(type);
  if (isInterfaceType(named)) return `{ __typename ${Object.keys(named.getFields()).join(' ')} }`;
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    if (field.name === 'edges') return [`edges { cursor node ${scalarsOf(field.type)} }`];
    const below = getNamedType(field.type);
    if (!isObjectType(below)) return [field.name];
    if (depth === 0 || within.includes(below.name)) return [];
    const selection = selectionOf(below, depth - 1, [...within, named.name]);
    const short = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : '';
    return selection ? [`${field.name}${short} ${selection}`] : [];
  });
  return fields.length > 0 ? `{ ${fields.join(' ')} }` : '{ __typename }';
}

function scalarsOf(edges: GraphQLOutputType): string {
  const edge = getNamedType(edges);
  const node = isObjectType(edge) ? getNamedType(edge.getFields().node?.type ?? edge) : edge;
  const fields = isObjectType(node) ? Object.values(node.getFields()) : [];
  const scalars = fields.filter(({ type, args }) => isLeafType(getNamedType(type)) && !args.some(isRequiredArgument));
  return `{ __typename ${scalars.map(({ name }) => name).join(' ')} }`;
}
