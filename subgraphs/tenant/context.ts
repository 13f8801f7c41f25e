import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Db } from './database';
import type { Dependencies } from './dependencies';

/** The context of resolvers: the caller, the database, and the features' dependencies. */
export class Context extends CallerContext {
  readonly db: Db;

  constructor(
    caller: Caller,
    readonly dependencies: Dependencies,
  ) {
    super(caller);
    this.db = dependencies.db;
  }
}
