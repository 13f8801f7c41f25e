import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../../subgraphs/shared/errors';

const PUBLIC_CODES: ReadonlySet<unknown> = new Set<ErrorCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'TENANT_REQUIRED',
  'STORE_NOT_FOUND',
  'STORE_UNAVAILABLE',
  'THROTTLED',
  'BAD_USER_INPUT',
  'SERVICE_UNAVAILABLE',
]);

/** Codes of Apollo Server about the client's own document. From a subgraph they would be about the gateway's. */
const DOCUMENT_CODES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

const MAX_MESSAGE = 500;

/** Whether a client may read this error's message. `extensions.serviceName` is there when a subgraph made it. */
export function isPublic({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): boolean {
  if (PUBLIC_CODES.has(extensions?.code)) return true;
  return extensions?.serviceName === undefined && DOCUMENT_CODES.has(extensions?.code);
}

/**
 * An error as clients see it: the message and code of a public one, and of any other only that something went wrong.
 * No subgraph's name, address or stack, and no names that the client didn't know ("Did you mean").
 */
export function toClientError(error: GraphQLFormattedError): GraphQLFormattedError {
  const { message, locations, extensions } = error;
  const path = clientPath(error.path);
  const where = { ...(locations && { locations }), ...(path && { path }) };
  if (!isPublic(error)) {
    return { message: 'Internal server error', ...where, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const { code, field, expected, retryAfter } = extensions ?? {};
  const wait = code === 'THROTTLED' && typeof retryAfter === 'number' ? { retryAfter } : {};
  const input =
    code === 'BAD_USER_INPUT'
      ? { ...(field !== undefined && { field }), ...(expected !== undefined && { expected }) }
      : {};
  return { message: clientMessage(message), ...where, extensions: { code, ...input, ...wait } };
}

function clientMessage(message: string): string {
  const text = message.replace(/ ?Did you mean [^?]*\?/g, '');
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}

/** The gateway's path of a whole fetch has `@` for "each of the list": what leads there is as much as a client can use. */
function clientPath(path: GraphQLFormattedError['path']): GraphQLFormattedError['path'] {
  const each = path?.indexOf('@') ?? -1;
  const known = each === -1 ? path : path?.slice(0, each);
  return known?.length ? known : undefined;
}
