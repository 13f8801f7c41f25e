import { HeaderMap } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import { type ErrorCode, graphqlError, serviceUnavailable, tenantRequired } from '../subgraphs/shared/errors';

interface HttpAnswer {
  status: number;
  headers: HeaderMap;
}

/** How a request that is refused before any part of it ran answers over HTTP. */
const HTTP: Partial<Record<ErrorCode, () => HttpAnswer>> = {
  BAD_USER_INPUT: () => ({ status: 400, headers: new HeaderMap() }),
  UNAUTHENTICATED: () => ({ status: 401, headers: new HeaderMap([['www-authenticate', 'Bearer']]) }),
  TENANT_REQUIRED: () => ({ status: 400, headers: new HeaderMap() }),
  STORE_NOT_FOUND: () => ({ status: 404, headers: new HeaderMap() }),
  STORE_UNAVAILABLE: () => ({ status: 403, headers: new HeaderMap() }),
  SERVICE_UNAVAILABLE: () => ({ status: 503, headers: new HeaderMap([['retry-after', '1']]) }),
};

/** An error that ends the whole request. `reason` is for the log only: no client sees it. */
export function refusal(code: ErrorCode, message: string, reason?: string): GraphQLError {
  return graphqlError(code, message, {
    http: HTTP[code]?.() ?? { status: 500, headers: new HeaderMap() },
    ...(reason !== undefined && { reason }),
  });
}

export const signInRequired = () => refusal('UNAUTHENTICATED', 'Sign in: this needs a token or a store.');

/** One answer for every token that doesn't count, whatever is wrong with it. */
export const tokenRefused = (reason: string) =>
  refusal('UNAUTHENTICATED', 'The token is not valid. Sign in again.', reason);

export const storeRequired = () => refusal('TENANT_REQUIRED', tenantRequired().message);

export const storeNotFound = () => refusal('STORE_NOT_FOUND', 'There is no store at this address.');

export const storeUnavailable = () => refusal('STORE_UNAVAILABLE', 'This store is not available.');

/** @param waitMs until a part of the budget is there again. */
export function throttled(whose: 'address' | 'user' | 'store' | 'staff', waitMs: number): GraphQLError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  return graphqlError('THROTTLED', `Too much was asked for at once. Try again in ${retryAfter} s.`, {
    http: { status: 429, headers: new HeaderMap([['retry-after', String(retryAfter)]]) },
    reason: `the budget of the ${whose} is spent`,
    retryAfter,
  });
}

export const partUnavailable = (reason: string) => refusal('SERVICE_UNAVAILABLE', serviceUnavailable().message, reason);
