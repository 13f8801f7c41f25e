import type { FastifyRequest } from 'fastify';
import {
  coerceInputValue,
  GraphQLBoolean,
  type GraphQLInputType,
  GraphQLInt,
  getNullableType,
  isListType,
} from 'graphql';
import type { FieldFault } from '../http/problem';
import {
  type CompiledRoute,
  DEFAULT_LIMIT,
  IDEMPOTENCY_KEY,
  IF_MATCH,
  type Input,
  MAX_EXPAND,
  MAX_LIMIT,
} from './compileRoute';

export interface ReadRequest {
  variables: Record<string, unknown>;
  /** Sorted, each once. */
  expand: string[];
  /** What is wrong; nothing is executed then. */
  faults: FieldFault[];
  /** Whether all that is wrong is that If-Match is missing. */
  lacksVersion: boolean;
}

const ENTITY_TAG = /^"(\d{1,9})"$/;
const WORDS: Record<string, boolean> = { true: true, false: false };

/** What a request asks of the route's operation. Types of values are checked by the graph, as those of any operation. */
export function readRequest(compiled: CompiledRoute, request: FastifyRequest): ReadRequest {
  const faults: FieldFault[] = [];
  const variables: Record<string, unknown> = {};
  const query = { ...(request.query as Record<string, unknown>) };
  const params = request.params as Record<string, string>;
  const expand = readExpand(query.expand, compiled, faults);
  delete query.expand;
  const isPaged = compiled.inputs.some(({ name }) => name === 'limit');
  if (isPaged) put(variables, ['first'], DEFAULT_LIMIT);
  if (compiled.hasInputObject) put(variables, ['input'], {});

  for (const input of compiled.inputs) {
    const given = input.in === 'path' ? params[input.name] : input.in === 'query' ? query[input.name] : undefined;
    if (input.in === 'query') delete query[input.name];
    const value = input.in === 'header' ? readHeader(input, request, faults) : readText(input, given, faults);
    if (value !== undefined) put(variables, input.target, value);
    else if (input.isRequired && given === undefined && request.headers[input.name] === undefined) {
      const field = input.in === 'header' ? (HEADER_NAMES[input.name] ?? input.name) : input.name;
      faults.push({ field, code: 'REQUIRED', message: `${field}: is missing` });
    }
  }
  for (const name of Object.keys(query)) faults.push(unknown(name, 'There is no such query parameter.'));
  for (const [name, written] of Object.entries(HEADER_NAMES)) {
    if (request.headers[name] === undefined || compiled.inputs.some((input) => input.name === name)) continue;
    if (compiled.isMutation) faults.push(unknown(written, 'This route does not take it.'));
  }
  readBody(compiled, request.body, variables, faults);
  const lacksVersion =
    faults.length === 1 && faults[0]?.code === 'REQUIRED' && faults[0].field === HEADER_NAMES[IF_MATCH];
  return { variables, expand, faults, lacksVersion };
}

const HEADER_NAMES: Readonly<Record<string, string>> = { [IDEMPOTENCY_KEY]: 'Idempotency-Key', [IF_MATCH]: 'If-Match' };
const OF_HEADERS: Readonly<Record<string, string>> = { idempotencyKey: 'Idempotency-Key', expectedVersion: 'If-Match' };

const unknown = (field: string, message: string): FieldFault => ({
  field,
  code: 'UNKNOWN',
  message: `${field}: ${message}`,
});
const invalid = (field: string, expected: string): FieldFault => ({
  field,
  code: 'INVALID',
  message: `${field}: expected ${expected}`,
});

function readExpand(given: unknown, { expandable }: CompiledRoute, faults: FieldFault[]): string[] {
  if (given === undefined) return [];
  const paths = [...new Set([given].flat().flatMap((text) => String(text).split(',')))].sort();
  const wrong = paths.filter((path) => !expandable.includes(path));
  if (paths.length > MAX_EXPAND) faults.push(invalid('expand', `at most ${MAX_EXPAND} paths`));
  else if (expandable.length === 0) faults.push(unknown('expand', 'There is nothing to expand.'));
  else if (wrong.length > 0) faults.push(invalid('expand', `some of ${expandable.slice(0, 20).join(', ')}`));
  return paths;
}

/** A value of the address, where all are texts. */
function readText({ name, type }: Input, given: unknown, faults: FieldFault[]): unknown {
  if (given === undefined) return undefined;
  const bare = getNullableType(type);
  if (isListType(bare)) return [given].flat().map((text) => valueIn(name, bare.ofType, text, faults));
  if (typeof given !== 'string') {
    faults.push(invalid(name, 'one value'));
    return undefined;
  }
  const value = valueIn(name, type, given, faults);
  if (name === 'limit' && typeof value === 'number' && (value < 1 || value > MAX_LIMIT)) {
    faults.push(invalid('limit', `1 to ${MAX_LIMIT}`));
  }
  return value;
}

function valueIn(name: string, type: GraphQLInputType, text: unknown, faults: FieldFault[]): unknown {
  const bare = getNullableType(type);
  const typeName = isListType(bare) ? null : bare.name;
  if (typeName === GraphQLInt.name) {
    if (/^-?\d{1,10}$/.test(String(text))) return Number(text);
    faults.push(invalid(name, 'a whole number'));
    return undefined;
  }
  if (typeName === GraphQLBoolean.name) {
    const value = WORDS[String(text)];
    if (value === undefined) faults.push(invalid(name, 'true or false'));
    return value;
  }
  return text;
}

function readHeader({ name }: Input, { headers }: FastifyRequest, faults: FieldFault[]): unknown {
  const given = headers[name];
  if (given === undefined) return undefined;
  if (name === IDEMPOTENCY_KEY) return String(given);
  const [, version] = ENTITY_TAG.exec(String(given)) ?? [];
  if (version === undefined) faults.push(invalid('If-Match', 'the ETag of an answer, such as "3"'));
  return version === undefined ? undefined : Number(version);
}

function readBody(
  { body }: CompiledRoute,
  given: unknown,
  variables: Record<string, unknown>,
  faults: FieldFault[],
): void {
  const content = given ?? {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    faults.push({ field: 'body', code: 'INVALID', message: 'The body: expected a JSON object' });
    return;
  }
  const known = new Map((body ?? []).map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(content)) {
    const field = known.get(name);
    const header = OF_HEADERS[name];
    if (field) put(variables, field.target, value);
    else faults.push(unknown(name, header ? `Send it as the header ${header}.` : 'There is no such field.'));
  }
  for (const { name, isRequired } of known.values()) {
    if (isRequired && !Object.hasOwn(content, name))
      faults.push({ field: name, code: 'REQUIRED', message: `${name}: is missing` });
  }
}

/** Sets what is at a path, and makes the objects on the way. */
function put(variables: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    variables[name] = value;
    return;
  }
  const inside = (variables[name] ?? {}) as Record<string, unknown>;
  variables[name] = inside;
  put(inside, rest, value);
}

const MAX_FAULTS = 20;

/** Where the graph's types refuse these variables, by the names that the request has for them; empty when they do not. */
export function faultsByType(compiled: CompiledRoute, variables: Record<string, unknown>): FieldFault[] {
  const faults: FieldFault[] = [];
  for (const [name, type] of compiled.variables) {
    if (variables[name] === undefined) continue;
    coerceInputValue(variables[name], type, (path, _value, { message }) => {
      if (faults.length >= MAX_FAULTS) return;
      const field = nameOf(compiled, [name, ...path]);
      faults.push({ field, code: 'INVALID', message: `${field}: ${message}` });
    });
  }
  return faults;
}

/** What a request calls a place in the operation's variables. */
export function nameOf(
  { inputs, body }: Pick<CompiledRoute, 'inputs' | 'body'>,
  path: readonly (string | number)[],
): string {
  const places = [...inputs, ...(body ?? [])];
  const found = places.find(({ target }) => target.every((step, index) => path[index] === step));
  if (!found) return path.filter((step) => step !== 'input').join('.');
  const name = HEADER_NAMES[found.name] ?? found.name;
  return [name, ...path.slice(found.target.length)].join('.');
}
