import { ClerkAPIResponseError } from '@clerk/backend/errors';
import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Organization } from '../clerkWebhook/clerkEvent';
import type { DeliveryResult } from '../clerkWebhook/inbox';
import { organizationChanged, organizationDeleted } from '../clerkWebhook/organization.service';
import type { Db } from '../database';
import type { ClerkDirectory } from './clerkDirectory';
import { reconcileMembers } from './reconcileMembers.service';

/** How many objects of each kind were compared, and how many differed from Clerk and were repaired. */
interface Reconciled {
  organizations: number;
  memberships: number;
  repaired: number;
  /** Organizations and memberships that could not be read. The next run tries them again. */
  failed: number;
}

export interface Reconciliation {
  db: Db;
  clerk: ClerkDirectory;
  logger: Logger;
  /** Confirms that many stores really were deleted at Clerk: see {@link refuseTooManyDeletions}. */
  allowDeletions?: boolean;
}

const LOCAL_PAGE = 200;
/** A run mostly waits for Clerk, whose rate limit is 1,000 requests in ten seconds, or 100 for a development instance. */
const ORGANIZATIONS_CONCURRENCY = 4;
/** After so many failures in a row Clerk is considered unavailable, and the run ends. */
const MAX_CONSECUTIVE_FAILURES = 3;
/** A run may close this many stores, or this share of all stores, whichever is more. */
const MAX_DELETIONS = 3;
const MAX_DELETED_PART = 0.1;

/**
 * Brings stores and members into the state at Clerk, through the functions that webhooks call, so that a newer webhook is never overwritten.
 * Lists may change while they are read page by page, so an object that is missing there counts as deleted only when Clerk, asked for its
 * id, does not know it. An error ends the run and undoes nothing; an error of one organization leaves it to the next run.
 * @throws TooManyDeletions before any store is closed.
 */
export async function reconcile({ db, clerk, logger, allowDeletions = false }: Reconciliation): Promise<Reconciled> {
  // Read before the run adds any: only stores known before show whether the right Clerk instance answers.
  const known = await listKnownOrganizations(db);
  const seen = new Set<string>();
  const result: Reconciled = { organizations: 0, memberships: 0, repaired: 0, failed: 0 };
  const count = (processed: DeliveryResult) => {
    if (processed === 'applied') result.repaired += 1;
  };

  let failures = 0;
  const reconcileOne = async (organization: Organization) => {
    try {
      await reconcileMembers({ db, clerk, result, count }, organization.id);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!(error instanceof ClerkAPIResponseError) || failures === MAX_CONSECUTIVE_FAILURES) throw error;
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

/** Clerk does not know so many of the stores that the key probably belongs to another Clerk instance. */
export class TooManyDeletions extends Error {}

/** Guards against the secret key of another Clerk instance, which is valid, too, but knows none of the organizations. */
function refuseTooManyDeletions(gone: number, known: number): void {
  const isAll = gone > 0 && gone === known;
  if (!isAll && gone <= Math.max(MAX_DELETIONS, known * MAX_DELETED_PART)) return;
  throw new TooManyDeletions(
    `Clerk does not know ${gone} of ${known} organizations. Is CLERK_SECRET_KEY of the right instance? No store was closed; if they are gone indeed, run this with --allow-deletions.`,
  );
}

/** The organizations that Clerk has changed since the last run. Uses one statement for all, because mostly none has changed. */
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

/** The ids of all organizations that are not known to be deleted. */
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
