import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { BillingProvider } from '../dependencies';
import { canceled, choosePlan, renew } from './billingState';
import { BillingBusy, changeBilling, PaymentRefused } from './changeBilling';

const POLL_MS = 60_000;
const BATCH = 50;

interface Renewals {
  db: Db;
  provider: BillingProvider;
  logger: Logger;
}

/** Renews what is due, for as long as the process lives. What fails is tried again; several processes may. */
export const startRenewals = (renewals: Renewals): PeriodicTask =>
  startPeriodicTask({
    name: 'billing_renewal',
    run: async () => (await renewDue(renewals)).length === BATCH,
    everyMs: POLL_MS,
    logger: renewals.logger,
  });

/**
 * One batch of what is due by the database's clock, and of payments that are in doubt. One that fails keeps none of the others. @returns the stores that
 * were renewed.
 */
export async function renewDue({ db, provider, logger }: Renewals): Promise<string[]> {
  const due = await runInScope({ task: 'billing_renewal' }, () =>
    db.tenantBilling.findMany({ orderBy: { dueAt: 'asc' }, take: BATCH, select: { tenantId: true } }),
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
          // Another process was here since the list was read.
          if (billing.dueAt === null || billing.dueAt > now) return null;
          return isDeleted ? { becomes: canceled(billing) } : renew(billing, now);
        },
      });
      logger.info({ tenantId, plan, status }, 'billing renewed');
      renewed.push(tenantId);
    } catch (error) {
      if (error instanceof PaymentRefused) {
        logger.info({ tenantId }, 'payment that was in doubt was refused');
      } else if (!(error instanceof BillingBusy)) {
        logger.error({ err: error, tenantId }, 'billing not renewed; it is tried again');
      }
    }
  }
  return renewed;
}

/** A store that is closed for good pays no longer. */
const isStoreDeleted = (db: Db, tenantId: string) =>
  runInScope({ tenantId }, async () => {
    const store = await db.tenant.findFirst({ where: { tenantId }, select: { status: true } });
    return store?.status === 'DELETED';
  });
