import { type AccessRules, anyService, can, inStore, inStoreOrService, service, staff } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    currentTenant: inStore,
    tenantByDomain: inStoreOrService,
    memberAccess: service,
    webhookSubscription: can('store:manage'),
    webhookSubscriptions: can('store:manage'),
    eventDeliveries: can('store:manage'),
  },
  Mutation: {
    tenantUpdate: can('store:manage'),
    tenantSettingsUpdate: can('store:manage'),
    tenantDomainAdd: can('store:manage'),
    tenantDomainVerify: can('store:manage'),
    tenantDomainSetPrimary: can('store:manage'),
    tenantDomainRemove: can('store:manage'),
    tenantPlanChange: can('store:manage'),
    webhookSubscriptionCreate: can('store:manage'),
    webhookSubscriptionUpdate: can('store:manage'),
    webhookSubscriptionDelete: can('store:manage'),
    webhookSubscriptionRotateSecret: can('store:manage'),
    eventDeliveryRetry: can('store:manage'),
    tenantSuspend: can('store:manage'),
    tenantResume: can('store:manage'),
    tenantDelete: can('store:manage'),
  },
  whileSuspended: ['tenantResume', 'tenantDelete'],
  // What a webhook is told leaves the system, on and on.
  notWhileImpersonated: [
    'tenantPlanChange',
    'tenantDelete',
    'webhookSubscriptionCreate',
    'webhookSubscriptionUpdate',
    'webhookSubscriptionRotateSecret',
    'eventDeliveryRetry',
  ],
  entities: { Tenant: inStore },
  fields: {
    Tenant: {
      members: can('members:read'),
      domains: can('store:manage'),
      plan: staff,
      suspension: staff,
      eraseAfter: staff,
      billing: can('store:manage'),
      limits: anyService,
      showsExactStock: anyService,
      orderPrefix: anyService,
    },
    TenantMember: { email: can('members:manage') },
  },
};
