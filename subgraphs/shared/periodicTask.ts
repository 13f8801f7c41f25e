import type { Logger } from './log';

export interface PeriodicTask {
  /** Begins no other round, and resolves when the one under way has ended. */
  stop(): Promise<void>;
}

interface PeriodicTaskOptions {
  /** For the log. */
  name: string;
  /** One round. @returns whether there is more to do at once. */
  run(stopping: AbortSignal): Promise<boolean>;
  everyMs: number;
  /** Until the first round; as long as between two when not given. */
  firstAfterMs?: number;
  logger: Logger;
}

/** Repeats what a process has to do now and then. A round that fails is logged, and the next one comes all the same. */
export function startPeriodicTask({
  name,
  run,
  everyMs,
  firstAfterMs = everyMs,
  logger,
}: PeriodicTaskOptions): PeriodicTask {
  const stopping = new AbortController();
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const runOne = async () => {
    const more = await run(stopping.signal).catch((error: unknown) => {
      logger.error({ err: error, task: name }, 'round failed; the next one tries again');
      return false;
    });
    if (!stopping.signal.aborted) schedule(more ? 0 : everyMs);
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => {
      round = runOne();
    }, delay);
  };
  schedule(firstAfterMs);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}

/**
 * Does all of `items`, a few at once, until told to stop. When one fails no other is begun, and it throws that failure once those
 * under way have ended: nothing goes on behind the caller's back.
 */
export async function forEachConcurrent<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
  stopping?: AbortSignal,
): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopping?.aborted; next = waiting.shift()) {
      try {
        await work(next);
      } catch (error) {
        failures.push(error);
        waiting.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
