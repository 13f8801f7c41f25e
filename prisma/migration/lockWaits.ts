import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from 'pg';

/** How a migration waits for locks that others hold. */
export interface LockWaits {
  /** How long a statement waits. Whatever asks for the table after it waits behind it, so this is also how long a request may wait. */
  lockTimeoutMs: number;
  /** Between two attempts: what had queued up is answered in it. */
  pauseMs: number;
  /** How often the script is tried. */
  attempts: number;
}

/**
 * Two seconds, as the app role has for its own statements: one that came behind the migration gets its lock before its own time is over.
 * Ten minutes in all, for a backup (pg_dump holds each table that it reads) or a long report.
 */
export const LOCK_WAITS: LockWaits = { lockTimeoutMs: 2_000, pauseMs: 3_000, attempts: 120 };

const LOCK_NOT_AVAILABLE = '55P03';

export const isLockTimeout = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE;

/** Statements that PostgreSQL runs outside of a transaction only. They hold no lock that a request waits for. */
export const isConcurrent = (script: string): boolean =>
  /^\s*(CREATE|DROP)\s[\w\s]*INDEX\s+CONCURRENTLY\b/im.test(script);

/**
 * Runs a migration's script, which is one transaction, again and again while others hold a table that it needs: it never waits so long that
 * the requests behind it fail. A script of CONCURRENTLY is not repeated, for each attempt would leave an invalid index.
 * @throws DatabaseError of the last attempt.
 */
export async function runWithLockTimeout(
  query: (sql: string) => Promise<unknown>,
  script: string,
  { lockTimeoutMs, pauseMs, attempts }: LockWaits,
): Promise<void> {
  const concurrent = isConcurrent(script);
  await query(`SET lock_timeout = ${concurrent ? lockTimeoutMs * attempts : lockTimeoutMs}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await query(script);
      return;
    } catch (error) {
      if (!isLockTimeout(error) || concurrent || attempt >= attempts) throw error;
    }
    await sleep(pauseMs);
  }
}
