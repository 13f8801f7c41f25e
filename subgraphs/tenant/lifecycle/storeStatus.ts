import { recordEvent } from '../../shared/events/recordEvent';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { SuspendedBy, Tenant, TenantStatus } from '../generated/prisma/client';
import { recordDeleted } from '../store/storeEvents';

/** A change of a store's status. RESTORE and all changes by the PLATFORM have no mutation: they are the operator's commands. */
export type StatusChange =
  | { kind: 'SUSPEND'; by: SuspendedBy; reason: string | null }
  | { kind: 'RESUME'; by: SuspendedBy }
  | { kind: 'DELETE' }
  | { kind: 'RESTORE' };

/** The state machine: the statuses that each change may start from, and the one that it leads to. All other changes are refused. */
export const TRANSITIONS: Record<StatusChange['kind'], { from: readonly TenantStatus[]; to: TenantStatus }> = {
  SUSPEND: { from: ['ACTIVE'], to: 'SUSPENDED' },
  RESUME: { from: ['SUSPENDED'], to: 'ACTIVE' },
  DELETE: { from: ['ACTIVE', 'SUSPENDED'], to: 'DELETED' },
  RESTORE: { from: ['DELETED'], to: 'ACTIVE' },
};

/** The days between the deletion of a store and the erasure of its data, in which the operator can restore it. */
const GRACE_PERIOD_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** When a store's data is erased. @param at when the store was deleted. */
export const eraseAfter = (at: Date): Date => new Date(at.getTime() + GRACE_PERIOD_DAYS * DAY_MS);

/**
 * Changes a store's status by one conditional statement, so that only one of two concurrent changes finds the status that it needs.
 * @returns the changed store, or null when its status does not allow the change, or the store does not exist.
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
  // The platform can resume any store; a store only itself, if it was not the platform that suspended it.
  if (change.kind === 'RESUME' && change.by === 'STORE') return { suspendedBy: 'STORE' as const };
  // Once the erasure has begun, the store's data is incomplete.
  if (change.kind === 'RESTORE') return { erasureLeaseUntil: null, erasedAt: null };
  return {};
}
