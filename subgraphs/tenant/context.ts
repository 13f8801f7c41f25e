import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { Db } from './database';
import type { Dependencies } from './dependencies';

/** What every resolver of a request is given: the caller, the database, and what else the features work with. */
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
