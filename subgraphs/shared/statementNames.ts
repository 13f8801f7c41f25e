/** A statement gets a name when it is sent for the third time. */
const NAMED_FROM = 3;
/** A connection keeps each prepared statement, and its plan, until it is closed. */
const MAX_NAMES = 256;
/** How many texts without a name are counted at a time. */
const MAX_COUNTED = 1_024;

/**
 * Names for the statements that a process sends again and again. PostgreSQL parses, rewrites and plans a statement with a name (a
 * prepared statement) once a connection, and one without a name each time, which costs more than its execution.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** @returns undefined for a statement that is sent without a name. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known || this.#names.size === MAX_NAMES) return known;
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (count < NAMED_FROM) {
      if (this.#counts.size === MAX_COUNTED) this.#counts.clear();
      this.#counts.set(text, count);
      return undefined;
    }
    this.#counts.delete(text);
    const name = `often_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
