import { type AccessRules, can, inStore, inStoreOrService } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
  },
  Mutation: {
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  entities: { Tenant: inStore },
};
