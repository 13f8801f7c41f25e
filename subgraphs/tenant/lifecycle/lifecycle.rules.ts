import { can, type FeatureRules, staff } from '../../shared/guards';

export const lifecycleRules: FeatureRules = {
  Mutation: {
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  notWhileImpersonated: ['tenantDelete'],
  fields: { Tenant: { suspension: staff, eraseAfter: staff } },
};
