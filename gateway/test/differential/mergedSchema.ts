import {
  buildSchema,
  coerceInputValue,
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { AUDIENCES, type Audience } from '../../../subgraphs/shared/caller';

export type SubgraphSchemas = Record<Audience, GraphQLSchema>;
/** Of one request, what each subgraph's resolvers are given. */
export type Contexts = Record<Audience, object>;

/** An object as one subgraph has it, and as others do, once they were asked for fields of theirs. */
interface Reference {
  subgraph: Audience;
  source: unknown;
  others: Map<Audience, Promise<unknown>>;
}

/**
 * One schema over the resolvers of all subgraphs, which graphql-js executes as it does any: nothing is planned, no alias is changed, and
 * no field is added. A field is resolved by the subgraph that has it; an object that another subgraph made is looked up there by its
 * key, as the federation's `_entities` does.
 */
export function mergeSchemas(apiSdl: string, subgraphs: SubgraphSchemas): GraphQLSchema {
  const schema = buildSchema(apiSdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) {
      type.resolveType = (value: Reference, _context, info) => typeNameOf(value, type.name, info);
    } else if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) field.resolve = resolverOf(type, field);
    }
  }
  return schema;

  function typeNameOf({ subgraph, source }: Reference, name: string, info: GraphQLResolveInfo) {
    const type = subgraphs[subgraph].getType(name);
    const told = isAbstractType(type) ? type.resolveType?.(source, {}, info, type) : undefined;
    return told ?? (source as { __typename?: string }).__typename;
  }

  function resolverOf({ name: typeName }: GraphQLObjectType, { name }: GraphQLField<unknown, unknown>) {
    const owners = AUDIENCES.filter((subgraph) => fieldOf(subgraphs[subgraph], typeName, name));
    return async (
      parent: Reference | undefined,
      args: Record<string, unknown>,
      contexts: Contexts,
      info: GraphQLResolveInfo,
    ): Promise<unknown> => {
      const owner = parent && owners.includes(parent.subgraph) ? parent.subgraph : owners[0];
      const field = owner && fieldOf(subgraphs[owner], typeName, name);
      if (!owner || !field) throw new Error(`No subgraph has ${typeName}.${name}`);
      const source = parent && (await sourceIn(owner, parent, typeName, contexts, info));
      if (parent && source === null) return null;
      const resolve = field.resolve ?? defaultFieldResolver;
      const value = await resolve(source, argumentsFor(field, args), contexts[owner], info);
      return complete(value, field.type, owner);
    };
  }

  /** What `owner` knows of an object. */
  async function sourceIn(
    owner: Audience,
    parent: Reference,
    typeName: string,
    contexts: Contexts,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    if (owner === parent.subgraph) return parent.source;
    const known = parent.others.get(owner);
    if (known) return known;
    const looked = lookUp();
    parent.others.set(owner, looked);
    return looked;

    async function lookUp() {
      const key = fieldOf(subgraphs[parent.subgraph], typeName, 'id');
      const id = await (key?.resolve ?? defaultFieldResolver)(parent.source, {}, contexts[parent.subgraph], {
        ...info,
        fieldName: 'id',
      });
      const representations = [{ __typename: typeName, id }];
      const entities = fieldOf(subgraphs[owner], 'Query', '_entities');
      const found = await entities?.resolve?.(undefined, { representations }, contexts[owner], {
        ...info,
        schema: subgraphs[owner],
      });
      return (await (found as unknown[])[0]) ?? null;
    }
  }
}

function fieldOf(schema: GraphQLSchema, typeName: string, name: string): GraphQLField<unknown, unknown> | undefined {
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[name] : undefined;
}

/** As the subgraph's own scalars and enums read them. */
function argumentsFor(field: GraphQLField<unknown, unknown>, args: Record<string, unknown>): Record<string, unknown> {
  const given = field.args.filter(({ name }) => args[name] !== undefined);
  return Object.fromEntries(given.map(({ name, type }) => [name, coerceInputValue(args[name], type)]));
}

/** A resolver's value as the merged schema's: scalars serialized, and objects with the subgraph that they are from. */
async function complete(awaited: unknown, type: GraphQLOutputType, subgraph: Audience): Promise<unknown> {
  const value = await awaited;
  if (isNonNullType(type)) return complete(value, type.ofType, subgraph);
  if (value === null || value === undefined) return null;
  if (value instanceof Error) throw value;
  if (isListType(type))
    return Promise.all(Array.from(value as unknown[], (one) => settle(complete(one, type.ofType, subgraph))));
  if (isLeafType(type)) return type.serialize(value);
  return { subgraph, source: value, others: new Map() } satisfies Reference;
}

/** graphql-js takes an element that is an Error for the error of that element alone. */
const settle = (element: Promise<unknown>) => element.catch((error: unknown) => error);
