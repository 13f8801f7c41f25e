import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';

/** Another process has claimed the lease, so this one must not write any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * A lease in a row of a table: one process at a time works on the row, and when that process dies, another one continues after the
 * lease has expired. All times are by the database's clock. A process that was only slow may still try to write after that, so each
 * claim changes a fencing token, and each write of a holder has its token in the condition.
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
  /** For SET: extends the lease to its full duration from now. */
  renew: Sql;
  /** For SET: any process may claim it from now on. */
  release: Sql;
  /** For SET: any process may claim it after so many seconds. */
  defer(seconds: number): Sql;
}

/** A counter as the fencing token allows revoking a lease from its holder. */
export interface FencedLease extends Lease<number> {
  /** For SET: any process may claim it from now on, and its present holder can't write any more. */
  revoke: Sql;
}

/**
 * The lease of a table that has a column counting the claims: this counter is the fencing token.
 * @param table its name in the statement, or its alias. @param seconds longer than the work between two renewals.
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
 * The lease of a table without such a counter: its expiry time is also the fencing token. A lease is claimed only after it has expired, so
 * each claim has a later expiry. Null means that no process holds it. The column has to be a `timestamptz(3)`, because a Date has
 * milliseconds and must compare equal.
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

/** Exponential backoff: 1, 2, 4, … seconds, at most `max`. @param attempts how many have failed. */
export const backOffSeconds = (attempts: number, max: number): number => Math.min(2 ** attempts, max);

/** For SET in a table with `attempts` and `last_error`: postpones the work. Stores only the error's name, as its message may have personal data. */
export const failedAttempt = <Token>(lease: Lease<Token>, seconds: number, error: unknown): Sql =>
  sql`${lease.defer(seconds)}, attempts = attempts + 1, last_error = ${errorName(error)}`;

/** @returns null when there was no error: the work is only postponed. */
function errorName(error: unknown): string | null {
  if (error === null) return null;
  return error instanceof Error ? error.name : 'unknown';
}
