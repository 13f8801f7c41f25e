import type { Statements } from './events/eventDatabase';

/**
 * Takes a PostgreSQL advisory lock of the store until the transaction ends. For rules such as "at most 500 rows": a statement can't see
 * rows that a concurrent transaction is inserting, so transactions that check the rule have to run one after another.
 * @param what such as "shipping rates"; one name for each rule in a database.
 */
export async function lockResource(tx: Pick<Statements, '$executeRaw'>, tenantId: string, what: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenantId} ${what}`}, 0))`;
}
