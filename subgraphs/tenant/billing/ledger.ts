import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { TenantBilling } from '../generated/prisma/client';
import { recordPlanChanged } from '../store/storeEvents';
import { type Billing, billingOf, type Payment, type Step } from './billingState';
import type { BillingProvider } from './provider';

/** Another change of this store's billing is under way. */
export class BillingBusy extends Error {}

/** The provider refused the payment, and nothing has changed. */
export class PaymentRefused extends Error {}

interface Change {
  db: Db;
  provider: BillingProvider;
  tenantId: string;
  /** What is to happen, by the billing as it is and the database's clock; null for nothing. */
  decide(billing: Billing, now: Date): Step | null;
}

/** Longer than a provider takes to answer. */
const LEASE = '2 minutes';

/**
 * Changes a store's billing, taking the payment first where one is needed: no two payments at once, and no lock while the
 * provider is asked. A process that dies after a payment leaves the billing as it was: who comes next asks for the same
 * payment by the same key.
 * @throws BillingBusy | PaymentRefused | what the provider throws.
 */
export function changeBilling({ db, provider, tenantId, decide }: Change): Promise<TenantBilling> {
  return runInScope({ tenantId }, async () => {
    const [claim] = await db.$queryRaw<{ now: Date }[]>`
      UPDATE tenant_billing SET lease_until = now() + ${LEASE}::interval
      WHERE tenant_id = ${tenantId} AND (lease_until IS NULL OR lease_until <= now())
      RETURNING now()`;
    if (!claim) throw new BillingBusy();
    const current = await db.tenantBilling.findFirstOrThrow({ where: { tenantId } });
    const billing = billingOf(current);
    try {
      const step = decide(billing, claim.now);
      if (step && 'pay' in step) return await pay(step.pay);
      if (step) return await write(step.becomes);
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    return current;

    async function pay(payment: Payment): Promise<TenantBilling> {
      const { isPaid, customerId } = await charge(payment);
      const becomes = isPaid ? payment.ifPaid : payment.ifRefused;
      // Also when nothing else changes: the next attempt is another payment.
      const written = await write({ ...(becomes ?? billing), provider: provider.name, providerCustomerId: customerId });
      if (!becomes) throw new PaymentRefused();
      return written;
    }

    function charge({ plan, periodStart, periodEnd }: Payment) {
      return provider.charge({
        key: `${tenantId}-${current.version}`,
        tenantId,
        customerId: current.providerCustomerId,
        plan,
        periodStart,
        periodEnd,
        isPastDue: billing.pastDueAt !== null,
      });
    }

    async function write(changes: Changes): Promise<TenantBilling> {
      return db.$transaction(async (tx) => {
        const [changed] = await tx.tenantBilling.updateManyAndReturn({
          where: { tenantId, version: current.version },
          data: { ...changes, version: { increment: 1 }, leaseUntil: null },
        });
        // The lease ran out while the provider was asked, and somebody else took the same payment.
        if (!changed) throw new BillingBusy();
        const { plan, status } = changed;
        if (plan !== current.plan || status !== current.status) {
          await recordPlanChanged(tx, tenantId, { plan, previousPlan: current.plan, status });
        }
        return changed;
      });
    }

    async function release(): Promise<void> {
      await db.tenantBilling.updateMany({ where: { tenantId, version: current.version }, data: { leaseUntil: null } });
    }
  });
}

type Changes = Billing & Partial<Pick<TenantBilling, 'provider' | 'providerCustomerId'>>;
