import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Db } from './database';
import type { VerifyDomain } from './domain/verification';

export class Context extends CallerContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    readonly baseDomain: string,
    readonly verifyDomain: VerifyDomain,
  ) {
    super(caller);
  }
}
