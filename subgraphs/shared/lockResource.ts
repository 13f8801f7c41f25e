import type { Statements } from './events/eventDatabase';

/**
 * Until the transaction ends, no other of the store's does the same: for what depends on rows that another request may be
 * adding at this moment, which no condition of one statement sees. @param what such as "shipping rates", not used for anything else of the same database
 */
export async function lockResource(tx: Pick<Statements, '$executeRaw'>, tenantId: string, what: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenantId} ${what}`}, 0))`;
}
