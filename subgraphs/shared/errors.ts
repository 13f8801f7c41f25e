import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** The codes of top-level errors: about the caller, or about an invalid request. All other failures are in a payload's `userErrors`. */
export const ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'TENANT_REQUIRED',
  'STORE_NOT_FOUND',
  'STORE_UNAVAILABLE',
  'THROTTLED',
  'BAD_USER_INPUT',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export function graphqlError(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** For a visitor, who may have access after signing in. */
export const signInFirst = () => graphqlError('UNAUTHENTICATED', 'Sign in to do this.');

export const forbidden = () => graphqlError('FORBIDDEN', 'You may not do this.');

export const tenantRequired = () =>
  graphqlError(
    'TENANT_REQUIRED',
    'Name a store: by its address, by X-Store-Domain, or by the active organization of your token.',
  );

export const storeUnavailable = () => graphqlError('STORE_UNAVAILABLE', 'This store is not available.');

/** @param expected what a valid value looks like, as the end of the sentence "expected …". */
export const badUserInput = (field: string, expected: string) =>
  graphqlError('BAD_USER_INPUT', `${field}: expected ${expected}`, { field, expected });

export const serviceUnavailable = () =>
  graphqlError('SERVICE_UNAVAILABLE', 'A part of the system does not answer at the moment. Try again.');

/**
 * An error as Apollo Server formatted it, with its own code where it has one: Apollo Server gives every fault that validation finds
 * GRAPHQL_VALIDATION_FAILED, also a value that a scalar refused with BAD_USER_INPUT, as which it refuses a variable.
 */
export function withOwnCode(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const found = error instanceof GraphQLError ? error.originalError : undefined;
  if (!(found instanceof GraphQLError) || found.extensions.code !== 'BAD_USER_INPUT') return formatted;
  return { ...formatted, extensions: { ...formatted.extensions, code: found.extensions.code } };
}

/** The codes of requests that are no GraphQL operation, such as one to a route that there is not. */
export const HTTP_CODES = ['BAD_REQUEST', 'NOT_FOUND', 'METHOD_NOT_ALLOWED'] as const;
export type HttpCode = (typeof HTTP_CODES)[number];

/** The body of a failed request to a route beside GraphQL: in the shape of GraphQL's errors, so that clients read one shape. */
export const errorsBody = (code: ErrorCode | HttpCode, message: string) => ({
  errors: [{ message, extensions: { code } }],
});
