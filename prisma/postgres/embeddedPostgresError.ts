/** Why the embedded PostgreSQL could not start, for callers that handle it. */
export type EmbeddedPostgresFault =
  | 'UNSUPPORTED_PLATFORM'
  | 'PORT_IN_USE'
  | 'ALREADY_RUNNING'
  | 'DATA_UNUSABLE'
  | 'NO_PERMISSION'
  | 'FAILED';

/** The message is one sentence for a person at a terminal. */
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

/** The `code` of an error of the system (ENOENT), of a program (its exit code) or of PostgreSQL; undefined for anything else. */
export const codeOf = (error: unknown): unknown =>
  // Not instanceof: inside Jest, Node's errors are instances of another realm's Error.
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
