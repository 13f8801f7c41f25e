import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Logger } from '../shared/log';
import type { BillingProvider } from './billing/provider';
import type { CountProducts } from './billing/usage';
import type { Db } from './database';
import type { VerifyDomain } from './domain/verification';
import type { EndpointRules } from './merchantWebhook/endpointUrl';
import type { SecretBox } from './merchantWebhook/secretBox';
import { createStoreLoaders, type StoreLoaders } from './store/store.loaders';

export class Context extends CallerContext {
  private made: StoreLoaders | undefined;

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
  get loaders(): StoreLoaders {
    this.made ??= createStoreLoaders(this);
    return this.made;
  }
}
