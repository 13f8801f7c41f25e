/** A statement's text is worth a name when it has come so often. */
const WORTH_A_NAME = 3;
/** Each connection keeps what has a name until it ends. */
const MAX_NAMES = 256;
/** How many texts are remembered that have come less often. */
const MAX_SEEN = 1_024;

/**
 * What binds the scope, and what changes or locks rows: that finds them by their keys, whosever they are. Lists are not named: PostgreSQL may plan what is named for
 * the average store, and the best way through the rows of a big one is another.
 */
const FINDS_BY_KEY = /\b(INSERT INTO|UPDATE|DELETE FROM|FOR SHARE|SELECT set_\w+\(\$1\))/;

/**
 * Names for the statements that a process sends again and again: PostgreSQL reads, rewrites and plans a statement with a name once a
 * connection, where one without costs it that anew each time, which is more than to carry it out.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #seen = new Map<string, number>();

  /** @returns undefined for a statement that goes without. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known || this.#names.size === MAX_NAMES || !FINDS_BY_KEY.test(text)) return known;
    const times = (this.#seen.get(text) ?? 0) + 1;
    if (times < WORTH_A_NAME) {
      if (this.#seen.size === MAX_SEEN) this.#seen.clear();
      this.#seen.set(text, times);
      return undefined;
    }
    this.#seen.delete(text);
    const name = `often_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
