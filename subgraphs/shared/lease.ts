import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';

/** Another process has claimed the lease: the work of this one must not be written any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * A lease in a row of a table: one process at a time works on the row, and when that process dies, another one continues after the
 * lease has expired. All times are by the database's clock. A process that is slow and not dead may still try to write after that, so
 * each claim changes a fencing token, and each write of a holder has its token in the condition.
 *
 * The members are fragments of SQL, for statements that change other columns as well:
 *
 *     UPDATE order_sagas SET ${lease.claim} WHERE … AND ${lease.isFree} RETURNING ${lease.token}, …
 *     UPDATE order_sagas SET step = …, ${lease.renew} WHERE … AND ${lease.isHeldBy(token)}    -- then requireLease(count)
 */
export interface Lease<Token> {
  /** For WHERE: no process holds it. */
  isFree: Sql;
  /** For SET, with `isFree` in WHERE: this process holds it, until it expires. */
  claim: Sql;
  /** For RETURNING with `claim` (and with `renew` of an unfencedLease): the token, named `fence`. */
  token: Sql;
  /** For WHERE: the process with this token still holds it. */
  isHeldBy(token: Token): Sql;
  /** For SET: it expires as late as if it were claimed now. */
  renew: Sql;
  /** For SET: any process may claim it at once. */
  release: Sql;
  /** For SET: any process may claim it after so many seconds. */
  defer(seconds: number): Sql;
}

/** With a counter, a lease can also be taken from its holder. */
export interface FencedLease extends Lease<number> {
  /** For SET: any process may claim it at once, and its present holder can't write any more. */
  revoke: Sql;
}

/**
 * The lease of a table with a column that counts the claims, which is the fencing token.
 * @param table its name in the statement, or its alias. @param seconds longer than the work between two renewals takes.
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
 * The lease of a table without such a column: its expiry time is the fencing token as well. A lease is claimed only after it has
 * expired, so that each claim has a later one. The column may be null, for a lease that no process holds. It has to be a
 * `timestamptz(3)`: a Date has milliseconds, and compares equal to it.
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

/** For SET, of a table with attempts and last_error: postpones the work. Only the name of the error is kept: its message may have personal data. */
export const failedAttempt = <Token>(lease: Lease<Token>, seconds: number, error: unknown): Sql =>
  sql`${lease.defer(seconds)}, attempts = attempts + 1, last_error = ${errorName(error)}`;

/** @returns null for null: the work is postponed, and has not failed. */
function errorName(error: unknown): string | null {
  if (error === null) return null;
  return error instanceof Error ? error.name : 'unknown';
}
