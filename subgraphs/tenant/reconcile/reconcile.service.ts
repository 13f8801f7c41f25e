import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { Membership } from '../webhook/clerkEvent';
import type { Outcome } from '../webhook/inbox';
import { membershipChanged, membershipDeleted } from '../webhook/membership.service';
import { organizationChanged, organizationDeleted } from '../webhook/organization.service';
import type { ClerkDirectory } from './clerkDirectory';

/** How many of each were looked at, and how many differed from what Clerk says and do no longer. */
export interface Reconciled {
  organizations: number;
  memberships: number;
  repaired: number;
}

const LOCAL_PAGE = 200;

/**
 * Makes the stores and their members what Clerk says that they are, through the same functions as its webhooks: whatever a
 * webhook says meanwhile holds. Something that is not in Clerk's list is only taken for gone when Clerk, asked for it by its
 * id, does not know it: a list is read page by page while it changes. A failure ends the round, and undoes nothing.
 */
export async function reconcile(db: Db, clerk: ClerkDirectory): Promise<Reconciled> {
  const seen = new Set<string>();
  const result: Reconciled = { organizations: 0, memberships: 0, repaired: 0 };
  const count = (outcome: Outcome) => {
    if (outcome === 'applied') result.repaired += 1;
  };

  for await (const organization of clerk.organizations()) {
    seen.add(organization.id);
    result.organizations += 1;
    const deliveryId = `reconcile ${organization.updated_at.getTime()}`;
    count(await organizationChanged(db, deliveryId, organization));
    await reconcileMembers(db, clerk, organization.id, result, count);
  }
  for await (const tenantId of knownOrganizations(db)) {
    if (seen.has(tenantId) || !(await clerk.isOrganizationGone(tenantId))) continue;
    count(await organizationDeleted(db, 'reconcile deleted', tenantId, new Date()));
  }
  return result;
}

async function reconcileMembers(
  db: Db,
  clerk: ClerkDirectory,
  tenantId: string,
  result: Reconciled,
  count: (outcome: Outcome) => void,
): Promise<void> {
  const members = new Set<string>();
  for await (const membership of clerk.memberships(tenantId)) {
    members.add(membership.public_user_data.user_id);
    result.memberships += 1;
    count(await membershipChanged(db, deliveryIdOf(membership), membership));
  }
  const known = await runInScope({ tenantId }, () =>
    db.tenantMember.findMany({ where: { tenantId, removedAt: null } }),
  );
  for (const { id: userId, membershipId, joinedAt, sourceUpdatedAt } of known) {
    if (members.has(userId) || !(await clerk.isMemberGone(tenantId, userId))) continue;
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

/** The same for the same state of the same membership: each round after the first finds it taken in. */
const deliveryIdOf = ({ id, updated_at }: Membership) => `reconcile ${id} ${updated_at.getTime()}`;

/** All organizations that are not known to be deleted, of which only the ids are seen. */
async function* knownOrganizations(db: Db): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const page = await runInScope({ task: 'reconciliation' }, () =>
      db.clerkOrganization.findMany({
        where: { deletedAt: null, tenantId: { gt: after } },
        orderBy: { tenantId: 'asc' },
        take: LOCAL_PAGE,
        select: { tenantId: true },
      }),
    );
    for (const { tenantId } of page) yield tenantId;
    if (page.length < LOCAL_PAGE) return;
    after = page.at(-1)?.tenantId ?? '';
  }
}
