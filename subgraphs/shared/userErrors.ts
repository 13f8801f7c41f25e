/** An expected failure of a mutation, and the input's path that causes it. */
export interface UserError<Code extends string> {
  /** The path from the argument on, such as `['input', 'lines', '0', 'quantity']`. */
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

/** Ends a mutation because the object has changed since the client read it. The payload carries the current object. */
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

/** Makes a mutation's payload: `work`'s result under `name`, or the user errors that it threw. Other errors pass through. */
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

/** @throws UserErrors when there are any. */
export function throwIfAny<Code extends string>(userErrors: readonly UserError<Code>[]): void {
  if (userErrors.length > 0) throw new UserErrors(...userErrors);
}

/** An error to be thrown, for codes without a function below. `refusal<UserErrorCode>` lets the compiler check the code. */
export const refusal = <Code extends string>(field: string[], code: Code, message: string): UserErrors<Code> =>
  new UserErrors({ field, code, message });

/** @param what such as "category", as the end of the sentence "No such …". */
export const notFound = (what: string, field: string[] = ['id']): UserError<'NOT_FOUND'> => ({
  field,
  code: 'NOT_FOUND',
  message: `No such ${what}.`,
});

/** @param expected what a valid value looks like, as the end of the sentence "Expected …". */
export const invalid = (field: string[], expected: string): UserError<'INVALID'> => ({
  field,
  code: 'INVALID',
  message: `Expected ${expected}.`,
});

export const required = (field: string[], message = 'Must not be empty.'): UserError<'REQUIRED'> => ({
  field,
  code: 'REQUIRED',
  message,
});

export const taken = (field: string[], message: string): UserError<'TAKEN'> => ({ field, code: 'TAKEN', message });

export const inUse = (field: string[], message: string): UserError<'IN_USE'> => ({ field, code: 'IN_USE', message });

export const limitReached = (field: string[], message: string): UserError<'LIMIT_REACHED'> => ({
  field,
  code: 'LIMIT_REACHED',
  message,
});

/** An error to be thrown. @param current the current object, for the payload. */
export const staleVersion = (
  current: { version: number },
  field: string[] = ['input', 'expectedVersion'],
): StaleVersion<'STALE_VERSION'> =>
  new StaleVersion(current, {
    field,
    code: 'STALE_VERSION',
    message: `It is at version ${current.version}: look at what has changed, and send it again.`,
  });
