import { type AccessRules, can, inStore, inStoreOrService, service } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
    memberAccess: service,
  },
  Mutation: {
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  entities: { Tenant: inStore },
  fields: { Tenant: { members: can('members:read') }, TenantMember: { email: can('members:manage') } },
};
