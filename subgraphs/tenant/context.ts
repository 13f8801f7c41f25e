import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Db } from './database';

export class Context extends CallerContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    readonly baseDomain: string,
  ) {
    super(caller);
  }
}
