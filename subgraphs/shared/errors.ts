import { GraphQLError } from 'graphql';

/** The codes of top-level errors: who is asking, or a request that can't be read. All else is a payload's `userErrors`. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'TENANT_REQUIRED'
  | 'STORE_NOT_FOUND'
  | 'STORE_UNAVAILABLE'
  | 'THROTTLED'
  | 'BAD_USER_INPUT'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

export function graphqlError(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** For a visitor: signed in they may be allowed to. */
export const signInFirst = () => graphqlError('UNAUTHENTICATED', 'Sign in to do this.');

export const forbidden = () => graphqlError('FORBIDDEN', 'You may not do this.');

export const tenantRequired = () =>
  graphqlError(
    'TENANT_REQUIRED',
    'Name a store: by its address, by X-Store-Domain, or by the active organization of your token.',
  );

export const storeUnavailable = () => graphqlError('STORE_UNAVAILABLE', 'This store is not available.');

/** @param expected what a right value looks like, as the end of the sentence "expected …". */
export const badUserInput = (field: string, expected: string) =>
  graphqlError('BAD_USER_INPUT', `${field}: expected ${expected}`, { field, expected });

export const serviceUnavailable = () =>
  graphqlError('SERVICE_UNAVAILABLE', 'A part of the system does not answer at the moment. Try again.');

/** What a mutation can't do, and where in its input that shows. */
export interface UserError<Code extends string> {
  field: string[];
  message: string;
  code: Code;
}

/** Ends a mutation with user errors, from any depth below {@link payload}; a transaction around it rolls back. */
export class UserErrors<Code extends string = string> extends Error {
  readonly userErrors: UserError<Code>[];

  constructor(...userErrors: UserError<Code>[]) {
    super(userErrors.map((error) => error.code).join(', '));
    this.userErrors = userErrors;
  }
}

/** Ends a mutation because the object has changed since the client read it; the payload carries it as it is now. */
export class StaleVersion<Code extends string = string> extends UserErrors<Code> {
  constructor(
    readonly current: unknown,
    userError: UserError<Code>,
  ) {
    super(userError);
  }
}

type Payload<Name extends string, Result, Code extends string> = { [Key in Name]: Result | null } & {
  userErrors: UserError<Code>[];
};

/** A mutation's payload: `work`'s result under `name`, or the user errors it ended with. Other errors pass. */
export async function payload<Name extends string, Result, Code extends string>(
  name: Name,
  work: () => Promise<Result>,
): Promise<Payload<Name, Result, Code>> {
  try {
    return { [name]: await work(), userErrors: [] } as unknown as Payload<Name, Result, Code>;
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    const object = error instanceof StaleVersion ? error.current : null;
    return { [name]: object, userErrors: error.userErrors } as Payload<Name, Result, Code>;
  }
}
