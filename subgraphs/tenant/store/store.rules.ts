import { can, type FeatureRules, inStore } from '../../shared/guards';

export const storeRules: FeatureRules = {
  Query: { currentTenant: inStore },
  Mutation: { tenantUpdate: can('store:manage') },
  entities: { Tenant: inStore },
};
