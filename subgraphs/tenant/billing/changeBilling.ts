import { unfencedLease } from '../../shared/lease';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { BillingProvider } from '../dependencies';
import type { Plan, TenantBilling } from '../generated/prisma/client';
import { recordPlanChanged } from './billingEvents';
import { type Billing, type BillingTransition, billingOf, type Payment } from './billingState';

/** Another change of this store's billing is under way, or has taken this one over because it was too slow. */
export class BillingBusy extends Error {}

/** The provider refused the payment, and nothing has changed. */
export class PaymentRefused extends Error {}

/** The provider did not say whether the payment was made: the same charge is sent again, by its idempotency key. */
export class PaymentUnknown extends Error {}

interface BillingChange {
  db: Db;
  provider: BillingProvider;
  tenantId: string;
  /** By the billing as it is, the database's clock, and the plan whose payment is in doubt; null when nothing is to change. */
  decide(billing: Billing, now: Date, pendingPlan: Plan | null): BillingTransition | null;
  /** The plan that somebody chose. While its payment is in doubt it is stored, and another choice is refused. */
  choice?: Plan;
}

/** Longer than a provider takes to answer. */
const lease = unfencedLease('tenant_billing', 120);

/**
 * Changes a store's billing, after the payment where one is needed. A lease and no lock is held while the provider is asked, so no
 * two payments of a store are under way at once. A process that dies after a payment leaves the billing as it was: the next change
 * sends the same charge with the same idempotency key.
 * @throws BillingBusy | PaymentRefused | PaymentUnknown.
 */
export function changeBilling({ db, provider, tenantId, decide, choice }: BillingChange): Promise<TenantBilling> {
  return runInScope({ tenantId }, async () => {
    const [claim] = await db.$queryRaw<{ now: Date; fence: Date }[]>`
      UPDATE tenant_billing SET ${lease.claim} WHERE tenant_id = ${tenantId} AND ${lease.isFree}
      RETURNING now(), ${lease.token}`;
    if (!claim) throw new BillingBusy();
    const ours = { tenantId, leaseUntil: claim.fence };
    const current = await db.tenantBilling.findFirstOrThrow({ where: { tenantId } });
    const billing = billingOf(current);
    try {
      if (choice && current.pendingPlan && choice !== current.pendingPlan) throw new BillingBusy();
      const transition = decide(billing, claim.now, current.pendingPlan);
      if (transition && 'payment' in transition) return await pay(transition.payment);
      if (transition) return await write(transition.newState);
    } catch (error) {
      const isInDoubt = error instanceof PaymentUnknown;
      await release(isInDoubt ? (choice ?? current.pendingPlan) : current.pendingPlan);
      throw error;
    }
    await release(null);
    return current;

    async function pay(payment: Payment): Promise<TenantBilling> {
      const { isPaid, customerId } = await charge(payment);
      const newState = isPaid ? payment.ifPaid : payment.ifRefused;
      // Also when nothing else changes: the version is part of the key, and the next attempt is another payment.
      const written = await write({
        ...(newState ?? billing),
        provider: provider.name,
        providerCustomerId: customerId,
      });
      if (!newState) throw new PaymentRefused();
      return written;
    }

    async function charge({ plan, periodStart, periodEnd }: Payment) {
      try {
        return await provider.charge({
          key: `${tenantId}-${current.version}`,
          tenantId,
          customerId: current.providerCustomerId,
          plan,
          periodStart,
          periodEnd,
          isPastDue: billing.pastDueAt !== null,
        });
      } catch (error) {
        throw new PaymentUnknown('The provider did not say whether the payment was made', { cause: error });
      }
    }

    async function write(changes: Changes): Promise<TenantBilling> {
      return db.$transaction(async (tx) => {
        const [changed] = await tx.tenantBilling.updateManyAndReturn({
          where: ours,
          data: { ...changes, version: { increment: 1 }, leaseUntil: null, pendingPlan: null },
        });
        // The lease ran out while the provider was asked. Whoever has it now sends the same charge, which is paid once.
        if (!changed) throw new BillingBusy();
        const { plan, status } = changed;
        if (plan !== current.plan || status !== current.status) {
          await recordPlanChanged(tx, tenantId, { plan, previousPlan: current.plan, status });
        }
        return changed;
      });
    }

    async function release(pendingPlan: Plan | null): Promise<void> {
      await db.tenantBilling.updateMany({ where: ours, data: { leaseUntil: null, pendingPlan } });
    }
  });
}

type Changes = Billing & Partial<Pick<TenantBilling, 'provider' | 'providerCustomerId'>>;
