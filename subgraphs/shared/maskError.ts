import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { badUserInput } from './errors';
import type { Logger } from './log';

/** PostgreSQL's code for text with a NUL, which it can't store: the caller's fault, whatever field it came in. */
const UNSTORABLE_TEXT = '22021';

/**
 * An error as a client may see it. What the code raised on purpose (a GraphQLError with a code) passes; anything else
 * is logged and masked: its message may hold SQL, a table's name or an address.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown, logger: Logger): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const location = formatted.path ? { path: formatted.path } : {};
  if (original instanceof GraphQLError && typeof original.extensions.code === 'string') {
    const { stacktrace: _stacktrace, ...extensions } = formatted.extensions ?? {};
    return { message: formatted.message, ...location, extensions };
  }
  if (mentions(original, UNSTORABLE_TEXT)) {
    const { message, extensions } = badUserInput('text', 'characters other than NUL');
    return { message, ...location, extensions };
  }
  logger.error({ err: original }, 'resolver failed');
  return { message: 'Internal server error', ...location, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
}

/** Whether a database error, as Prisma wraps it, has this SQLSTATE. */
function mentions(error: unknown, sqlState: string): boolean {
  return error instanceof Error && error.name.startsWith('PrismaClient') && JSON.stringify(error).includes(sqlState);
}
