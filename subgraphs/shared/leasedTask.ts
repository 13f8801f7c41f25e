import { unfencedLease } from './lease';
import type { Logger } from './log';
import { type PeriodicTask, startPeriodicTask } from './periodicTask';
import { runInScope } from './scope';

/** What this module needs of a Prisma client. */
interface Statements {
  $queryRaw<Rows>(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<Rows>;
  $executeRaw(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/** The tenant of rows that belong to no store: no Clerk organization has this id. */
const PLATFORM = 'platform';

/** How soon an instance looks whether the task is due. */
const LOOK_EVERY_MS = 60_000;
/** After a failed run. */
const RETRY_SECONDS = 300;

interface LeasedTaskOptions {
  db: Statements;
  /** Also the lease's name. */
  name: string;
  run(stopping: AbortSignal): Promise<void>;
  /** Between the beginnings of two runs, whichever instances have them. */
  everyMs: number;
  logger: Logger;
}

/** A periodic task that one instance of a service runs, and not each. Should a run outlast the interval, another one may begin: it is idempotent. */
export const startLeasedTask = ({ db, name, run, everyMs, logger }: LeasedTaskOptions): PeriodicTask => {
  const lookEveryMs = Math.min(everyMs, LOOK_EVERY_MS);
  return startPeriodicTask({
    name,
    everyMs: lookEveryMs,
    // Instances that start together do not look together.
    firstAfterMs: Math.random() * lookEveryMs,
    run: async (stopping) => {
      await runLeased(db, name, everyMs / 1000, run, stopping);
      return false;
    },
    logger,
  });
};

/**
 * Runs `work` if no instance has begun it in the last `seconds`. After a failure it is due again in five minutes, and immediately when this
 * process stops in the middle of it.
 * @returns whether it ran.
 */
export async function runLeased(
  db: Statements,
  task: string,
  seconds: number,
  work: (stopping: AbortSignal) => Promise<void>,
  stopping: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const lease = unfencedLease('task_leases', seconds);
  const inScope = <Result>(query: () => PromiseLike<Result>) => runInScope({ tenantId: PLATFORM }, query);
  const [claimed] = await inScope(
    () => db.$queryRaw<{ fence: Date }[]>`
      INSERT INTO task_leases (tenant_id, task, lease_until)
      VALUES (${PLATFORM}, ${task}, now() + make_interval(secs => ${seconds}))
      ON CONFLICT (tenant_id, task) DO UPDATE SET ${lease.claim} WHERE ${lease.isFree} RETURNING ${lease.token}`,
  );
  if (!claimed) return false;
  const deferBy = (later: number) =>
    inScope(
      () => db.$executeRaw`
        UPDATE task_leases SET ${lease.defer(later)}
        WHERE tenant_id = ${PLATFORM} AND task = ${task} AND ${lease.isHeldBy(claimed.fence)}`,
    );
  try {
    await work(stopping);
  } catch (error) {
    await deferBy(RETRY_SECONDS);
    throw error;
  }
  if (stopping.aborted) await deferBy(0);
  return true;
}
