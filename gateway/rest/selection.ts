import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { BY_DEFAULT, BY_ID, NOT_BY_DEFAULT } from './routeTable';

type Field = GraphQLField<unknown, unknown>;

/** How much of a list with cursors is inside of an object that is asked to expand it; the rest has a route of its own. */
const EXPANDED_LENGTH = 20;
/** `variants.image` of a product is one step further than `variants`. */
const MAX_STEPS = 2;

/** What a route answers of an object. */
export interface Selection {
  type: GraphQLObjectType;
  fields: { field: Field; below: Selection | null; isList: boolean }[];
}

/** The fields that an answer always has, and those that it has when `expand` names them. */
export function fieldsOf(type: GraphQLObjectType): { always: Field[]; expanded: Field[] } {
  const readable = Object.values(type.getFields()).filter(
    ({ args, deprecationReason }) => !args.some(isRequiredArgument) && !deprecationReason,
  );
  const always = readable.filter((field) => isAlways(type, field));
  return { always, expanded: readable.filter((field) => !always.includes(field) && isKnown(field)) };
}

/** @param expand paths of {@link expandable}. */
export function select(type: GraphQLObjectType, expand: readonly string[]): Selection {
  const { always, expanded } = fieldsOf(type);
  const below = (name: string) =>
    expand.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
  const asked = expanded.filter(({ name }) => expand.includes(name) || below(name).length > 0);
  return {
    type,
    fields: [...always, ...asked].map((field) => {
      const object = objectOf(field);
      const inside = object && (isById(type, field) ? selectId(object) : select(object, below(field.name)));
      return { field, below: inside, isList: isConnection(field) };
    }),
  };
}

const selectId = (type: GraphQLObjectType): Selection => ({
  type,
  fields: Object.values(type.getFields())
    .filter(({ name }) => name === 'id')
    .map((field) => ({ field, below: null, isList: false })),
});

/** Whether of this object only the id is answered. */
export const isById = (type: GraphQLObjectType, { name }: Pick<Field, 'name'>): boolean =>
  BY_ID[type.name]?.includes(name) ?? false;

/** The paths that `expand` may name, from an object of this type. */
export function expandable(type: GraphQLObjectType, steps = MAX_STEPS): string[] {
  const { always, expanded } = fieldsOf(type);
  const within = (field: Field, left: number) => {
    const object = isById(type, field) ? null : objectOf(field);
    return object ? expandable(object, left).map((path) => `${field.name}.${path}`) : [];
  };
  return [
    ...always.flatMap((field) => within(field, steps)),
    ...expanded.flatMap((field) => [field.name, ...(steps > 1 ? within(field, steps - 1) : [])]),
  ];
}

/** As GraphQL. */
export function print({ fields }: Selection): string {
  const printed = fields.map(({ field, below, isList }) => {
    if (!below) return field.name;
    if (!isList) return `${field.name} ${print(below)}`;
    return `${field.name}(first: ${EXPANDED_LENGTH}) ${printList(below)}`;
  });
  return `{ ${printed.join(' ')} }`;
}

export const printList = (nodes: Selection): string => `{ nodes ${print(nodes)} pageInfo { hasNextPage endCursor } }`;

/** The object that a field leads to, or those of its list; null for a value. */
export function objectOf(field: Pick<Field, 'type'>): GraphQLObjectType | null {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return null;
  const nodes = isConnectionType(type) ? type.getFields().nodes : undefined;
  return nodes ? objectOf(nodes) : type;
}

export const isConnection = (field: Pick<Field, 'type'>): boolean => isConnectionType(getNamedType(field.type));

/** Whether a list without cursors. */
export const isPlainList = (field: Pick<Field, 'type'>): boolean => isListType(getNullableType(field.type));

const isConnectionType = (type: unknown): boolean => isObjectType(type) && type.name.endsWith('Connection');

/** An object with an id that it can be asked for by. */
const isEntity = (type: unknown): boolean =>
  isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node');

const isKnown = (field: Field) => isLeafType(getNamedType(field.type)) || objectOf(field) !== null;

function isAlways(type: GraphQLObjectType, field: Field): boolean {
  if (NOT_BY_DEFAULT[type.name]?.includes(field.name)) return false;
  const named = getNamedType(field.type);
  if (isLeafType(named) || BY_DEFAULT[type.name]?.includes(field.name)) return true;
  if (!isObjectType(named) || isInterfaceType(named) || isConnectionType(named) || isEntity(named)) return false;
  return !reaches(named, type, new Set());
}

/** Against endless answers: what would have itself inside is expanded only. */
function reaches(from: GraphQLObjectType, target: GraphQLObjectType, seen: Set<GraphQLObjectType>): boolean {
  if (from === target) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return Object.values(from.getFields()).some(({ type }) => {
    const named = getNamedType(type);
    return isObjectType(named) && !isConnectionType(named) && !isEntity(named) && reaches(named, target, seen);
  });
}
