import { runInScope } from '../scope';
import type { Statements } from './eventDatabase';

/** How many events will be retried. */
export interface Redriven {
  /** Events in the inbox that were dead or parked. */
  inbox: number;
  /** Events that could not be published: they are retried now instead of when they are due. */
  outbox: number;
}

/** Retries dead, parked and unpublished events, of every store or of one. */
export async function redrive(db: Statements, onlyTenantId: string | null): Promise<Redriven> {
  const total = { inbox: 0, outbox: 0 };
  for (const tenantId of onlyTenantId ? [onlyTenantId] : await listTenants(db)) {
    const { inbox, outbox } = await runInScope({ tenantId }, () => redriveTenant(db, tenantId));
    total.inbox += inbox;
    total.outbox += outbox;
  }
  return total;
}

async function redriveTenant(db: Statements, tenantId: string): Promise<Redriven> {
  const inbox = await db.$executeRaw`
    UPDATE inbox_events SET status = 'WAITING', attempts = 0, due_at = now()
    WHERE tenant_id = ${tenantId} AND status IN ('DEAD', 'PARKED')`;
  const outbox = await db.$executeRaw`
    UPDATE outbox_events SET due_at = now() WHERE tenant_id = ${tenantId} AND status = 'PENDING' AND attempts > 0`;
  return { inbox, outbox };
}

async function listTenants(db: Statements): Promise<string[]> {
  const inbox = await runInScope(
    { task: 'event_retry' },
    () =>
      db.$queryRaw<{ tenantId: string }[]>`
      SELECT DISTINCT tenant_id AS "tenantId" FROM inbox_events WHERE status IN ('DEAD', 'PARKED')`,
  );
  const outbox = await runInScope(
    { task: 'event_relay' },
    () =>
      db.$queryRaw<{ tenantId: string }[]>`
      SELECT DISTINCT tenant_id AS "tenantId" FROM outbox_events WHERE status = 'PENDING' AND attempts > 0`,
  );
  return [...new Set([...inbox, ...outbox].map(({ tenantId }) => tenantId))];
}
