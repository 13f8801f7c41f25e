import { recordEvent } from '../../shared/events/recordEvent';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { SuspendedBy, Tenant, TenantStatus } from '../generated/prisma/client';
import { recordDeleted } from '../store/storeEvents';

/** A change of a store's status. RESTORE, and what the PLATFORM does, has no mutation: those are the operator's commands. */
export type StatusChange =
  | { kind: 'SUSPEND'; by: SuspendedBy; reason: string | null }
  | { kind: 'RESUME'; by: SuspendedBy }
  | { kind: 'DELETE' }
  | { kind: 'RESTORE' };

/** The state machine: which statuses each change starts from, and the one that it ends in. All else is refused. */
export const TRANSITIONS: Record<StatusChange['kind'], { from: readonly TenantStatus[]; to: TenantStatus }> = {
  SUSPEND: { from: ['ACTIVE'], to: 'SUSPENDED' },
  RESUME: { from: ['SUSPENDED'], to: 'ACTIVE' },
  DELETE: { from: ['ACTIVE', 'SUSPENDED'], to: 'DELETED' },
  RESTORE: { from: ['DELETED'], to: 'ACTIVE' },
};

/** Between the deletion of a store and the erasure of its data. In it the operator can restore the store. */
const GRACE_PERIOD_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** When the data of a store is erased that was deleted at `at`. */
export const eraseAfter = (at: Date): Date => new Date(at.getTime() + GRACE_PERIOD_DAYS * DAY_MS);

/**
 * Changes a store's status by one conditional statement: of two changes at once (a race) only one finds the status that it needs.
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
  const aggregate = { aggregateId: store.tenantId, aggregateVersion: store.version };
  if (change.kind === 'SUSPEND')
    return recordEvent(tx, { ...aggregate, type: 'tenant.suspended', data: { by: change.by } });
  if (store.eraseAfter) return recordDeleted(tx, store, store.eraseAfter);
  return recordEvent(tx, { ...aggregate, type: 'tenant.resumed', data: {} });
}

function conditionOf(change: StatusChange) {
  // The platform resumes what anybody suspended; a store only what it suspended itself.
  if (change.kind === 'RESUME' && change.by === 'STORE') return { suspendedBy: 'STORE' as const };
  // Once the erasure has begun the store is not complete any more.
  if (change.kind === 'RESTORE') return { erasureLeaseUntil: null, erasedAt: null };
  return {};
}
