import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PlannerMessage, PlanRequest } from './planner.worker';

/** `stuck`: it takes too long, or the thread has died of it. */
type Planning =
  | { outcome: 'planned'; plan: string; reason?: undefined }
  | { outcome: 'refused' | 'stuck'; plan?: undefined; reason: string };

/** Far more than a plan takes: one that needs more ends the thread, and not the gateway. */
const MAX_HEAP_MB = 512;
/** How many times longer than its limit of processor time a plan may take by the wall clock. */
const MAX_SLOWDOWN = 10;
const MIN_WAIT_MS = 5;

/** The thread of planner.worker.ts. It makes one plan at a time. */
export class PlanningThread {
  private constructor(
    private readonly worker: Worker,
    /** The schema that clients see. */
    readonly apiSdl: string,
    /** What it has used of a processor, in milliseconds. */
    readonly cpuMs: () => Promise<number>,
  ) {}

  /** @throws Error with the reason when the supergraph can't be used. */
  static async start(supergraphSdl: string): Promise<PlanningThread> {
    const file = require.resolve('./planner.worker');
    const worker = new Worker(file, {
      workerData: supergraphSdl,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // Jest loads TypeScript in a way that the thread knows nothing of.
      ...(extname(file) === '.ts' && { execArgv: ['--require', join(__dirname, '..', 'dev', 'ts.js')] }),
    });
    const message = await nextMessage(worker);
    if ('apiSdl' in message) return new PlanningThread(worker, message.apiSdl, clockOf(message.threadId));
    await worker.terminate();
    throw new Error('error' in message ? message.error : 'The planner did not start');
  }

  /** @param maxCpuMs of a processor, so that a plan takes no longer for what else the machine does. */
  async plan(text: string, maxCpuMs: number): Promise<Planning> {
    const canceled = new AbortController();
    const tooLong = this.usesUp(maxCpuMs, canceled.signal);
    this.worker.postMessage({ text } satisfies PlanRequest);
    try {
      const message = await Promise.race([nextMessage(this.worker), tooLong]);
      if (message === null) return { outcome: 'stuck', reason: `no plan within ${maxCpuMs} ms of a processor` };
      if ('plan' in message) return { outcome: 'planned', plan: message.plan };
      return { outcome: 'refused', reason: 'error' in message ? message.error : 'no answer to the request' };
    } catch (error) {
      return { outcome: 'stuck', reason: (error as Error).message };
    } finally {
      canceled.abort();
    }
  }

  /** Resolves once the thread has used that much of a processor from now on, or is given so little of it that it never would. */
  private async usesUp(maxCpuMs: number, signal: AbortSignal): Promise<null> {
    const begun = performance.now();
    const usedBefore = await this.cpuMs();
    let left = maxCpuMs;
    while (left > 0 && performance.now() - begun < MAX_SLOWDOWN * maxCpuMs) {
      await sleep(Math.max(left, MIN_WAIT_MS), null, { signal }).catch(() => null);
      if (signal.aborted) return null;
      left = maxCpuMs - ((await this.cpuMs()) - usedBefore);
    }
    return null;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/** @throws the error that ends the thread, as `once` does for `error`. */
async function nextMessage(worker: Worker): Promise<PlannerMessage> {
  const [message] = (await once(worker, 'message')) as [PlannerMessage];
  return message;
}

/** The processor time that a thread of this process has used, in milliseconds; the wall clock where the system does not tell. */
function clockOf(threadId: string | null): () => Promise<number> {
  if (threadId === null) return () => Promise.resolve(performance.now());
  const file = `/proc/self/task/${threadId}/schedstat`;
  // Nanoseconds on a processor, nanoseconds waiting for one, and how often it ran.
  return async () => Number((await readFile(file, 'utf8')).split(' ')[0]) / 1e6;
}
