import { mergeRules } from '../shared/mergeFeatures';
import { appTokenRules } from './appToken/appToken.rules';
import { billingRules } from './billing/billing.rules';
import { domainRules } from './domain/domain.rules';
import { impersonationRules } from './impersonation/impersonation.rules';
import { lifecycleRules } from './lifecycle/lifecycle.rules';
import { memberRules } from './member/member.rules';
import { merchantWebhookRules } from './merchantWebhook/merchantWebhook.rules';
import { nodeRules } from './node/node.rules';
import { settingsRules } from './settings/settings.rules';
import { storeRules } from './store/store.rules';
import { viewerRules } from './viewer/viewer.rules';

/** The access rules of all features. */
export const rules = mergeRules([
  appTokenRules,
  billingRules,
  domainRules,
  impersonationRules,
  lifecycleRules,
  memberRules,
  merchantWebhookRules,
  nodeRules,
  settingsRules,
  storeRules,
  viewerRules,
]);
