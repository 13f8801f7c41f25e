import {
  buildSchema,
  coerceInputValue,
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { AUDIENCES, type Audience } from '../../../subgraphs/shared/caller';

export type SubgraphSchemas = Record<Audience, GraphQLSchema>;
/** Of one request, what each subgraph's resolvers are given. */
export type Contexts = Record<Audience, object>;

/** An object as one subgraph has it, and as others do, once they were asked for fields of theirs. */
interface Reference {
  subgraph: Audience;
  source: unknown;
  /** By the subgraph, and what it was sent along with the reference. */
  others: Map<string, Promise<unknown>>;
}

/**
 * One schema over the resolvers of all subgraphs, which graphql-js executes as it does any: nothing is planned, no alias is changed, and
 * no field is added. A field is resolved by the subgraph that has it; an object that another subgraph made is looked up there by its
 * key, as the federation's `_entities` does, and with the fields that a `@requires` names.
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
    const owners = AUDIENCES.filter((subgraph) => {
      const field = fieldOf(subgraphs[subgraph], typeName, name);
      return field && directiveOf(field, 'external') === undefined;
    });
    return async (
      parent: Reference | undefined,
      args: Record<string, unknown>,
      contexts: Contexts,
      info: GraphQLResolveInfo,
    ): Promise<unknown> => {
      const owner = parent && owners.includes(parent.subgraph) ? parent.subgraph : owners[0];
      const field = owner && fieldOf(subgraphs[owner], typeName, name);
      if (!owner || !field) throw new Error(`No subgraph has ${typeName}.${name}`);
      const source = parent && (await sourceIn(owner, parent, field, typeName, contexts, info));
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
    field: GraphQLField<unknown, unknown>,
    typeName: string,
    contexts: Contexts,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    const required = directiveOf(field, 'requires');
    if (owner === parent.subgraph && required === undefined) return parent.source;
    const place = `${owner} ${required ?? ''}`;
    const known = parent.others.get(place);
    if (known) return known;
    const looked = lookUp();
    parent.others.set(place, looked);
    return looked;

    async function lookUp() {
      const key = fieldOf(subgraphs[parent.subgraph], typeName, 'id');
      const id = await (key?.resolve ?? defaultFieldResolver)(parent.source, {}, contexts[parent.subgraph], {
        ...info,
        fieldName: 'id',
      });
      const along =
        required === undefined ? {} : await selected(typeName, selectionOf(required), parent, contexts, info);
      const representations = [{ ...along, __typename: typeName, id }];
      const entities = fieldOf(subgraphs[owner], 'Query', '_entities');
      const found = await entities?.resolve?.(undefined, { representations }, contexts[owner], {
        ...info,
        schema: subgraphs[owner],
      });
      return (await (found as unknown[])[0]) ?? null;
    }
  }

  /** The fields of an object that a `@requires` names, from the subgraphs that have them. */
  async function selected(
    typeName: string,
    { selections }: SelectionSetNode,
    parent: Reference,
    contexts: Contexts,
    info: GraphQLResolveInfo,
  ): Promise<Record<string, unknown>> {
    const entries = selections.map(async (selection) => {
      if (selection.kind !== 'Field') throw new Error('A @requires names fields only');
      const name = selection.name.value;
      const field = fieldOf(schema, typeName, name);
      if (!field?.resolve) throw new Error(`The API has no ${typeName}.${name}`);
      const value = await field.resolve(parent, {}, contexts, { ...info, fieldName: name });
      const isWhole = value === null || selection.selectionSet === undefined;
      const type = getNamedType(field.type).name;
      return [
        name,
        isWhole ? value : await selected(type, selection.selectionSet, value as Reference, contexts, info),
      ] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}

/** The text that a field's directive has; empty for one without an argument, undefined without the directive. */
function directiveOf({ astNode }: GraphQLField<unknown, unknown>, name: string): string | undefined {
  const directive = astNode?.directives?.find((one) => one.name.value === name);
  if (!directive) return undefined;
  const value = directive.arguments?.[0]?.value;
  return value?.kind === 'StringValue' ? value.value : '';
}

function selectionOf(fields: string): SelectionSetNode {
  const [operation] = parse(`{ ${fields} }`).definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('A selection is an operation');
  return operation.selectionSet;
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
