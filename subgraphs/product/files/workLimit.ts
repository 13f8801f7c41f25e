/** There is so much to do already that waiting for it would take too long. */
export class Busy extends Error {}

export type WorkLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs so many pieces of work at once, lets so many wait for their turn, and refuses more. @throws Busy */
export function createWorkLimit(atOnce: number, mayWait: number): WorkLimit {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= mayWait) throw new Busy('too much to do');
      // Its place is handed on to it by the one that ends: `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
