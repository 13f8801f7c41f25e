import { ClerkAPIResponseError } from '@clerk/backend/errors';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { Membership } from '../webhook/clerkEvent';
import type { Outcome } from '../webhook/inbox';
import { membershipChanged, membershipDeleted, refreshProfile } from '../webhook/membership.service';
import { organizationChanged, organizationDeleted } from '../webhook/organization.service';
import type { ClerkDirectory } from './clerkDirectory';

/** How many of each were looked at, and how many differed from what Clerk says and do no longer. */
export interface Reconciled {
  organizations: number;
  memberships: number;
  repaired: number;
  /** Of organizations and memberships: what could not be read, or not be asked for. It is tried again in the next round. */
  failed: number;
}

export interface Reconciliation {
  db: Db;
  clerk: ClerkDirectory;
  logger: Logger;
  /** For an operator who knows that so many stores are gone: see {@link refuseTooManyDeletions}. */
  allowDeletions?: boolean;
}

const LOCAL_PAGE = 200;
/** After so many organizations in a row that Clerk does not answer for, it is taken to be away. */
const FAILURES_IN_A_ROW = 3;
/** Stores that one round may close: this many, or this part of all, whichever is more. */
const FEW_DELETIONS = 3;
const SMALL_PART = 0.1;

/**
 * Makes the stores and their members what Clerk says that they are, through the same functions as its webhooks: whatever a
 * webhook says meanwhile holds. Something that is not in Clerk's list is only taken for gone when Clerk, asked for it by its
 * id, does not know it: a list is read page by page while it changes. A failure ends the round, and undoes nothing; one of
 * a single organization leaves that one for the next round.
 * @throws TooManyDeletions, having closed no store.
 */
export async function reconcile({ db, clerk, logger, allowDeletions = false }: Reconciliation): Promise<Reconciled> {
  // Before the round: what it adds says nothing of whether the right instance answers.
  const known = await listKnownOrganizations(db);
  const seen = new Set<string>();
  const result: Reconciled = { organizations: 0, memberships: 0, repaired: 0, failed: 0 };
  const count = (outcome: Outcome) => {
    if (outcome === 'applied') result.repaired += 1;
  };

  let failures = 0;
  for await (const organization of clerk.organizations()) {
    if (organization === null) {
      result.failed += 1;
      logger.error('an organization of Clerk’s can’t be read');
      continue;
    }
    seen.add(organization.id);
    result.organizations += 1;
    const deliveryId = `reconcile ${organization.updated_at.getTime()}`;
    count(await organizationChanged(db, deliveryId, organization));
    try {
      await reconcileMembers(db, clerk, organization.id, result, count);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!(error instanceof ClerkAPIResponseError) || failures === FAILURES_IN_A_ROW) throw error;
      result.failed += 1;
      logger.error({ err: error, tenantId: organization.id }, 'members not reconciled; it is tried again');
    }
  }

  const gone: string[] = [];
  for (const tenantId of known) {
    if (!seen.has(tenantId) && (await clerk.isOrganizationGone(tenantId))) gone.push(tenantId);
  }
  if (!allowDeletions) refuseTooManyDeletions(gone.length, known.length);
  for (const tenantId of gone) count(await organizationDeleted(db, 'reconcile deleted', tenantId, new Date()));
  return result;
}

/** Clerk knows so few of the stores that it is rather another Clerk instance that was asked. */
export class TooManyDeletions extends Error {}

/** The secret key of another instance is valid there, and that instance knows none of the organizations: nor is one closed. */
function refuseTooManyDeletions(gone: number, known: number): void {
  const isAll = gone > 0 && gone === known;
  if (!isAll && gone <= Math.max(FEW_DELETIONS, known * SMALL_PART)) return;
  throw new TooManyDeletions(
    `Clerk does not know ${gone} of ${known} organizations. Is CLERK_SECRET_KEY of the right instance? No store was closed; if they are gone indeed, run this with --allow-deletions.`,
  );
}

async function reconcileMembers(
  db: Db,
  clerk: ClerkDirectory,
  tenantId: string,
  result: Reconciled,
  count: (outcome: Outcome) => void,
): Promise<void> {
  const startedAt = new Date();
  const members = new Set<string>();
  for await (const membership of clerk.memberships(tenantId)) {
    if (membership === null) {
      result.failed += 1;
      continue;
    }
    members.add(membership.public_user_data.user_id);
    result.memberships += 1;
    count(await membershipChanged(db, deliveryIdOf(membership), membership));
    count(await refreshProfile(db, membership, startedAt));
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
async function listKnownOrganizations(db: Db): Promise<string[]> {
  const known: string[] = [];
  for (;;) {
    const page = await runInScope({ task: 'reconciliation' }, () =>
      db.clerkOrganization.findMany({
        where: { deletedAt: null, tenantId: { gt: known.at(-1) ?? '' } },
        orderBy: { tenantId: 'asc' },
        take: LOCAL_PAGE,
        select: { tenantId: true },
      }),
    );
    known.push(...page.map(({ tenantId }) => tenantId));
    if (page.length < LOCAL_PAGE) return known;
  }
}
