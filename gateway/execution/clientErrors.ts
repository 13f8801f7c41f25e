import type { GraphQLFormattedError } from 'graphql';
import { ERROR_CODES } from '../../subgraphs/shared/errors';
import { DOCUMENT_CODES } from '../requestErrors';

const PUBLIC_CODES: ReadonlySet<unknown> = new Set(ERROR_CODES.filter((code) => code !== 'INTERNAL_SERVER_ERROR'));

/** About the client's request. From a subgraph, they concern the document that the gateway sent to it. */
const CODES_OF_THE_REQUEST: ReadonlySet<unknown> = new Set(['BAD_REQUEST', ...DOCUMENT_CODES]);

const MAX_MESSAGE = 500;

/** Whether a client may read this error's message. `extensions.serviceName` is there when a subgraph made it. */
export function isPublic({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): boolean {
  if (PUBLIC_CODES.has(extensions?.code)) return true;
  return extensions?.serviceName === undefined && CODES_OF_THE_REQUEST.has(extensions?.code);
}

/**
 * Masks an error for clients: a public one keeps its message and code, any other becomes "Internal server error". It never has a
 * subgraph's name, address or stack, nor, where the schema is not shown to everybody, names of it that the client did not use ("Did you
 * mean").
 */
export function toClientError(
  error: GraphQLFormattedError,
  { showsSchema }: { showsSchema: boolean },
): GraphQLFormattedError {
  const { message, locations, extensions } = error;
  const path = clientPath(error.path);
  const where = { ...(locations && { locations }), ...(path && { path }) };
  if (!isPublic(error)) {
    return { message: 'Internal server error', ...where, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const { code, field, expected, retryAfter } = extensions ?? {};
  const wait = typeof retryAfter === 'number' ? { retryAfter } : {};
  const input =
    code === 'BAD_USER_INPUT'
      ? { ...(field !== undefined && { field }), ...(expected !== undefined && { expected }) }
      : {};
  return { message: clientMessage(message, showsSchema), ...where, extensions: { code, ...input, ...wait } };
}

function clientMessage(message: string, showsSchema: boolean): string {
  const text = showsSchema ? message : message.replace(/ ?Did you mean [^?]*\?/g, '');
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}

/** Apollo Gateway's path of a failed fetch has `@` for list elements; clients get the part before the first one. */
function clientPath(path: GraphQLFormattedError['path']): GraphQLFormattedError['path'] {
  const each = path?.indexOf('@') ?? -1;
  const known = each === -1 ? path : path?.slice(0, each);
  return known?.length ? known : undefined;
}
