import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { BillingProvider } from './billing/provider';
import type { CountProducts } from './billing/usage';
import type { Db } from './database';
import type { VerifyDomain } from './domain/verification';

export class Context extends CallerContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    readonly baseDomain: string,
    readonly verifyDomain: VerifyDomain,
    readonly billingProvider: BillingProvider,
    readonly countProducts: CountProducts,
  ) {
    super(caller);
  }
}
