import { type AccessRules, anyService, can, inStore, inStoreOrService, service, staff } from '../shared/guards';

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
    tenantPlanChange: can('store:manage'),
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  notWhileImpersonated: ['tenantPlanChange', 'tenantDelete'],
  entities: { Tenant: inStore },
  fields: {
    Tenant: {
      members: can('members:read'),
      domains: can('store:manage'),
      plan: staff,
      billing: can('store:manage'),
      limits: anyService,
      showsExactStock: anyService,
    },
    TenantMember: { email: can('members:manage') },
  },
};
