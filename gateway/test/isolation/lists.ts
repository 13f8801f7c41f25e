import {
  buildSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { composeSubgraphs, readSchemas } from '../../compose';
import { listOperations, type Operation } from './operations';

/** A paginated list of the public graph, and a path to it. */
export interface List {
  /** "Query.products" or "Category.products". */
  title: string;
  /** The root query of the path, which may be the list itself. */
  operation: Operation;
  /** The fields from the root query to the list; empty when the query is the list. */
  path: string[];
  field: GraphQLField<unknown, unknown>;
}

const hasCursor = ({ args }: GraphQLField<unknown, unknown>) => args.some(({ name }) => name === 'after');

/** Every list with cursors, each by a shortest path from a query. */
export function listLists(schemas = readSchemas()): List[] {
  const api = buildSchema(composeSubgraphs(schemas).apiSdl);
  const roots = listOperations(schemas).filter(({ type, publicType }) => type === 'Query' && publicType);
  return Object.values(api.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields())
      .filter(hasCursor)
      .map((field) => ({ title: `${type.name}.${field.name}`, field, ...wayTo(api, roots, type, field) }));
  });
}

function wayTo(api: GraphQLSchema, roots: Operation[], type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) {
  const root = roots.find(({ name }) => name === field.name);
  if (type === api.getQueryType() && root) return { operation: root, path: [] };
  // Queries without arguments first: they lead to the caller's own store, and not to one that is looked up by its host.
  const byArguments = [...roots.filter(isAskable)].sort(
    (one, other) => one.field.args.length - other.field.args.length,
  );
  let ways = byArguments.flatMap((operation) => {
    const start = getNamedType(operation.publicType);
    return isObjectType(start)
      ? [{ operation, path: [] as string[], at: api.getType(start.name) as GraphQLObjectType }]
      : [];
  });
  const seen = new Set<GraphQLObjectType>();
  while (ways.length > 0) {
    const way = ways.find(({ at }) => at === type);
    if (way) return { operation: way.operation, path: [...way.path, field.name] };
    const unseen = ways.filter(({ at }) => !seen.has(at) && seen.add(at));
    ways = unseen.flatMap(({ operation, path, at }) =>
      Object.values(at.getFields()).flatMap((step) => {
        const next = getNamedType(step.type);
        return isObjectType(next) && !step.args.some(isRequiredArgument)
          ? [{ operation, path: [...path, step.name], at: next }]
          : [];
      }),
    );
  }
  throw new Error(`There is no way from a query to ${type.name}.${field.name}`);
}

/** Whether a query needs no arguments but an id of the caller's own. */
const isAskable = ({ field, leaves }: Operation) =>
  field.args.every(
    (arg) => !isRequiredArgument(arg) || leaves.some(({ path }) => path.length === 1 && path[0] === arg.name),
  );
