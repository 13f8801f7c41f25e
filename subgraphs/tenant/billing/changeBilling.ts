import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { BillingProvider } from '../dependencies';
import type { Plan, TenantBilling } from '../generated/prisma/client';
import { recordPlanChanged } from './billingEvents';
import { type Billing, billingOf, type Payment, type Step } from './billingState';

/** Another change of this store's billing is under way. */
export class BillingBusy extends Error {}

/** The provider refused the payment, and nothing has changed. */
export class PaymentRefused extends Error {}

/** The provider did not say whether it was paid: the same payment is asked for again by its key. */
export class PaymentUnknown extends Error {}

interface Change {
  db: Db;
  provider: BillingProvider;
  tenantId: string;
  /** What is to happen, by the billing as it is, the database's clock, and the plan whose payment is in doubt; null for nothing. */
  decide(billing: Billing, now: Date, pendingPlan: Plan | null): Step | null;
  /** What somebody chooses: another choice waits while this one's payment is in doubt, and it is remembered when it comes to be. */
  choice?: Plan;
}

/** Longer than a provider takes to answer. */
const LEASE = '2 minutes';

/**
 * Changes a store's billing, taking the payment first where one is needed: no two payments at once, and no lock while the
 * provider is asked. A process that dies after a payment leaves the billing as it was: who comes next asks for the same
 * payment by the same key.
 * @throws BillingBusy | PaymentRefused | PaymentUnknown.
 */
export function changeBilling({ db, provider, tenantId, decide, choice }: Change): Promise<TenantBilling> {
  return runInScope({ tenantId }, async () => {
    const [claim] = await db.$queryRaw<{ now: Date }[]>`
      UPDATE tenant_billing SET lease_until = now() + ${LEASE}::interval
      WHERE tenant_id = ${tenantId} AND (lease_until IS NULL OR lease_until <= now())
      RETURNING now()`;
    if (!claim) throw new BillingBusy();
    const current = await db.tenantBilling.findFirstOrThrow({ where: { tenantId } });
    const billing = billingOf(current);
    try {
      if (choice && current.pendingPlan && choice !== current.pendingPlan) throw new BillingBusy();
      const step = decide(billing, claim.now, current.pendingPlan);
      if (step && 'pay' in step) return await pay(step.pay);
      if (step) return await write(step.becomes);
    } catch (error) {
      const isInDoubt = error instanceof PaymentUnknown;
      await release(isInDoubt ? (choice ?? current.pendingPlan) : current.pendingPlan);
      throw error;
    }
    await release(null);
    return current;

    async function pay(payment: Payment): Promise<TenantBilling> {
      const { isPaid, customerId } = await charge(payment);
      const becomes = isPaid ? payment.ifPaid : payment.ifRefused;
      // Also when nothing else changes: the next attempt is another payment.
      const written = await write({ ...(becomes ?? billing), provider: provider.name, providerCustomerId: customerId });
      if (!becomes) throw new PaymentRefused();
      return written;
    }

    async function charge({ plan, periodStart, periodEnd }: Payment) {
      const asked = {
        key: `${tenantId}-${current.version}`,
        tenantId,
        customerId: current.providerCustomerId,
        plan,
        periodStart,
        periodEnd,
        isPastDue: billing.pastDueAt !== null,
      };
      try {
        return await provider.charge(asked);
      } catch (error) {
        throw new PaymentUnknown('The provider did not say whether it was paid', { cause: error });
      }
    }

    async function write(changes: Changes): Promise<TenantBilling> {
      return db.$transaction(async (tx) => {
        const [changed] = await tx.tenantBilling.updateManyAndReturn({
          where: { tenantId, version: current.version },
          data: { ...changes, version: { increment: 1 }, leaseUntil: null, pendingPlan: null },
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

    async function release(pendingPlan: Plan | null): Promise<void> {
      const where = { tenantId, version: current.version };
      await db.tenantBilling.updateMany({ where, data: { leaseUntil: null, pendingPlan } });
    }
  });
}

type Changes = Billing & Partial<Pick<TenantBilling, 'provider' | 'providerCustomerId'>>;
