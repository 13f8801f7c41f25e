import { CurrencyCode, DateTime } from '../shared/scalars';
import { billingResolvers } from './billing/billing.resolvers';
import { domainResolvers } from './domain/domain.resolvers';
import type { Resolvers } from './generated/resolvers';
import { impersonationResolvers } from './impersonation/impersonation.resolvers';
import { lifecycleResolvers } from './lifecycle/lifecycle.resolvers';
import { memberResolvers } from './member/member.resolvers';
import { merchantWebhookResolvers } from './merchantWebhook/merchantWebhook.resolvers';
import { storeResolvers } from './store/store.resolvers';

export const resolvers: Resolvers = {
  ...billingResolvers,
  Query: { ...storeResolvers.Query, ...memberResolvers.Query, ...merchantWebhookResolvers.Query },
  Mutation: {
    ...storeResolvers.Mutation,
    ...domainResolvers.Mutation,
    ...lifecycleResolvers.Mutation,
    ...impersonationResolvers.Mutation,
    ...billingResolvers.Mutation,
    ...merchantWebhookResolvers.Mutation,
  },
  Tenant: {
    ...storeResolvers.Tenant,
    ...domainResolvers.Tenant,
    ...memberResolvers.Tenant,
    ...impersonationResolvers.Tenant,
    ...billingResolvers.Tenant,
    ...lifecycleResolvers.Tenant,
  },
  TenantSettings: { ...storeResolvers.TenantSettings },
  TenantDomain: { ...domainResolvers.TenantDomain },
  WebhookSubscription: { ...merchantWebhookResolvers.WebhookSubscription },
  EventDelivery: { ...merchantWebhookResolvers.EventDelivery },
  CurrencyCode,
  DateTime,
};
