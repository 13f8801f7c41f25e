import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ReadCanceled } from './cancellation';
import { isDatabaseUnavailable, isUnstorableText } from './databaseErrors';
import { badUserInput, serviceUnavailable } from './errors';
import type { Logger } from './log';

/**
 * Maps an error to what a client may see. A GraphQLError with a code was thrown on purpose and is passed on. Any other error is logged
 * and masked, since its message may contain SQL, a table's name or an address.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown, logger: Logger): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const location = formatted.path ? { path: formatted.path } : {};
  if (original instanceof GraphQLError && typeof original.extensions.code === 'string') {
    const { stacktrace: _stacktrace, ...extensions } = formatted.extensions ?? {};
    return { message: formatted.message, ...location, extensions };
  }
  if (isUnstorableText(original))
    return { ...asFormatted(badUserInput('text', 'characters other than NUL')), ...location };
  // The client no longer waits for this answer. Not logged, because the database works.
  if (original instanceof ReadCanceled) return { ...asFormatted(serviceUnavailable()), ...location };
  if (isDatabaseUnavailable(original)) {
    logger.warn({ err: original }, 'database unavailable');
    return { ...asFormatted(serviceUnavailable()), ...location };
  }
  logger.error({ err: original }, 'resolver failed');
  return { message: 'Internal server error', ...location, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
}

const asFormatted = ({ message, extensions }: GraphQLError): GraphQLFormattedError => ({ message, extensions });
