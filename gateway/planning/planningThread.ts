import { once } from 'node:events';
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

/** The thread of planner.worker.ts. It makes one plan at a time. */
export class PlanningThread {
  private constructor(
    private readonly worker: Worker,
    /** The schema that clients see. */
    readonly apiSdl: string,
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
    if ('apiSdl' in message) return new PlanningThread(worker, message.apiSdl);
    await worker.terminate();
    throw new Error('error' in message ? message.error : 'The planner did not start');
  }

  async plan(text: string, maxMs: number): Promise<Planning> {
    const canceled = new AbortController();
    const tooLong = sleep(maxMs, null, { signal: canceled.signal }).catch(() => null);
    this.worker.postMessage({ text } satisfies PlanRequest);
    try {
      const message = await Promise.race([nextMessage(this.worker), tooLong]);
      if (message === null) return { outcome: 'stuck', reason: `no plan within ${maxMs} ms` };
      if ('plan' in message) return { outcome: 'planned', plan: message.plan };
      return { outcome: 'refused', reason: 'error' in message ? message.error : 'no answer to the request' };
    } catch (error) {
      return { outcome: 'stuck', reason: (error as Error).message };
    } finally {
      canceled.abort();
    }
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
