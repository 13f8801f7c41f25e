import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { FieldFault, Problem } from '../http/problem';
import { type CompiledRoute, locationOf } from './compileRoute';
import { faultsByType, nameOf, type ReadRequest } from './readRequest';
import type { Selection } from './selection';

type Data = Record<string, unknown>;

export interface RestAnswer {
  status: number;
  headers: Record<string, string>;
  body: object;
}

interface UserError {
  field: string[] | null;
  code: string;
  message: string;
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  TENANT_REQUIRED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  STORE_UNAVAILABLE: 403,
  STORE_NOT_FOUND: 404,
  THROTTLED: 429,
  SERVICE_UNAVAILABLE: 503,
};

/** Of a change that was refused; 422 for all others. */
const STATUS_OF_USER_ERROR: Readonly<Record<string, number>> = {
  STALE_VERSION: 412,
  IDEMPOTENCY_CONFLICT: 409,
  IN_PROGRESS: 409,
  INVALID_TRANSITION: 409,
  STALE_QUANTITY: 409,
  TAKEN: 409,
};

/** What the graph answered to a route's operation, as HTTP. @param status that the graph's own route would answer by. */
export function answerOf(
  compiled: CompiledRoute,
  all: readonly CompiledRoute[],
  { variables, expand }: ReadRequest,
  { data, errors = [] }: FormattedExecutionResult,
  { status, requestId }: { status: number; requestId: string },
): RestAnswer | Problem {
  const [root, ...below] = compiled.steps;
  const found = root && (data?.[root.name] as Data | null | undefined);
  const value = below.reduce<unknown>((object, { name }) => (object as Data | null | undefined)?.[name], found);
  const [first] = errors;
  if ((value === null || value === undefined) && first)
    return asProblem(compiled, variables, errors, { status, requestId });
  if (compiled.isMutation) {
    const refused = refusalOf(compiled, found ?? {}, requestId);
    if (refused) return refused;
  }
  const body = bodyOf(compiled, expand, value);
  if (body === null) return { status: 404, code: 'NOT_FOUND', detail: 'There is no such object.', requestId };
  return {
    status: isCreation(compiled) ? 201 : 200,
    headers: headersOf(compiled, all, body),
    body: errors.length > 0 ? { ...body, unavailable: errors.map((error) => missingOf(compiled, error)) } : body,
  };
}

/** Errors of the whole request; of several, the first says what the request is answered by. */
function asProblem(
  compiled: CompiledRoute,
  variables: Data,
  errors: readonly GraphQLFormattedError[],
  { status, requestId }: { status: number; requestId: string },
): Problem {
  const { message = '', extensions = {} } = errors[0] ?? {};
  const code = String(extensions.code ?? 'INTERNAL_SERVER_ERROR');
  const faults = code === 'BAD_USER_INPUT' ? faultsOf(compiled, variables, errors) : [];
  return {
    status: STATUS_OF_CODE[code] ?? (status >= 400 ? status : 500),
    code,
    detail: faults.length > 0 ? 'The request has values that can not be used: see errors.' : message,
    requestId,
    errors: faults,
    ...(typeof extensions.retryAfter === 'number' && { retryAfter: extensions.retryAfter }),
  };
}

function faultsOf(compiled: CompiledRoute, variables: Data, errors: readonly GraphQLFormattedError[]): FieldFault[] {
  const byType = faultsByType(compiled, variables);
  if (byType.length > 0) return byType;
  return errors.flatMap(({ message, extensions }) => {
    if (typeof extensions?.field !== 'string') return [];
    const field = nameOf(compiled, extensions.field.split('.'));
    const text = typeof extensions.expected === 'string' ? `${field}: expected ${extensions.expected}` : message;
    return [{ field, code: 'INVALID', message: text }];
  });
}

/** A change that was refused, with what it has done all the same. */
function refusalOf(compiled: CompiledRoute, payload: Data, requestId: string): Problem | null {
  const errors = (payload.userErrors ?? []) as UserError[];
  const [first] = errors;
  if (!first) return null;
  const named = errors.map(({ field, ...rest }) => ({ field: field && nameOf(compiled, field), ...rest }));
  const { userErrors: _, ...others } = payload;
  const done = Object.entries(others).filter(([, value]) => value !== null);
  return {
    status: isMissingSubject(compiled, first) ? 404 : (STATUS_OF_USER_ERROR[first.code] ?? 422),
    code: first.code,
    detail: first.message,
    requestId,
    errors: named,
    ...(done.length > 0 && { result: Object.fromEntries(done) }),
  };
}

/** What the address names is not there; what the body names is a mistake in it. */
const isMissingSubject = ({ inputs }: CompiledRoute, { code, field }: UserError): boolean =>
  code === 'NOT_FOUND' && inputs.some((input) => input.in === 'path' && input.target.join('.') === field?.join('.'));

function bodyOf(compiled: CompiledRoute, expand: readonly string[], value: unknown): Data | null {
  const answered = compiled.answered(expand);
  if (value === null || value === undefined) return null;
  if (answered.kind === 'deleted') return { id: (value as Data)[answered.field], deleted: true };
  if (answered.kind === 'parts') {
    const { userErrors: _, ...parts } = value as Data;
    return shape(answered.parts, parts);
  }
  const payload = value as Data;
  const inside = compiled.isMutation ? Object.entries(payload).find(([name]) => name !== 'userErrors')?.[1] : value;
  if (inside === null || inside === undefined) return null;
  if (answered.kind === 'object') return shape(answered.selection, inside as Data);
  if (answered.hasCursors) return listOf(answered.selection, inside as Connection);
  return { data: (inside as Data[]).map((one) => shape(answered.selection, one)), hasMore: false, next: null };
}

interface Connection {
  nodes: Data[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const listOf = (selection: Selection, { nodes, pageInfo }: Connection): Data => ({
  data: nodes.map((node) => shape(selection, node)),
  hasMore: pageInfo.hasNextPage,
  next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
});

const withLists = new WeakMap<Selection, boolean>();

function hasLists(selection: Selection): boolean {
  const known = withLists.get(selection);
  if (known !== undefined) return known;
  const has = selection.fields.some(({ below, isList }) => isList || (below !== null && hasLists(below)));
  withLists.set(selection, has);
  return has;
}

/** An object with its expanded lists as the routes of these lists answer them. */
function shape(selection: Selection, object: Data): Data {
  if (!hasLists(selection)) return object;
  const shaped: Data = { ...object };
  for (const { field, below, isList } of selection.fields) {
    const value = object[field.name];
    if (!below || value === null || value === undefined) continue;
    if (isList) shaped[field.name] = listOf(below, value as Connection);
    else if (Array.isArray(value)) shaped[field.name] = value.map((one) => one && shape(below, one as Data));
    else shaped[field.name] = shape(below, value as Data);
  }
  return shaped;
}

/** Nothing of a mutation that makes something is a 200: its object is new, or was by the request that had the same key. */
export const isCreation = ({ steps, isMutation }: CompiledRoute): boolean =>
  isMutation && /(Create|Add|Import|Export)$/.test(steps[0]?.name ?? '') && steps[0]?.name !== 'cartLinesAdd';

function headersOf(compiled: CompiledRoute, all: readonly CompiledRoute[], body: Data): Record<string, string> {
  const answered = compiled.answered([]);
  const headers: Record<string, string> = {};
  if (answered.kind === 'object' && typeof body.version === 'number') headers.etag = `"${body.version}"`;
  if (!isCreation(compiled)) return headers;
  const [type, object] = newObject(compiled, body);
  const at = type && locationOf(all, type);
  if (at && typeof object?.id === 'string') headers.location = at.replace('{id}', encodeURIComponent(object.id));
  return headers;
}

/** Of several parts, the first that is an object. */
function newObject(compiled: CompiledRoute, body: Data) {
  const answered = compiled.answered([]);
  if (answered.kind === 'object') return [answered.selection.type, body] as const;
  const part = answered.kind === 'parts' ? answered.parts.fields.find(({ below }) => below) : undefined;
  return [part?.below?.type ?? null, part ? (body[part.field.name] as Data | null) : null] as const;
}

/** Where the graph has null because it could not find out what is there. */
function missingOf(
  { steps, isMutation }: CompiledRoute,
  { path = [], message, extensions }: GraphQLFormattedError,
): FieldFault {
  const below = path.slice(steps.length + (isMutation ? 1 : 0)).filter((step) => step !== 'nodes');
  return { field: below.join('.') || null, code: String(extensions?.code), message };
}

interface Cost {
  remaining?: number;
  restoreRate?: number;
}

/** Of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, in the cost of operations, by windows of ten seconds. */
export function rateLimitHeaders({ remaining, restoreRate }: Cost = {}): Record<string, string> {
  if (remaining === undefined || restoreRate === undefined) return {};
  return {
    'ratelimit-policy': `"cost";q=${restoreRate * WINDOW_SECONDS};w=${WINDOW_SECONDS}`,
    ratelimit: `"cost";r=${Math.max(0, Math.floor(remaining))}`,
  };
}

const WINDOW_SECONDS = 10;
