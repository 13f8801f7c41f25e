import type { Statements } from './events/eventDatabase';

/**
 * Takes PostgreSQL's advisory lock until the transaction ends, so that only one transaction of the store at a time is behind it. For
 * rules about rows that a concurrent transaction may be inserting, such as "at most 500", which no condition of a statement can see.
 * @param what such as "shipping rates"; one name for each rule in a database.
 */
export async function lockResource(tx: Pick<Statements, '$executeRaw'>, tenantId: string, what: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenantId} ${what}`}, 0))`;
}
