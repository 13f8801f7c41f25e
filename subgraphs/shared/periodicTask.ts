import type { Logger } from './log';

export interface PeriodicTask {
  /** Starts no other run, and resolves when the one under way has ended. */
  stop(): Promise<void>;
}

interface PeriodicTaskOptions {
  /** For the log. */
  name: string;
  /** @returns whether there is more to do at once. */
  run(stopping: AbortSignal): Promise<boolean>;
  everyMs: number;
  /** Until the first run; `everyMs` when not given. */
  firstAfterMs?: number;
  logger: Logger;
}

/** Repeats what a process has to do now and then. A run that fails is logged, and the next one follows all the same. */
export function startPeriodicTask({
  name,
  run,
  everyMs,
  firstAfterMs = everyMs,
  logger,
}: PeriodicTaskOptions): PeriodicTask {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const runOnce = async () => {
    const hasMore = await run(stopping.signal).catch((error: unknown) => {
      logger.error({ err: error, task: name }, 'periodic task failed; the next run tries again');
      return false;
    });
    if (!stopping.signal.aborted) schedule(hasMore ? 0 : everyMs);
  };
  const schedule = (delayMs: number) => {
    timer = setTimeout(() => {
      running = runOnce();
    }, delayMs);
  };
  schedule(firstAfterMs);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
