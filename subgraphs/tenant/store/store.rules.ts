import { can, type FeatureRules, inStore, inStoreOrService } from '../../shared/guards';

export const storeRules: FeatureRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
  },
  Mutation: { tenantUpdate: can('store:manage') },
  entities: { Tenant: inStore },
};
