import pLimit from 'p-limit';

/** So much work waits already that more is rejected (load shedding). */
export class Busy extends Error {}

export type WorkLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Limits concurrency: runs `concurrency` pieces of work, has `maxWaiting` wait in a queue, and rejects more. @throws Busy */
export function createWorkLimit(concurrency: number, maxWaiting: number): WorkLimit {
  const limit = pLimit(concurrency);
  return async (work) => {
    // What is about to start is counted as pending until the next tick.
    if (limit.activeCount + limit.pendingCount >= concurrency + maxWaiting) throw new Busy('too much to do');
    return limit(work);
  };
}
