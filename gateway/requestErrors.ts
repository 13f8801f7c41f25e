import { HeaderMap } from '@apollo/server';
import type { GraphQLError } from 'graphql';
import {
  type ErrorCode,
  graphqlError,
  type HttpCode,
  serviceUnavailable,
  storeUnavailable,
  tenantRequired,
} from '../subgraphs/shared/errors';

interface HttpAnswer {
  status: number;
  headers: HeaderMap;
}

/** The codes about a client's document: Apollo Server's, and the gateway's own about persisted queries. */
export const DOCUMENT_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_HASH_MISMATCH',
  'PERSISTED_QUERY_VERSION_NOT_SUPPORTED',
] as const;
/** What `extensions.code` of any answer may be. */
export type AnswerCode = ErrorCode | HttpCode | (typeof DOCUMENT_CODES)[number];

/** The HTTP status and headers of a request that fails as a whole, before any part of it is executed. */
const HTTP: Partial<Record<ErrorCode, () => HttpAnswer>> = {
  BAD_USER_INPUT: () => ({ status: 400, headers: new HeaderMap() }),
  UNAUTHENTICATED: () => ({ status: 401, headers: new HeaderMap([['www-authenticate', 'Bearer']]) }),
  TENANT_REQUIRED: () => ({ status: 400, headers: new HeaderMap() }),
  STORE_NOT_FOUND: () => ({ status: 404, headers: new HeaderMap() }),
  STORE_UNAVAILABLE: () => ({ status: 403, headers: new HeaderMap() }),
  SERVICE_UNAVAILABLE: () => ({ status: 503, headers: new HeaderMap([['retry-after', '1']]) }),
};

/** An error that ends the whole request. @param reason for the log only; clients never see it. */
export function requestError(code: ErrorCode, message: string, reason?: string): GraphQLError {
  return graphqlError(code, message, {
    http: HTTP[code]?.() ?? { status: 500, headers: new HeaderMap() },
    ...(reason !== undefined && { reason }),
  });
}

export const signInRequired = () => requestError('UNAUTHENTICATED', 'Sign in: this needs a token or a store.');

/** The same answer for every invalid token, whatever is wrong with it. */
export const invalidToken = (reason: string) =>
  requestError('UNAUTHENTICATED', 'The token is not valid. Sign in again.', reason);

export const storeRequired = () => requestError('TENANT_REQUIRED', tenantRequired().message);

export const storeNotFound = () => requestError('STORE_NOT_FOUND', 'There is no store at this address.');

/** The store is deleted, or suspended and the caller is not of its staff. */
export const storeClosed = () => requestError('STORE_UNAVAILABLE', storeUnavailable().message);

/** @param reason which part of the system does not answer, and its error. */
export const dependencyUnavailable = (reason: string) =>
  requestError('SERVICE_UNAVAILABLE', serviceUnavailable().message, reason);

/** @param waitMs until the rate limit allows more requests. */
export function throttled(
  whose: 'address' | 'user' | 'store' | 'staff' | 'large operations',
  waitMs: number,
): GraphQLError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  return graphqlError('THROTTLED', `Too many requests. Try again in ${retryAfter} s.`, {
    http: { status: 429, headers: new HeaderMap([['retry-after', String(retryAfter)]]) },
    reason: `the rate limit of the ${whose} is reached`,
    retryAfter,
  });
}

/** The body of an error response outside GraphQL's execution, in the shape of a GraphQL response. */
export function errorBody(code: AnswerCode, message: string, requestId: string, more: object = {}): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, requestId, ...more } }] });
}
