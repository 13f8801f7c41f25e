import { PLANS } from '../../shared/plans';
import type { Resolvers } from '../generated/resolvers';
import { getBilling, limitsOf, tenantPlanChange } from './billing.service';
import { countDomains, countStaff } from './usage';

export const billingResolvers: Resolvers = {
  Mutation: {
    tenantPlanChange: (_root, { input }, ctx) => tenantPlanChange(ctx, input),
  },
  Tenant: {
    plan: (_tenant, _args, ctx) => getBilling(ctx),
    billing: (_tenant, _args, ctx) => getBilling(ctx),
    limits: (tenant, _args, ctx) => limitsOf(ctx.db, tenant),
  },
  TenantPlan: {
    id: ({ tenantId }) => tenantId,
    name: ({ plan }) => plan,
    limits: ({ plan }) => PLANS[plan],
    usage: ({ tenantId }) => ({ id: tenantId }),
  },
  PlanUsage: {
    staff: (_usage, _args, ctx) => countStaff(ctx),
    customDomains: (_usage, _args, ctx) => countDomains(ctx),
  },
  TenantBilling: {
    id: ({ tenantId }) => tenantId,
    trialEndsAt: ({ status, periodEnd }) => (status === 'TRIALING' ? periodEnd : null),
    cancelAtPeriodEnd: ({ nextPlan }) => nextPlan === 'FREE',
  },
};
