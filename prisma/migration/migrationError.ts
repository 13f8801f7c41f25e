/** A migration can't be applied or written. The message is for a person at a terminal: what is wrong, and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}
