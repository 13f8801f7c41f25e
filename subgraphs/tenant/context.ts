import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Logger } from '../shared/log';
import type { BillingProvider } from './billing/billingProvider';
import type { CountProducts } from './billing/usage';
import type { Db } from './database';
import type { VerifyDomain } from './domain/domainVerification';
import type { EndpointRules } from './merchantWebhook/endpointUrl';
import type { SecretBox } from './merchantWebhook/secretBox';
import { createSettingsLoaders, type SettingsLoaders } from './settings/settings.loaders';

export class Context extends CallerContext {
  private made: SettingsLoaders | undefined;

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly baseDomain: string,
    readonly verifyDomain: VerifyDomain,
    readonly billingProvider: BillingProvider,
    readonly countProducts: CountProducts,
    readonly webhooks: { secrets: SecretBox; endpoints: EndpointRules },
    readonly logger: Logger,
  ) {
    super(caller);
  }

  /** Of this request alone. */
  get loaders(): SettingsLoaders {
    this.made ??= createSettingsLoaders(this);
    return this.made;
  }
}
