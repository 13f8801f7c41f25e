import { dependencyUnavailable, requestError } from '../requestErrors';
import { PlanningThread } from './planningThread';

/** Makes query plans in a thread of its own, so that a long one delays nobody whose operation is planned already. */
export interface Planner {
  /** The schema that clients see. */
  apiSdl: string;
  /**
   * @param size of the operation: of those that wait, the smallest is planned first.
   * @returns the plan as JSON.
   * @throws GraphQLError SERVICE_UNAVAILABLE when too many wait, BAD_USER_INPUT when there is no plan or it takes too long.
   */
  plan(text: string, size: number): Promise<string>;
  /** After what waits was planned. */
  stop(): Promise<void>;
}

/** Of a processor. Several times what the largest operation that is let through takes. */
const MAX_CPU_MS = 2_000;
const MAX_WAITING = 200;

interface Job {
  text: string;
  size: number;
  resolve(plan: string): void;
  reject(error: unknown): void;
}

/** @throws Error with the reason when the supergraph can't be used. */
export async function startPlanner(
  supergraphSdl: string,
  { maxCpuMs = MAX_CPU_MS, maxWaiting = MAX_WAITING } = {},
): Promise<Planner> {
  let thread: PlanningThread | null = await PlanningThread.start(supergraphSdl);
  const { apiSdl } = thread;
  const waiting: Job[] = [];
  let work: Promise<void> | null = null;

  async function planAll(): Promise<void> {
    for (let job = takeSmallest(waiting); job; job = takeSmallest(waiting)) {
      try {
        job.resolve(await planOne(job.text));
      } catch (error) {
        job.reject(error);
      }
    }
    work = null;
  }

  async function planOne(text: string): Promise<string> {
    thread ??= await PlanningThread.start(supergraphSdl);
    const { outcome, reason, plan } = await thread.plan(text, maxCpuMs);
    if (outcome === 'planned') return plan;
    if (outcome === 'refused')
      throw requestError('BAD_USER_INPUT', 'The operation can’t be planned. Ask for it in parts.', reason);
    // A thread can't be interrupted, only ended.
    await thread.end();
    thread = null;
    throw requestError('BAD_USER_INPUT', 'The operation takes too long to plan. Ask for it in parts.', reason);
  }

  return {
    apiSdl,
    plan: (text, size) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= maxWaiting) {
          reject(dependencyUnavailable(`${maxWaiting} operations wait for their plans`));
          return;
        }
        waiting.push({ text, size, resolve, reject });
        work ??= planAll();
      }),
    async stop() {
      await work;
      await thread?.end();
    },
  };
}

function takeSmallest(jobs: Job[]): Job | undefined {
  const sizes = jobs.map(({ size }) => size);
  return jobs.splice(sizes.indexOf(Math.min(...sizes)), 1)[0];
}
