import type { Logger } from './log';
import { countRun } from './metrics/taskMetrics';

export interface PeriodicTask {
  /** Starts no more runs, and resolves when the current one has ended. */
  stop(): Promise<void>;
}

interface PeriodicTaskOptions {
  /** Named in the log and in metrics. */
  name: string;
  /** @returns whether the next run should follow immediately. */
  run(stopping: AbortSignal): Promise<boolean>;
  everyMs: number;
  /** The delay before the first run; defaults to `everyMs`. */
  firstAfterMs?: number;
  logger: Logger;
}

/** Runs a task periodically for as long as the process lives. A failed run is logged, and the next one follows all the same. */
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
    const hasMore = await run(stopping.signal).then(
      (more) => {
        countRun(name, 'ok');
        return more;
      },
      (error: unknown) => {
        countRun(name, 'failed');
        logger.error({ err: error, task: name }, 'periodic task failed; the next run tries again');
        return false;
      },
    );
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
