import { type AccessRules, inStore, inStoreOrService } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
  },
  entities: { Tenant: inStore },
};
