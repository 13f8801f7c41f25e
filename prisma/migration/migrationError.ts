/** A migration can't be applied or made. Its message is for the person at the terminal: what, and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}
