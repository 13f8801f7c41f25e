/**
 * Does work of one key one after the other, in the order in which it came, and work of different keys at once. For what waits for
 * one row's lock in the database: many such transactions at once would hold all connections of the process, and do nothing.
 */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const own = before ? before.then(work, work) : work();
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }

  /** How many keys have work. */
  get size(): number {
    return this.#last.size;
  }
}
