import { recordEvent } from '../../shared/events/recordEvent';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { SuspendedBy, Tenant, TenantStatus } from '../generated/prisma/client';
import { recordDeleted } from '../store/storeEvents';

/** What changes a store's status. RESTORE and what the PLATFORM does have no mutation: they are an operator's commands. */
export type StatusChange =
  | { kind: 'SUSPEND'; by: SuspendedBy; reason: string | null }
  | { kind: 'RESUME'; by: SuspendedBy }
  | { kind: 'DELETE' }
  | { kind: 'RESTORE' };

/** Which status each change starts from and ends in. What is not here is refused. */
export const TRANSITIONS: Record<StatusChange['kind'], { from: readonly TenantStatus[]; to: TenantStatus }> = {
  SUSPEND: { from: ['ACTIVE'], to: 'SUSPENDED' },
  RESUME: { from: ['SUSPENDED'], to: 'ACTIVE' },
  DELETE: { from: ['ACTIVE', 'SUSPENDED'], to: 'DELETED' },
  RESTORE: { from: ['DELETED'], to: 'ACTIVE' },
};

/** Between the deletion of a store and the erasure of its data an operator can restore it. */
export const GRACE_PERIOD_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** When the data of a store that was deleted at `at` goes. */
export const eraseAfter = (at: Date): Date => new Date(at.getTime() + GRACE_PERIOD_DAYS * DAY_MS);

/**
 * Changes a store's status by one conditional statement, which decides between racing changes.
 * @returns the store as it is now, or null when its status does not allow the change (or there is no such store).
 */
export async function changeStoreStatus(db: Db, tenantId: string, change: StatusChange): Promise<Tenant | null> {
  const { from, to } = TRANSITIONS[change.kind];
  return runInScope({ tenantId }, () =>
    db.$transaction(async (tx) => {
      const [changed] = await tx.tenant.updateManyAndReturn({
        where: { tenantId, status: { in: [...from] }, ...conditionOf(change) },
        data: {
          status: to,
          version: { increment: 1 },
          suspendedBy: change.kind === 'SUSPEND' ? change.by : null,
          suspendedReason: change.kind === 'SUSPEND' ? change.reason : null,
          eraseAfter: change.kind === 'DELETE' ? eraseAfter(new Date()) : null,
        },
      });
      if (changed) await recordStatus(tx, changed, change);
      return changed ?? null;
    }),
  );
}

function recordStatus(tx: Tx, store: Tenant, change: StatusChange): Promise<void> {
  const of = { aggregateId: store.tenantId, aggregateVersion: store.version };
  if (change.kind === 'SUSPEND') return recordEvent(tx, { ...of, type: 'tenant.suspended', data: { by: change.by } });
  if (store.eraseAfter) return recordDeleted(tx, store, store.eraseAfter);
  return recordEvent(tx, { ...of, type: 'tenant.resumed', data: {} });
}

function conditionOf(change: StatusChange) {
  // The platform resumes what anybody suspended; a store only what it suspended itself.
  if (change.kind === 'RESUME' && change.by === 'STORE') return { suspendedBy: 'STORE' as const };
  // Once the erasure has begun there is no whole store to come back to.
  if (change.kind === 'RESTORE') return { erasureLeaseUntil: null, erasedAt: null };
  return {};
}
