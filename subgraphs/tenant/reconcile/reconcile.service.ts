import { ClerkAPIResponseError } from '@clerk/backend/errors';
import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Organization } from '../clerkWebhook/clerkEvent';
import type { Outcome } from '../clerkWebhook/inbox';
import { organizationChanged, organizationDeleted } from '../clerkWebhook/organization.service';
import type { Db } from '../database';
import type { ClerkDirectory } from './clerkDirectory';
import { reconcileMembers } from './reconcileMembers.service';

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
/** Most of a round is waiting for Clerk, which allows 1,000 questions in ten seconds, and a development instance 100. */
const ORGANIZATIONS_CONCURRENCY = 4;
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
  const reconcileOne = async (organization: Organization) => {
    try {
      await reconcileMembers({ db, clerk, result, count }, organization.id);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!(error instanceof ClerkAPIResponseError) || failures === FAILURES_IN_A_ROW) throw error;
      result.failed += 1;
      logger.error({ err: error, tenantId: organization.id }, 'members not reconciled; it is tried again');
    }
  };
  for await (const page of clerk.organizations()) {
    const organizations = page.filter((organization) => organization !== null);
    if (organizations.length < page.length) {
      result.failed += page.length - organizations.length;
      logger.error('an organization of Clerk’s can’t be read');
    }
    result.organizations += organizations.length;
    for (const { id } of organizations) seen.add(id);
    for (const organization of await listChanged(db, organizations)) {
      const deliveryId = `reconcile ${organization.updated_at.getTime()}`;
      count(await organizationChanged(db, deliveryId, organization));
    }
    await forEachConcurrent(organizations, ORGANIZATIONS_CONCURRENCY, reconcileOne);
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

/** Those of which Clerk says something that is not known here. One statement for all of them, for in most rounds there is none. */
async function listChanged(db: Db, organizations: Organization[]): Promise<Organization[]> {
  const rows = await runInScope({ task: 'reconciliation' }, () =>
    db.clerkOrganization.findMany({
      where: { tenantId: { in: organizations.map(({ id }) => id) } },
      select: { tenantId: true, sourceUpdatedAt: true },
    }),
  );
  const known = new Map(rows.map(({ tenantId, sourceUpdatedAt }) => [tenantId, sourceUpdatedAt]));
  return organizations.filter(({ id, updated_at }) => {
    const asOf = known.get(id);
    return !asOf || asOf < updated_at;
  });
}

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
