import { graphqlError } from '../../shared/errors';
import type { Context } from '../context';
import { requestLimit } from '../requestLimit';
import { MAX_CODES } from './discountInput';

const mayTryCode = requestLimit(MAX_CODES);

/** Limits the discount codes of one request, so that codes can't be guessed by the thousand. @throws GraphQLError THROTTLED */
export function countCodeAttempt(ctx: Context): void {
  if (!mayTryCode(ctx)) throw graphqlError('THROTTLED', `One request names up to ${MAX_CODES} codes.`);
}
