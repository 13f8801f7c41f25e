import type { Plan } from '../generated/prisma/client';

/** What a store is to pay for one period. */
export interface Charge {
  /** The same for a repeat, which must not cost the store anything. */
  key: string;
  tenantId: string;
  /** Who the store is to the provider; null before the first payment. */
  customerId: string | null;
  plan: Plan;
  periodStart: Date;
  periodEnd: Date;
  /** Whether an earlier payment is still missing. */
  isPastDue: boolean;
}

/** `customerId` is kept for the next charge. */
export interface ChargeOutcome {
  isPaid: boolean;
  customerId: string | null;
}

/** Who takes the stores' payments for their plans. */
export interface BillingProvider {
  readonly name: string;
  /** @throws Error when it can't be said whether it was paid: the same charge is then asked for again. */
  charge(charge: Charge): Promise<ChargeOutcome>;
}

/**
 * The operator invoices the stores: a plan counts as paid until the operator says that a payment is missing
 * (`npm run -s tenants -- past-due`), and as missing until the operator says that it has come (`paid`).
 */
export const manualBilling: BillingProvider = {
  name: 'manual',
  charge: async ({ customerId, isPastDue }) => ({ isPaid: !isPastDue, customerId }),
};
