import { mergeResolvers } from '../shared/mergeFeatures';
import { CurrencyCode, DateTime } from '../shared/scalars';
import { appTokenResolvers } from './appToken/appToken.resolvers';
import { billingResolvers } from './billing/billing.resolvers';
import { domainResolvers } from './domain/domain.resolvers';
import type { Resolvers } from './generated/resolvers';
import { impersonationResolvers } from './impersonation/impersonation.resolvers';
import { lifecycleResolvers } from './lifecycle/lifecycle.resolvers';
import { memberResolvers } from './member/member.resolvers';
import { merchantWebhookResolvers } from './merchantWebhook/merchantWebhook.resolvers';
import { nodeResolvers } from './node/node.resolvers';
import { settingsResolvers } from './settings/settings.resolvers';
import { storeResolvers } from './store/store.resolvers';
import { viewerResolvers } from './viewer/viewer.resolvers';

export const resolvers = mergeResolvers<Resolvers>([
  appTokenResolvers,
  billingResolvers,
  domainResolvers,
  impersonationResolvers,
  lifecycleResolvers,
  memberResolvers,
  merchantWebhookResolvers,
  nodeResolvers,
  settingsResolvers,
  storeResolvers,
  viewerResolvers,
  { CurrencyCode, DateTime },
]);
