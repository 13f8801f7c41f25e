/** A statement gets a name when it is sent for this many times. */
const NAMED_FROM = 3;
/** Limits the prepared statements, because each connection keeps them and their plans until it is closed. */
const MAX_NAMES = 256;
/** How many unnamed statements are counted at a time. */
const MAX_COUNTED = 1_024;

/**
 * Names for frequently sent statements. PostgreSQL parses and plans a named (prepared) statement once for each connection, and an
 * unnamed one each time, which often costs more than its execution.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** @returns undefined when the statement should be sent without a name. */
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
