import { PLANS } from '../../shared/plans';
import type { Plan } from '../generated/prisma/client';
import { type Billing, billingOf, canceled, choosePlan, PAST_DUE_DAYS, paid, pastDue, renew } from './billingState';

const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
const FREE: Billing = {
  plan: 'FREE',
  status: 'ACTIVE',
  periodStart: null,
  periodEnd: null,
  nextPlan: null,
  trialStartedAt: null,
  pastDueAt: null,
  dueAt: null,
};
const CANCELED: Billing = { ...FREE, status: 'CANCELED', trialStartedAt: day(-60) };
const TRIAL: Billing = {
  ...FREE,
  plan: 'STARTER',
  status: 'TRIALING',
  periodStart: day(0),
  periodEnd: day(14),
  trialStartedAt: day(0),
  dueAt: day(14),
};
const PAYING: Billing = {
  ...TRIAL,
  status: 'ACTIVE',
  plan: 'PRO',
  periodEnd: day(30),
  dueAt: day(30),
  trialStartedAt: day(-14),
};
const PAST_DUE = pastDue(PAYING, day(30), day(30));

/** A transition in short form: the store's state now, or after a payment. */
function short(transition: ReturnType<typeof choosePlan>): string {
  if (transition === null) return 'nothing';
  const state = ({ plan, status, nextPlan, periodEnd }: Billing) =>
    `${plan} ${status}${nextPlan ? ` then ${nextPlan}` : ''}${periodEnd ? ` until ${daysOf(periodEnd)}` : ''}`;
  if ('newState' in transition) return state(transition.newState);
  const { plan, periodStart, periodEnd, ifPaid, ifRefused } = transition.payment;
  const asked = `pays ${plan} ${daysOf(periodStart)}-${daysOf(periodEnd)}: ${state(ifPaid)}`;
  return `${asked}; else ${ifRefused ? state(ifRefused) : 'nothing'}`;
}
const daysOf = (date: Date) => (date.getTime() - day(0).getTime()) / 86_400_000;

describe('choosing a plan on day 10', () => {
  it.each<[string, Billing, Plan, string]>([
    ['FREE', FREE, 'FREE', 'nothing'],
    ['FREE, never tried', FREE, 'PRO', 'PRO TRIALING until 24'],
    ['canceled, so tried once', CANCELED, 'PRO', 'pays PRO 10-40: PRO ACTIVE until 40; else nothing'],
    ['on trial', TRIAL, 'STARTER', 'nothing'],
    ['on trial', TRIAL, 'ENTERPRISE', 'ENTERPRISE TRIALING until 14'],
    ['on trial', TRIAL, 'FREE', 'STARTER TRIALING then FREE until 14'],
    ['on trial, to end', { ...TRIAL, nextPlan: 'FREE' }, 'STARTER', 'STARTER TRIALING until 14'],
    ['on trial, to end', { ...TRIAL, nextPlan: 'FREE' }, 'FREE', 'nothing'],
    ['paying', PAYING, 'PRO', 'nothing'],
    ['paying', PAYING, 'ENTERPRISE', 'pays ENTERPRISE 10-40: ENTERPRISE ACTIVE until 40; else nothing'],
    [
      'paying, without a trial before',
      { ...PAYING, trialStartedAt: null },
      'ENTERPRISE',
      'pays ENTERPRISE 10-40: ENTERPRISE ACTIVE until 40; else nothing',
    ],
    ['paying', PAYING, 'STARTER', 'PRO ACTIVE then STARTER until 30'],
    ['paying', PAYING, 'FREE', 'PRO ACTIVE then FREE until 30'],
    ['paying, to end', { ...PAYING, nextPlan: 'FREE' }, 'PRO', 'PRO ACTIVE until 30'],
    ['paying, to end', { ...PAYING, nextPlan: 'FREE' }, 'STARTER', 'PRO ACTIVE then STARTER until 30'],
    ['past due', PAST_DUE, 'FREE', 'FREE CANCELED'],
    ['past due', PAST_DUE, 'PRO', 'pays PRO 10-40: PRO ACTIVE until 40; else nothing'],
    ['past due', PAST_DUE, 'STARTER', 'pays STARTER 10-40: STARTER ACTIVE until 40; else nothing'],
  ])('%s', (_title, billing, plan, expected) => {
    expect(`${short(choosePlan(billing, plan, day(10)))}`).toBe(expected);
  });
});

describe('every date and mark of the state', () => {
  it('is set by a trial from now', () => {
    const now = day(10);
    expect(choosePlan({ ...FREE, nextPlan: 'PRO' }, 'PRO', now)).toEqual({
      newState: {
        ...FREE,
        plan: 'PRO',
        status: 'TRIALING',
        periodStart: now,
        periodEnd: day(24),
        trialStartedAt: now,
        dueAt: day(24),
      },
    });
  });

  it('is set by a payment, but for when the trial was', () => {
    expect(paid({ ...PAST_DUE, nextPlan: 'STARTER' }, 'PRO', day(31))).toEqual({
      ...PAYING,
      periodStart: day(31),
      periodEnd: day(61),
      dueAt: day(61),
    });
  });

  it('is removed by a cancellation, but for when the trial was: there is one trial only', () => {
    expect(canceled({ ...PAST_DUE, nextPlan: 'STARTER' })).toEqual({ ...CANCELED, trialStartedAt: day(-14) });
  });

  it('stays when a payment is missing, but for when it is due', () => {
    expect(PAST_DUE).toEqual({ ...PAYING, status: 'PAST_DUE', pastDueAt: day(30), dueAt: day(31) });
  });
});

describe('renewing', () => {
  it.each<[string, Billing, number, string]>([
    ['a trial', TRIAL, 14, 'pays STARTER 14-44: STARTER ACTIVE until 44; else STARTER PAST_DUE until 14'],
    ['a trial that was to end', { ...TRIAL, nextPlan: 'FREE' }, 14, 'FREE CANCELED'],
    ['a period', PAYING, 30, 'pays PRO 30-60: PRO ACTIVE until 60; else PRO PAST_DUE until 30'],
    ['a period, late', PAYING, 70, 'pays PRO 30-60: PRO ACTIVE until 60; else PRO PAST_DUE until 30'],
    [
      'a period with a lower plan ahead',
      { ...PAYING, nextPlan: 'STARTER' },
      30,
      'pays STARTER 30-60: STARTER ACTIVE until 60; else PRO PAST_DUE then STARTER until 30',
    ],
    ['a plan that was to end', { ...PAYING, nextPlan: 'FREE' }, 30, 'FREE CANCELED'],
    ['a plan without a period', { ...PAYING, periodEnd: null }, 30, 'FREE CANCELED'],
    ['a plan that is past due', PAST_DUE, 31, 'pays PRO 31-61: PRO ACTIVE until 61; else PRO PAST_DUE until 30'],
    [
      'what has been past due for two weeks',
      PAST_DUE,
      30 + PAST_DUE_DAYS,
      'pays PRO 44-74: PRO ACTIVE until 74; else FREE CANCELED',
    ],
  ])('%s', (_title, billing, at, expected) => expect(short(renew(billing, day(at)))).toBe(expected));

  it.each([
    [-1, 'PAST_DUE'],
    [0, 'CANCELED'],
  ])('a refused payment %d ms after the end of the grace period leads to %s', (ms, status) => {
    const now = new Date(day(44).getTime() + ms);
    expect(renew(PAST_DUE, now)).toMatchObject({ payment: { ifRefused: { status } } });
  });

  it('charges again a day after a refused payment, and counts the grace period from the first one', () => {
    const again = pastDue(PAST_DUE, day(30), day(31));
    expect(again).toMatchObject({ pastDueAt: day(30), dueAt: day(32), plan: 'PRO' });
    expect(paid(again, 'PRO', day(31))).toMatchObject({ status: 'ACTIVE', pastDueAt: null, dueAt: day(61) });
  });
});

it('each plan allows at least what the one before allows', () => {
  const of = (limit: number | null) => limit ?? Number.POSITIVE_INFINITY;
  const plans = Object.values(PLANS);
  for (const [index, plan] of plans.slice(1).entries()) {
    const before = plans[index];
    for (const name of ['products', 'staff', 'customDomains', 'requestCostPerMinute'] as const) {
      expect(of(plan[name])).toBeGreaterThanOrEqual(of(before?.[name] ?? 0));
    }
  }
});

it('billingOf has all fields of a row that a payment changes', () => {
  const row = {
    ...PAST_DUE,
    tenantId: 'org_nike',
    provider: 'manual',
    providerCustomerId: null,
    pendingPlan: null,
    leaseUntil: null,
    version: 3,
    updatedAt: day(0),
  };
  expect(billingOf(row)).toEqual(PAST_DUE);
});
