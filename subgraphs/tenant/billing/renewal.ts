import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { BillingProvider } from '../dependencies';
import { canceled, choosePlan, renew } from './billingState';
import { BillingBusy, changeBilling, PaymentRefused } from './changeBilling';

const POLL_MS = 60_000;
const BATCH_SIZE = 50;

interface Renewals {
  db: Db;
  provider: BillingProvider;
  logger: Logger;
}

/** Periodically renews the plans that are due, and retries failures. Several processes may run it concurrently. */
export const startRenewals = (renewals: Renewals): PeriodicTask =>
  startPeriodicTask({
    name: 'billing_renewal',
    run: async () => (await renewDue(renewals)).length === BATCH_SIZE,
    everyMs: POLL_MS,
    logger: renewals.logger,
  });

/**
 * One batch of the stores that are due by the database's clock, or whose payment is in doubt. A failure does not stop the others.
 * @returns the stores that were renewed.
 */
export async function renewDue({ db, provider, logger }: Renewals): Promise<string[]> {
  // Row-level security shows this task the rows that are due, and no others.
  const due = await runInScope({ task: 'billing_renewal' }, () =>
    db.tenantBilling.findMany({ orderBy: { dueAt: 'asc' }, take: BATCH_SIZE, select: { tenantId: true } }),
  );
  const renewed: string[] = [];
  for (const { tenantId } of due) {
    try {
      const isDeleted = await isStoreDeleted(db, tenantId);
      const { plan, status } = await changeBilling({
        db,
        provider,
        tenantId,
        decide: (billing, now, pendingPlan) => {
          if (pendingPlan && !isDeleted) return choosePlan(billing, pendingPlan, now);
          // Another process has renewed it since the list was read.
          if (billing.dueAt === null || billing.dueAt > now) return null;
          return isDeleted ? { newState: canceled(billing) } : renew(billing, now);
        },
      });
      logger.info({ tenantId, plan, status }, 'billing renewed');
      renewed.push(tenantId);
    } catch (error) {
      if (error instanceof PaymentRefused) {
        logger.info({ tenantId }, 'payment in doubt was refused');
      } else if (!(error instanceof BillingBusy)) {
        logger.error({ err: error, tenantId }, 'billing not renewed; it is tried again');
      }
    }
  }
  return renewed;
}

/** A deleted store is no longer charged. */
const isStoreDeleted = (db: Db, tenantId: string) =>
  runInScope({ tenantId }, async () => {
    const store = await db.tenant.findFirst({ where: { tenantId }, select: { status: true } });
    return store?.status === 'DELETED';
  });
