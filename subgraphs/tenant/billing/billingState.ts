import type { Plan, TenantBilling } from '../generated/prisma/client';
import { isLower } from './plans';

/** What of a store's billing changes together. */
export type Billing = Pick<
  TenantBilling,
  'plan' | 'status' | 'periodStart' | 'periodEnd' | 'nextPlan' | 'trialStartedAt' | 'pastDueAt' | 'dueAt'
>;

export function billingOf(row: TenantBilling): Billing {
  const { plan, status, periodStart, periodEnd, nextPlan, trialStartedAt, pastDueAt, dueAt } = row;
  return { plan, status, periodStart, periodEnd, nextPlan, trialStartedAt, pastDueAt, dueAt };
}

/** What is to be paid, and what follows from the answer. */
export interface Payment {
  plan: Plan;
  periodStart: Date;
  periodEnd: Date;
  ifPaid: Billing;
  /** Null when nothing changes then. */
  ifRefused: Billing | null;
}

/** A change that is free, or one that waits for a payment. */
export type Step = { becomes: Billing } | { pay: Payment };

const DAY_MS = 24 * 60 * 60 * 1000;
const TRIAL_DAYS = 14;
const PERIOD_DAYS = 30;
const RETRY_DAYS = 1;
/** How long a store whose payment is missing keeps its plan. */
export const PAST_DUE_DAYS = 14;

const daysAfter = (date: Date, days: number) => new Date(date.getTime() + days * DAY_MS);

/**
 * What choosing a plan leads to; null when nothing does.
 *
 * | the store | chooses | and |
 * |---|---|---|
 * | on FREE, never tried | another | tries it for 14 days |
 * | on trial | another than FREE | goes on trying, that one |
 * | paying | a higher one | pays for 30 days from now |
 * | paying, or on trial | a lower one, or FREE | has it from the end of the period on |
 * | past due | FREE | is canceled now |
 * | past due | another, or its own | pays for 30 days from now |
 * | with a change ahead | its own | stays as it is |
 */
export function choosePlan(billing: Billing, plan: Plan, now: Date): Step | null {
  const { status, trialStartedAt } = billing;
  if (status === 'PAST_DUE')
    return plan === 'FREE' ? { becomes: canceled(billing) } : payment(billing, plan, now, null);
  if (plan === billing.plan) return billing.nextPlan ? { becomes: { ...billing, nextPlan: null } } : null;
  if (status === 'TRIALING' && plan !== 'FREE') return { becomes: { ...billing, plan, nextPlan: null } };
  if (isLower(plan, billing.plan)) {
    return billing.nextPlan === plan ? null : { becomes: { ...billing, nextPlan: plan } };
  }
  if (billing.plan === 'FREE' && trialStartedAt === null) {
    const end = daysAfter(now, TRIAL_DAYS);
    return {
      becomes: { ...inPeriod(billing, plan, now, end), status: 'TRIALING', trialStartedAt: now },
    };
  }
  return payment(billing, plan, now, null);
}

/** What the end of a period leads to, or the moment at which a missing payment is asked for again. */
export function renew(billing: Billing, now: Date): Step {
  const { plan, nextPlan, periodEnd, pastDueAt } = billing;
  if (nextPlan === 'FREE' || periodEnd === null) return { becomes: canceled(billing) };
  const missingSince = pastDueAt ?? now;
  const isGivenUp = now >= daysAfter(missingSince, PAST_DUE_DAYS);
  const ifRefused = isGivenUp ? canceled(billing) : pastDue(billing, missingSince, now);
  return payment(billing, nextPlan ?? plan, pastDueAt ? now : periodEnd, ifRefused);
}

/** A payment is missing. The store keeps its plan for a while, and is asked again every day. */
export const pastDue = (billing: Billing, since: Date, now: Date): Billing => ({
  ...billing,
  status: 'PAST_DUE',
  pastDueAt: since,
  dueAt: daysAfter(now, RETRY_DAYS),
});

/** A payment has come, for 30 days from `start`. */
export const paid = (billing: Billing, plan: Plan, start: Date): Billing =>
  inPeriod(billing, plan, start, daysAfter(start, PERIOD_DAYS));

function payment(billing: Billing, plan: Plan, periodStart: Date, ifRefused: Billing | null): Step {
  const ifPaid = paid(billing, plan, periodStart);
  return { pay: { plan, periodStart, periodEnd: daysAfter(periodStart, PERIOD_DAYS), ifPaid, ifRefused } };
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

/** What is left is the free plan. */
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
