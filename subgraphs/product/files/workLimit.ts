import pLimit from 'p-limit';

/** The queue is full, so the work was rejected (load shedding). */
export class Busy extends Error {}

export type WorkLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Limits concurrency: runs `concurrency` pieces of work, queues up to `maxWaiting`, and rejects more. @throws Busy */
export function createWorkLimit(concurrency: number, maxWaiting: number): WorkLimit {
  const limit = pLimit(concurrency);
  return async (work) => {
    // p-limit counts work that is about to start as pending until the next tick.
    if (limit.activeCount + limit.pendingCount >= concurrency + maxWaiting) throw new Busy('too much to do');
    return limit(work);
  };
}
