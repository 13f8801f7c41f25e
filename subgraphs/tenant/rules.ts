import { type AccessRules, can, inStore, inStoreOrService, service } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
    memberAccess: service,
  },
  Mutation: {
    tenantUpdate: can('store:manage'),
    tenantSettingsUpdate: can('store:manage'),
    tenantDomainAdd: can('store:manage'),
    tenantDomainVerify: can('store:manage'),
    tenantDomainSetPrimary: can('store:manage'),
    tenantDomainRemove: can('store:manage'),
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  entities: { Tenant: inStore },
  fields: {
    Tenant: { members: can('members:read'), domains: can('store:manage') },
    TenantMember: { email: can('members:manage') },
  },
};
