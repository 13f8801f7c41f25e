import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { API, publicPathOf, type RestRoute } from './routeTable';
import { expandable, isConnection, isPlainList, objectOf, print, printList, type Selection, select } from './selection';

/** A value that a request gives outside of its body. */
export interface Input {
  /** As the request says it: `id`, `limit`, `createdAt[from]`, `if-match`. */
  name: string;
  in: 'path' | 'query' | 'header';
  /** Where it belongs in the operation's variables: `['where', 'createdAt', 'from']`. */
  target: readonly string[];
  type: GraphQLInputType;
  description: string;
  isRequired: boolean;
}

/** A property of the request's body. */
interface BodyField {
  name: string;
  target: readonly string[];
  definition: GraphQLArgument | GraphQLInputField;
  isRequired: boolean;
}

/** What is answered: one object, a list of objects, that something was deleted, or the parts of a mutation's payload. */
type Answered =
  | { kind: 'object'; selection: Selection }
  | { kind: 'list'; selection: Selection; hasCursors: boolean }
  | { kind: 'deleted'; field: string }
  | { kind: 'parts'; parts: Selection };

export interface CompiledRoute {
  route: RestRoute;
  /** Of the log, of metrics and of OpenAPI: `GET_products_id`. */
  operationName: string;
  inputs: readonly Input[];
  /** Null for a route that takes none. */
  body: readonly BodyField[] | null;
  /** The operation's fields from the root. */
  steps: readonly GraphQLField<unknown, unknown>[];
  /** The declared types of the operation's variables. */
  variables: ReadonlyMap<string, GraphQLInputType>;
  isMutation: boolean;
  /** Whether its fields come from the body, the headers and the address. */
  hasInputObject: boolean;
  /** The type of the objects that it is about; null for a route without. */
  subject: GraphQLObjectType | null;
  /** What `expand` may name. */
  expandable: readonly string[];
  answered(expand: readonly string[]): Answered;
  /** @param expand paths of `expandable`, sorted. */
  document(expand: readonly string[]): string;
}

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;
export const MAX_EXPAND = 10;
export const IDEMPOTENCY_KEY = 'idempotency-key';
export const IF_MATCH = 'if-match';

/** Arguments that are headers in HTTP, by their names in the graph. */
const HEADERS: Readonly<Record<string, string>> = { idempotencyKey: IDEMPOTENCY_KEY, expectedVersion: IF_MATCH };
/** The other direction of a list is for tables in browsers. */
const BACKWARDS = new Set(['last', 'before']);
const MAX_DOCUMENTS = 64;

/** What a row of the table means in this schema. @returns null when the schema has no such operation. @throws when the row contradicts it. */
export function compileRoute(route: RestRoute, schema: GraphQLSchema): CompiledRoute | null {
  const [root = '', ...names] = route.operation.split('.');
  const isMutation = root === 'Mutation';
  const steps = stepsOf(isMutation ? schema.getMutationType() : schema.getQueryType(), names);
  const last = steps?.at(-1);
  if (!steps || !last) return null;

  const { inputs, body } = inputsOf(route, steps, isMutation);
  const variables = variablesOf(steps, [...inputs, ...(body ?? [])]);
  const payload = isMutation ? objectOf(last) : null;
  const results = payload && Object.values(payload.getFields()).filter(({ name }) => name !== 'userErrors');
  const [only] = results?.length === 1 ? results : [];
  const isDelete = only !== undefined && /^deleted\w*Id$/.test(only.name);
  const subject = isMutation ? (only ? objectOf(only) : payload) : objectOf(last);

  const answered = (expand: readonly string[]): Answered => {
    if (isDelete) return { kind: 'deleted', field: only.name };
    const paths = [...expand, ...withOf(route, subject)];
    if (payload && !only) return { kind: 'parts', parts: selectParts(payload, paths) };
    if (!subject) throw new Error(`${route.operation} answers no object`);
    const selection = select(subject, paths);
    const field = only ?? last;
    return isConnection(field) || isPlainList(field)
      ? { kind: 'list', selection, hasCursors: isConnection(field) }
      : { kind: 'object', selection };
  };

  const operationName = `${route.method}${publicPathOf(route).replace(/\W+/g, '_').replace(/_$/, '')}`;
  const declared = [...variables].map(([name, type]) => `$${name}: ${type}`).join(', ');
  const documents = new LRUCache<string, string>({ max: MAX_DOCUMENTS });
  const write = (expand: readonly string[]) => {
    const answer = answered(expand);
    let selection = selectionText(answer);
    if (isMutation) selection = `{ ${payloadText(answer, only?.name, selection)} userErrors { field message code } }`;
    for (const step of steps.toReversed()) selection = `{ ${step.name}${argumentsText(step, variables)} ${selection} }`;
    return `${isMutation ? 'mutation' : 'query'} ${operationName}${declared && `(${declared})`} ${selection}`;
  };

  return {
    route,
    operationName,
    inputs,
    body,
    steps,
    variables,
    isMutation,
    hasInputObject: isInputObjectType(getNullableType(variables.get('input') ?? GraphQLString)),
    subject: isDelete ? null : subject,
    expandable: expandableOf(answered([])),
    answered,
    document(expand) {
      const key = expand.join();
      const known = documents.get(key) ?? write(expand);
      documents.set(key, known);
      return known;
    },
  };
}

function stepsOf(root: GraphQLObjectType | null | undefined, names: string[]): GraphQLField<unknown, unknown>[] | null {
  let type: GraphQLObjectType | null | undefined = root;
  const steps: GraphQLField<unknown, unknown>[] = [];
  for (const name of names) {
    const field: GraphQLField<unknown, unknown> | undefined = type?.getFields()[name];
    if (!field) return null;
    steps.push(field);
    type = objectOf(field);
  }
  return steps;
}

function inputsOf(route: RestRoute, steps: readonly GraphQLField<unknown, unknown>[], isMutation: boolean) {
  const inputs: Input[] = [];
  const last = steps.at(-1);
  const bound = new Set<string>();
  const places = steps.flatMap(({ args }) => args).flatMap((arg) => placesOf(arg));
  for (const [, name = '', argument = name] of route.path.matchAll(/\{(\w+)(?:=(\w+))?\}/g)) {
    const place = places.find(({ target }) => target.at(-1) === argument);
    if (!place) throw new Error(`${route.method} ${route.path}: ${route.operation} has no argument ${argument}`);
    bound.add(place.target.join('.'));
    const { description } = place.definition;
    inputs.push({
      name,
      in: 'path',
      ...place,
      type: place.definition.type,
      description: description ?? '',
      isRequired: true,
    });
  }
  if (!isMutation) {
    for (const input of last && isConnection(last)
      ? last.args.flatMap((arg) => queryInputs(arg, [arg.name], arg.name))
      : []) {
      // An argument's own name goes before that of a filter.
      if (!inputs.some(({ name }) => name === input.name)) inputs.push(input);
    }
    return { inputs, body: null };
  }
  const free = places.filter(({ target }) => !bound.has(target.join('.')));
  for (const { target, definition, isRequired } of free) {
    const name = HEADERS[target.at(-1) ?? ''];
    if (name === undefined) continue;
    const description = definition.description ?? '';
    inputs.push({ name, in: 'header', target, type: definition.type, description, isRequired });
  }
  const fields = free.filter(({ target }) => HEADERS[target.at(-1) ?? ''] === undefined);
  if (route.method !== 'DELETE') {
    const body = fields.map((field) => ({ ...field, name: field.target.at(-1) ?? '' }));
    return { inputs, body: body.length > 0 ? body : null };
  }
  for (const { target, definition, isRequired } of fields) {
    const name = target.at(-1) ?? '';
    const description = definition.description ?? '';
    inputs.push({ name, in: 'query', target, type: definition.type, description, isRequired });
  }
  return { inputs, body: null };
}

/** An argument; in place of an `input`, its fields. */
function placesOf(arg: GraphQLArgument) {
  const type = getNullableType(arg.type);
  if (arg.name !== 'input' || !isInputObjectType(type)) {
    return [
      {
        target: [arg.name],
        definition: arg as GraphQLArgument | GraphQLInputField,
        isRequired: isRequiredArgument(arg),
      },
    ];
  }
  return Object.values(type.getFields()).map((field) => ({
    target: [arg.name, field.name],
    definition: field as GraphQLArgument | GraphQLInputField,
    isRequired: isRequiredInputField(field),
  }));
}

/** Of a list: `limit`, `after`, its order, and each filter by its name. Filters that are lists of objects are left to GraphQL. */
function queryInputs(
  { type, description }: GraphQLArgument | GraphQLInputField,
  target: string[],
  name: string,
): Input[] {
  if (BACKWARDS.has(name)) return [];
  const bare = getNullableType(type);
  const isValue = isLeafType(bare) || (isListType(bare) && isLeafType(getNullableType(bare.ofType)));
  const of = (as: string) => ({
    name: as,
    in: 'query' as const,
    target,
    type,
    description: description ?? '',
    isRequired: false,
  });
  if (name === 'first') return [{ ...of('limit'), description: `How many, 1 to ${MAX_LIMIT}.` }];
  if (name === 'after') return [{ ...of('after'), description: 'The `next` of the page before.' }];
  if (isValue) return [of(name)];
  if (!isInputObjectType(bare)) return [];
  return Object.values(bare.getFields()).flatMap((field) =>
    queryInputs(field, [...target, field.name], name === 'where' ? field.name : `${name}[${field.name}]`),
  );
}

/** Nullable where the argument has a default, which is then the schema's. */
function variablesOf(
  steps: readonly GraphQLField<unknown, unknown>[],
  given: readonly { target: readonly string[] }[],
): Map<string, GraphQLInputType> {
  const used = new Set(given.map(({ target }) => target[0]));
  const variables = new Map<string, GraphQLInputType>();
  for (const { name, type, defaultValue } of steps.flatMap(({ args }) => args)) {
    if (used.has(name)) variables.set(name, defaultValue === undefined ? type : getNullableType(type));
  }
  return variables;
}

const argumentsText = ({ args }: GraphQLField<unknown, unknown>, variables: ReadonlyMap<string, unknown>): string => {
  const passed = args.filter(({ name }) => variables.has(name)).map(({ name }) => `${name}: $${name}`);
  return passed.length > 0 ? `(${passed.join(', ')})` : '';
};

function selectionText(answer: Answered): string {
  if (answer.kind === 'deleted') return '';
  if (answer.kind === 'parts') return print(answer.parts);
  return answer.kind === 'list' && answer.hasCursors ? printList(answer.selection) : print(answer.selection);
}

const payloadText = (answer: Answered, only: string | undefined, selection: string): string =>
  answer.kind === 'parts' ? selection.slice(1, -1) : `${only} ${selection}`;

/** A payload's own fields, all of them, each of which is asked for by its own paths, with or without its name before. */
function selectParts(payload: GraphQLObjectType, expand: readonly string[]): Selection {
  const fields = Object.values(payload.getFields()).filter(({ name }) => name !== 'userErrors');
  return {
    type: payload,
    fields: fields.map((field) => {
      const object = objectOf(field);
      const paths = expand
        .filter((path) => path.startsWith(`${field.name}.`))
        .map((path) => path.slice(field.name.length + 1));
      return { field, below: object && select(object, paths), isList: false };
    }),
  };
}

function expandableOf(answer: Answered): string[] {
  if (answer.kind === 'deleted') return [];
  if (answer.kind !== 'parts') return expandable(answer.selection.type);
  return answer.parts.fields.flatMap(({ field, below }) =>
    below ? expandable(below.type).map((path) => `${field.name}.${path}`) : [],
  );
}

/** Of a payload with several parts, its fields are those of the part that has them. */
function withOf({ with: fields = [] }: RestRoute, subject: GraphQLObjectType | null): string[] {
  const own = subject?.getFields() ?? {};
  return fields.flatMap((name) => {
    if (own[name]) return [name];
    return Object.values(own).flatMap((part) => (objectOf(part)?.getFields()[name] ? [`${part.name}.${name}`] : []));
  });
}

/** The address of an object that a route has made, by the route that answers one of its type. */
export function locationOf(compiled: readonly CompiledRoute[], type: GraphQLObjectType): string | null {
  const found = compiled.find(
    ({ route, isMutation, subject }) => !isMutation && subject === type && /^\/[\w-]+\/\{id\}$/.test(route.path),
  );
  return found ? `${API}${publicPathOf(found.route)}` : null;
}
