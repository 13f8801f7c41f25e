import { isLower } from '../../shared/plans';
import type { Plan, TenantBilling } from '../generated/prisma/client';

/** The fields of a store's billing that a transition sets together. */
export type Billing = Pick<
  TenantBilling,
  'plan' | 'status' | 'periodStart' | 'periodEnd' | 'nextPlan' | 'trialStartedAt' | 'pastDueAt' | 'dueAt'
>;

export function billingOf(row: TenantBilling): Billing {
  const { plan, status, periodStart, periodEnd, nextPlan, trialStartedAt, pastDueAt, dueAt } = row;
  return { plan, status, periodStart, periodEnd, nextPlan, trialStartedAt, pastDueAt, dueAt };
}

/** A payment to be made, and the billing state after each answer of the provider. */
export interface Payment {
  plan: Plan;
  periodStart: Date;
  periodEnd: Date;
  ifPaid: Billing;
  /** Null when a refusal changes nothing. */
  ifRefused: Billing | null;
}

/** A transition to a new state, directly or after a payment. */
export type BillingTransition = { newState: Billing } | { payment: Payment };

const DAY_MS = 24 * 60 * 60 * 1000;
const TRIAL_DAYS = 14;
const PERIOD_DAYS = 30;
const RETRY_DAYS = 1;
/** The grace period in which a store with a missing payment keeps its plan. */
export const PAST_DUE_DAYS = 14;

const daysAfter = (date: Date, days: number) => new Date(date.getTime() + days * DAY_MS);

/**
 * The transition when a store chooses a plan; null when nothing changes.
 *
 * | the store is | it chooses | then it |
 * |---|---|---|
 * | on FREE and has had no trial | another plan | has a trial of 14 days |
 * | on trial | another plan than FREE | has that plan for the rest of the trial |
 * | paying | a higher plan | pays for 30 days from now |
 * | paying, or on trial | a lower plan, or FREE | has that plan from the end of the period on |
 * | past due | FREE | is canceled immediately |
 * | past due | another plan, or its own | pays for 30 days from now |
 * | to change at the end of the period | its own plan | keeps its plan |
 */
export function choosePlan(billing: Billing, plan: Plan, now: Date): BillingTransition | null {
  const { status, trialStartedAt } = billing;
  if (status === 'PAST_DUE') {
    return plan === 'FREE' ? { newState: canceled(billing) } : payment(billing, plan, now, null);
  }
  if (plan === billing.plan) return billing.nextPlan ? { newState: { ...billing, nextPlan: null } } : null;
  if (status === 'TRIALING' && plan !== 'FREE') return { newState: { ...billing, plan, nextPlan: null } };
  if (isLower(plan, billing.plan)) {
    return billing.nextPlan === plan ? null : { newState: { ...billing, nextPlan: plan } };
  }
  if (billing.plan === 'FREE' && trialStartedAt === null) {
    const end = daysAfter(now, TRIAL_DAYS);
    return {
      newState: { ...inPeriod(billing, plan, now, end), status: 'TRIALING', trialStartedAt: now },
    };
  }
  return payment(billing, plan, now, null);
}

/** The transition when a period ends, or when a missing payment is due to be charged again. */
export function renew(billing: Billing, now: Date): BillingTransition {
  const { plan, nextPlan, periodEnd, pastDueAt } = billing;
  if (nextPlan === 'FREE' || periodEnd === null) return { newState: canceled(billing) };
  const missingSince = pastDueAt ?? now;
  const isGraceOver = now >= daysAfter(missingSince, PAST_DUE_DAYS);
  const ifRefused = isGraceOver ? canceled(billing) : pastDue(billing, missingSince, now);
  return payment(billing, nextPlan ?? plan, pastDueAt ? now : periodEnd, ifRefused);
}

/** A payment is missing. The store keeps its plan during the grace period, and is charged again every day. */
export const pastDue = (billing: Billing, since: Date, now: Date): Billing => ({
  ...billing,
  status: 'PAST_DUE',
  pastDueAt: since,
  dueAt: daysAfter(now, RETRY_DAYS),
});

/** A payment was made, for 30 days from `start`. */
export const paid = (billing: Billing, plan: Plan, start: Date): Billing =>
  inPeriod(billing, plan, start, daysAfter(start, PERIOD_DAYS));

function payment(billing: Billing, plan: Plan, periodStart: Date, ifRefused: Billing | null): BillingTransition {
  const ifPaid = paid(billing, plan, periodStart);
  return { payment: { plan, periodStart, periodEnd: daysAfter(periodStart, PERIOD_DAYS), ifPaid, ifRefused } };
}

const inPeriod = (billing: Billing, plan: Plan, periodStart: Date, periodEnd: Date): Billing => ({
  ...billing,
  plan,
  status: 'ACTIVE',
  periodStart,
  periodEnd,
  nextPlan: null,
  pastDueAt: null,
  dueAt: periodEnd,
});

/** Back on the free plan. */
export const canceled = (billing: Billing): Billing => ({
  ...billing,
  plan: 'FREE',
  status: 'CANCELED',
  periodStart: null,
  periodEnd: null,
  nextPlan: null,
  pastDueAt: null,
  dueAt: null,
});
