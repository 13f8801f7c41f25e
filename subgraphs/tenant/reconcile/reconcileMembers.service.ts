import { runInScope } from '../../shared/scope';
import type { Membership } from '../clerkWebhook/clerkEvent';
import type { DeliveryResult } from '../clerkWebhook/inbox';
import { membershipChanged, membershipDeleted, profileOf, refreshProfile } from '../clerkWebhook/membership.service';
import type { Db } from '../database';
import type { TenantMember } from '../generated/prisma/client';
import type { ClerkDirectory } from './clerkDirectory';

interface MembersReconciliation {
  db: Db;
  clerk: ClerkDirectory;
  /** The counts of the run, to which this adds. */
  result: { memberships: number; failed: number };
  count(result: DeliveryResult): void;
}

/**
 * Brings the members of one organization into the state at Clerk. Only differences are written, by the webhooks' own conditional
 * statements, so that concurrent changes by webhooks are not overwritten.
 * @throws the directory's errors.
 */
export async function reconcileMembers(
  { db, clerk, result, count }: MembersReconciliation,
  tenantId: string,
): Promise<void> {
  const startedAt = new Date();
  // Read before Clerk is asked: otherwise a member who joins in between would seem to be missing in Clerk's list.
  const rows = await runInScope({ tenantId }, () => db.tenantMember.findMany({ where: { tenantId } }));
  const known = new Map(rows.map((row) => [row.id, row]));
  for await (const page of clerk.memberships(tenantId)) {
    for (const membership of page) {
      if (membership === null) {
        result.failed += 1;
        continue;
      }
      result.memberships += 1;
      const { user_id } = membership.public_user_data;
      const row = known.get(user_id);
      known.delete(user_id);
      if (row && isUpToDate(row, membership)) continue;
      count(await membershipChanged(db, deliveryIdOf(membership), membership));
      count(await refreshProfile(db, membership, startedAt));
    }
  }
  for (const { id: userId, membershipId, joinedAt, sourceUpdatedAt, removedAt } of known.values()) {
    if (removedAt || !(await clerk.isMemberGone(tenantId, userId))) continue;
    const ended: Membership = {
      id: membershipId,
      organization: { id: tenantId },
      role: '',
      public_user_data: { user_id: userId },
      created_at: joinedAt,
      updated_at: sourceUpdatedAt,
    };
    count(await membershipDeleted(db, `${deliveryIdOf(ended)} deleted`, ended, new Date()));
  }
}

function isUpToDate(known: TenantMember, membership: Membership): boolean {
  const { name, email, imageUrl } = profileOf(membership);
  return (
    known.removedAt === null &&
    known.membershipId === membership.id &&
    known.sourceUpdatedAt >= membership.updated_at &&
    known.name === name &&
    known.email === email &&
    known.imageUrl === imageUrl
  );
}

/** Equal for the same state of the same membership, so that it is processed only once. */
const deliveryIdOf = ({ id, updated_at }: Membership) => `reconcile ${id} ${updated_at.getTime()}`;
