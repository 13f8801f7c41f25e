/** The limits of a plan; null is unlimited. */
export interface PlanLimits {
  products: number | null;
  /** The most members of the store's Clerk organization. */
  staff: number | null;
  customDomains: number | null;
  /** The query cost of all callers of a store together; see gateway/limits/queryCost.ts. */
  requestCostPerMinute: number;
}

/** The plans from the lowest to the highest. Each limit is at least that of the plan before. */
export const PLAN_NAMES = ['FREE', 'STARTER', 'PRO', 'ENTERPRISE'] as const;
export type Plan = (typeof PLAN_NAMES)[number];

/** The plan of a store that never chose one. */
export const FIRST_PLAN: Plan = 'FREE';

/** Limits are read from here and not copied into stores' rows, so a change applies to all stores immediately. */
export const PLANS: Record<Plan, PlanLimits> = {
  FREE: { products: 100, staff: 2, customDomains: 1, requestCostPerMinute: 600_000 },
  STARTER: { products: 1_000, staff: 5, customDomains: 3, requestCostPerMinute: 1_500_000 },
  PRO: { products: 50_000, staff: 25, customDomains: 20, requestCostPerMinute: 4_000_000 },
  ENTERPRISE: { products: null, staff: null, customDomains: 100, requestCostPerMinute: 12_000_000 },
};

export const isLower = (plan: Plan, than: Plan): boolean => PLAN_NAMES.indexOf(plan) < PLAN_NAMES.indexOf(than);
