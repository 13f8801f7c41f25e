import { anyService, can, type FeatureRules, staff } from '../../shared/guards';

export const billingRules: FeatureRules = {
  Mutation: { tenantPlanChange: can('store:manage') },
  notWhileImpersonated: ['tenantPlanChange'],
  fields: { Tenant: { plan: staff, billing: can('store:manage'), limits: anyService } },
};
