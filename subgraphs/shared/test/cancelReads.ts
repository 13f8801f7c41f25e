import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../../../prisma/databases';
import type { Db } from '../../product/database';
import { markReadOnly, ReadCanceled, withCancellation } from '../cancellation';
import { runInScope } from '../scope';
import { freshTenantId } from './askSubgraph';
import { addCategory } from './interleaveTwoTenants';

/** Runs `work` as a query of GraphQL's, whose caller is gone when `gone` is aborted. */
export const readFor = <Result>(gone: AbortSignal, work: () => Promise<Result>): Promise<Result> =>
  withCancellation(
    () => gone,
    () => {
      markReadOnly();
      return work();
    },
  );

/** Waits until so many statements sleep. @param url of PostgreSQL itself. @returns their connections, the longest asleep first. */
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

/** In seconds: far longer than PostgreSQL needs to notice a closed connection, and within statement_timeout. */
const LONG = 8;
const sleepFor = (db: Db, tenantId: string, seconds: number) =>
  runInScope({ tenantId }, () => db.$queryRaw`SELECT pg_sleep(${seconds})::text`);

/** Two statements sleep, and the caller of the second leaves. @param url of PostgreSQL itself. @returns their connections, and those still asleep. */
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

/** Callers of one tenant leave at arbitrary moments, while another tenant reads. @returns what went wrong for the other. */
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
      // Every other read ends by itself at about that moment, and its connection serves another statement by then.
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
