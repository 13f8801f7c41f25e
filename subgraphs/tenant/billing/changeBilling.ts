import { unfencedLease } from '../../shared/lease';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { BillingProvider } from '../dependencies';
import type { Plan, TenantBilling } from '../generated/prisma/client';
import { recordPlanChanged } from './billingEvents';
import { type Billing, type BillingTransition, billingOf, type Payment } from './billingState';

/** Another change of this store's billing holds the lease, or has claimed it because this one was too slow. */
export class BillingBusy extends Error {}

/** The provider refused the payment, and nothing has changed. */
export class PaymentRefused extends Error {}

/** The provider did not answer whether the payment was made. The same charge is sent again, with the same idempotency key. */
export class PaymentUnknown extends Error {}

interface BillingChange {
  db: Db;
  provider: BillingProvider;
  tenantId: string;
  /** @param now by the database's clock. @param pendingPlan the plan whose payment is in doubt. @returns null to change nothing. */
  decide(billing: Billing, now: Date, pendingPlan: Plan | null): BillingTransition | null;
  /** The chosen plan. It is stored while its payment is in doubt, and another choice is refused meanwhile. */
  choice?: Plan;
}

/** Longer than the slowest answer of a provider. */
const lease = unfencedLease('tenant_billing', 120);

/**
 * Changes a store's billing, after a payment if one is needed. A lease excludes concurrent payments of a store; no database lock is held
 * during the call of the provider. If the process dies after the payment, the next change sends the same charge with the same
 * idempotency key.
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
      // Writes even if nothing else changes: the version is part of the idempotency key, and the next attempt is another payment.
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
        // The lease expired during the call of the provider. Its next holder sends the same charge, which is paid only once.
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
