import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
/** The maximum query cost: how many fields one operation may ask for, as estimated before it is executed. */
export const MAX_COST = 30_000;
/** Tokens in a document. The largest that Apollo Sandbox sends, for introspection, has some 500. */
export const MAX_TOKENS = 5_000;

/** The objects of a connection without first and last; the most that it can have. */
const DEFAULT_PAGE = 20;
/** Connections that are shown whole unless the client asks for less. */
const SHOWN_WHOLE = ['Product.variants'];
const MAX_PAGE = 100;
/** The assumed length of a plain list; and of one that an object has, such as an order's items: what there is more of is charged afterwards. */
const PLAIN_LIST = 10;
const LIST_OF_OBJECT = 3;

export interface Operation {
  schema: GraphQLSchema;
  document: DocumentNode;
  variables: Record<string, unknown>;
}

/** What an operation may cost at most, as estimated before it is executed. */
export function costOfOperation(operation: OperationDefinitionNode, of: Operation): number {
  const root = of.schema.getRootType(operation.operation);
  return root ? costOf(operation.selectionSet, root, of, new Map()) : 0;
}

/**
 * Each field costs one, and a list multiplies what is below it by its maximum length. Each fragment is computed once, so that the time is
 * linear in the document's length, whatever the document asks for.
 */
function costOf(
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
  of: Operation,
  fragments: Map<string, number>,
): number {
  let cost = 0;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      cost += costOfField(selection, parent, of, fragments);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = typeNamed(of.schema, selection.typeCondition?.name.value) ?? parent;
      cost += costOf(selection.selectionSet, on, of, fragments);
    } else {
      cost += costOfFragment(selection.name.value, of, fragments);
    }
  }
  return cost;
}

function costOfFragment(name: string, of: Operation, fragments: Map<string, number>): number {
  const known = fragments.get(name);
  if (known !== undefined) return known;
  const fragment = of.document.definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  const on = typeNamed(of.schema, fragment?.typeCondition.name.value);
  const cost = fragment && on ? costOf(fragment.selectionSet, on, of, fragments) : 0;
  fragments.set(name, cost);
  return cost;
}

export function costOfField(
  node: FieldNode,
  parent: GraphQLCompositeType,
  of: Operation,
  fragments: Map<string, number>,
): number {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  if (!field) return 1;
  const type = getNamedType(field.type);
  if (!node.selectionSet || !isCompositeType(type)) return 1;
  return 1 + lengthOf(node, field, parent, of) * costOf(node.selectionSet, type, of, fragments);
}

/** How many objects a field leads to. A connection's own `nodes` and `edges` are counted where the connection is. */
export function lengthOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
  of: Operation,
): number {
  if (getNamedType(field.type).name.endsWith('Connection')) {
    const page = argument(node, field, 'first', of) ?? argument(node, field, 'last', of) ?? defaultPage(parent, field);
    return Math.min(Math.max(page, 1), MAX_PAGE);
  }
  if (!isListType(getNullableType(field.type)) || parent.name.endsWith('Connection')) return 1;
  const given = idsGiven(node, of);
  if (given !== null) return given;
  // A list of its own kind, such as a category's children, is a tree, which multiplies.
  const isTree = getNamedType(field.type) === parent;
  return isTree || parent === of.schema.getQueryType() ? PLAIN_LIST : LIST_OF_OBJECT;
}

/** A list of the objects with the given ids is as long as these. */
function idsGiven(node: FieldNode, { variables }: Operation): number | null {
  const given = node.arguments?.find(({ name }) => name.value === 'ids')?.value;
  if (given?.kind === Kind.LIST) return given.values.length;
  const value = given?.kind === Kind.VARIABLE ? variables[given.name.value] : undefined;
  return Array.isArray(value) ? value.length : null;
}

const defaultPage = (parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): number =>
  SHOWN_WHOLE.includes(`${parent.name}.${field.name}`) ? MAX_PAGE : DEFAULT_PAGE;

function argument(node: FieldNode, field: GraphQLField<unknown, unknown>, name: string, { variables }: Operation) {
  const given = node.arguments?.find((candidate) => candidate.name.value === name)?.value;
  if (given?.kind === Kind.INT) return Number(given.value);
  const value = given?.kind === Kind.VARIABLE ? variables[given.name.value] : undefined;
  if (typeof value === 'number') return value;
  // For null, or a variable that is absent, the schema's default value applies.
  const { defaultValue } = field.args.find((candidate) => candidate.name === name) ?? {};
  return typeof defaultValue === 'number' ? defaultValue : null;
}

export function typeNamed(schema: GraphQLSchema, name: string | undefined): GraphQLCompositeType | undefined {
  const type = name === undefined ? undefined : schema.getType(name);
  return isCompositeType(type) ? type : undefined;
}
