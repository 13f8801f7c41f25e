import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../../prisma/databases';
import type { Db } from '../../product/database';
import { markReadOnly, ReadCanceled, withCancellation } from '../cancellation';
import { runInScope } from '../scope';
import { freshTenantId } from './askSubgraph';
import { addCategory } from './interleaveTwoTenants';

/** A read of a request's whose caller is gone once `gone` is aborted. */
export const readFor = <Result>(gone: AbortSignal, work: () => Promise<Result>): Promise<Result> =>
  withCancellation(
    () => gone,
    () => {
      markReadOnly();
      return work();
    },
  );

/** Waits until so many statements sleep, and says on which connections, the longest first. @param url past any pooler. */
export async function untilAsleep(url: string, count: number): Promise<number[]> {
  for (let tries = 0; tries < 400; tries += 1) {
    const { rows } = await withClient(url, (client) =>
      client.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' ORDER BY query_start`,
      ),
    );
    if (rows.length === count) return rows.map(({ pid }) => pid);
    await sleep(50);
  }
  throw new Error(`There were never ${count} asleep`);
}

/** Seconds: far more than it takes to see that somebody is gone, and less than a statement may take. */
const LONG = 8;
const sleepFor = (db: Db, tenantId: string, seconds: number) =>
  runInScope({ tenantId }, () => db.$queryRaw`SELECT pg_sleep(${seconds})::text`);

/** Two sleep, and the later is abandoned. @returns which slept, and which of the two sleeps on. @param url past any pooler. */
export async function abandonOneOfTwo(db: Db, url: string): Promise<{ slept: number[]; left: number[] }> {
  const tenantId = freshTenantId();
  const [early, late] = [new AbortController(), new AbortController()];
  const ended = [readFor(early.signal, () => sleepFor(db, tenantId, LONG)).catch((error: unknown) => error)];
  await untilAsleep(url, 1);
  ended.push(readFor(late.signal, () => sleepFor(db, tenantId, LONG)).catch((error: unknown) => error));
  const slept = await untilAsleep(url, 2);
  late.abort();
  const left = await untilAsleep(url, 1);
  early.abort();
  for (const error of await Promise.all(ended)) expect(error).toBeInstanceOf(ReadCanceled);
  return { slept, left };
}

/** One tenant abandons reads at any moment, and another reads. @returns what went wrong for the other. */
export async function abandonAmongOthers(db: Db): Promise<{ done: number; wrong: unknown[] }> {
  const [leaving, staying] = [freshTenantId('a'), freshTenantId('b')];
  await addCategory(db, staying, staying);
  let isOver = false;
  const wrong: unknown[] = [];
  let done = 0;
  const abandon = async (wait: number) => {
    for (let n = 0; n < 10; n += 1) {
      const gone = new AbortController();
      setTimeout(() => gone.abort(), wait * n);
      // Every other one ends by itself at about that moment, and its connection is another's then.
      const isLong = n % 2 === 0;
      const outcome = await readFor(gone.signal, () => sleepFor(db, leaving, isLong ? LONG : 0.01)).catch(
        (error: unknown) => error,
      );
      if (!(outcome instanceof ReadCanceled) && (isLong || outcome instanceof Error)) wrong.push(outcome);
    }
  };
  const read = async () => {
    while (!isOver) {
      const names = await runInScope({ tenantId: staying }, () =>
        db.category.findMany({ select: { name: true } }),
      ).catch((error: unknown) => [error]);
      if (JSON.stringify(names) !== JSON.stringify([{ name: staying }])) wrong.push(names);
      done += 1;
    }
  };
  const reading = Promise.all([read(), read(), read()]);
  await Promise.all([1, 3, 7, 13].map(abandon));
  isOver = true;
  await reading;
  return { done, wrong };
}
