/** What kept the embedded PostgreSQL from starting, for a caller that goes on in another way. */
export type EmbeddedPostgresFault =
  | 'UNSUPPORTED_PLATFORM'
  | 'PORT_IN_USE'
  | 'ALREADY_RUNNING'
  | 'DATA_UNUSABLE'
  | 'NO_PERMISSION'
  | 'FAILED';

/** Its message is one sentence for the person at the terminal. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';

  constructor(
    readonly fault: EmbeddedPostgresFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The `code` of what the system (ENOENT), a program (its exit code) or PostgreSQL refuses; undefined for anything else. */
export const codeOf = (error: unknown): unknown =>
  // Not instanceof: inside Jest, Node's errors are of another realm.
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
