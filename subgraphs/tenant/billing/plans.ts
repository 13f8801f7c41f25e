import type { Plan } from '../generated/prisma/client';

/** The limits of a plan; null is unlimited. */
export interface PlanLimits {
  products: number | null;
  /** People of the store's Clerk organization. */
  staff: number | null;
  customDomains: number | null;
  /** Of all callers of a store together, in units of gateway/queryCost.ts. */
  requestCostPerMinute: number;
}

/** From the lowest to the highest. Each limit is at least that of the plan before. */
export const PLANS: Record<Plan, PlanLimits> = {
  FREE: { products: 100, staff: 2, customDomains: 1, requestCostPerMinute: 600_000 },
  STARTER: { products: 1_000, staff: 5, customDomains: 3, requestCostPerMinute: 1_500_000 },
  PRO: { products: 50_000, staff: 25, customDomains: 20, requestCostPerMinute: 4_000_000 },
  ENTERPRISE: { products: null, staff: null, customDomains: 100, requestCostPerMinute: 12_000_000 },
};

const RANKS = Object.keys(PLANS);

export const isLower = (plan: Plan, than: Plan): boolean => RANKS.indexOf(plan) < RANKS.indexOf(than);
