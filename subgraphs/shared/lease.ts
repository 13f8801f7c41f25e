import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';

/** Another process has taken the work over: what this one still wanted to write must not be written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * A lease in a row of a table: one process at a time works on what the row stands for, and when that process dies another one goes
 * on after a while. All times are the database's. The fencing token is what tells the holder of now from the one before it, which
 * may be slow and not dead: each claim changes the token, and each write of a holder names the one that it got.
 *
 * The members are parts of SQL, for one statement that may change other columns, too:
 *
 *     UPDATE order_sagas SET ${lease.claim} WHERE … AND ${lease.isFree} RETURNING ${lease.token}, …
 *     UPDATE order_sagas SET step = …, ${lease.renew} WHERE … AND ${lease.isHeldBy(token)}    -- then requireLease(count)
 */
export interface Lease<Token> {
  /** For WHERE: nobody holds it. */
  isFree: Sql;
  /** For SET, with `isFree` in the condition: ours for as long as a lease holds. */
  claim: Sql;
  /** For RETURNING, beside `claim` (and beside `renew` where the token is a time): the token, as `fence`. */
  token: Sql;
  /** For WHERE: still ours. */
  isHeldBy(token: Token): Sql;
  /** For SET: ours for as long again from now on. */
  renew: Sql;
  /** For SET: anybody may claim it, at once. */
  release: Sql;
  /** For SET: anybody may claim it, after so many seconds. */
  defer(seconds: number): Sql;
}

/** Of a lease with a counter, which can also be taken from whoever holds it. */
export interface FencedLease extends Lease<number> {
  /** For SET: anybody may claim it, and whoever holds it now can't write any more. */
  revoke: Sql;
}

/**
 * The lease of a table with a column that counts the claims.
 * @param table as the statement calls it: its name, or the alias. @param seconds longer than what is done between two renewals.
 */
export function fencedLease(
  table: string,
  seconds: number,
  columns: { until: string; fence: string } = { until: 'lease_until', fence: 'fence' },
): FencedLease {
  const until = raw(columns.until);
  const fence = raw(columns.fence);
  const held = raw(`${table}.${columns.fence}`);
  const raised = sql`${fence} = ${held} + 1`;
  const { isFree, renew, release, defer } = times(table, columns.until, seconds);
  return {
    isFree,
    claim: sql`${renew}, ${raised}`,
    token: sql`${held} AS "fence"`,
    isHeldBy: (token) => sql`${held} = ${token}`,
    renew,
    release,
    defer,
    revoke: sql`${until} = now(), ${raised}`,
  };
}

/**
 * The lease of a table without such a column: the time until which it is claimed is the token as well. It is claimed only after that
 * time, so each claim's is a later one. The column is null where nobody has ever claimed it, or it was released by setting it to
 * null, and has the milliseconds of a Date (`timestamptz(3)`), which Prisma gives back as they are.
 */
export function unfencedLease(table: string, seconds: number, until = 'lease_until'): Lease<Date> {
  const column = raw(`${table}.${until}`);
  const { isFree, renew, release, defer } = times(table, until, seconds);
  return {
    isFree: sql`(${column} IS NULL OR ${isFree})`,
    claim: renew,
    token: sql`${column} AS "fence"`,
    isHeldBy: (token) => sql`${column} = ${token}`,
    renew,
    release,
    defer,
  };
}

function times(table: string, until: string, seconds: number) {
  const column = raw(until);
  const defer = (later: number): Sql => sql`${column} = now() + make_interval(secs => ${later})`;
  return {
    isFree: sql`${raw(`${table}.${until}`)} <= now()`,
    renew: defer(seconds),
    release: sql`${column} = now()`,
    defer,
  };
}

/** @param count how many rows a holder's write has changed. @throws LeaseLost when there was none. */
export function requireLease(count: number): void {
  if (count === 0) throw new LeaseLost();
}

/** Exponential: 1, 2, 4, … seconds after so many failed attempts, and never more than `max`. */
export const backOffSeconds = (attempts: number, max: number): number => Math.min(2 ** attempts, max);

/** For SET, where the table counts attempts: puts the work off, and notes what kind of error it was. Its text may name a person. */
export const failedAttempt = <Token>(lease: Lease<Token>, seconds: number, error: unknown): Sql =>
  sql`${lease.defer(seconds)}, attempts = attempts + 1, last_error = ${errorName(error)}`;

/** @returns null for null: it is put off without an error. */
function errorName(error: unknown): string | null {
  if (error === null) return null;
  return error instanceof Error ? error.name : 'unknown';
}
