import type { Statements } from '../events/eventDatabase';
import { RequestContext } from '../requestContext';
import type { StoreSettings } from '../storeSettings';
import { getStoreSettings } from './storeRow';

/** The context of a subgraph that keeps stores' settings in a table of its own. */
export abstract class StoreContext extends RequestContext {
  abstract readonly db: Statements;

  /** Of the caller's store; read once per request, when it is first needed. */
  get storeSettings(): Promise<StoreSettings> {
    return this.once(readSettings);
  }
}

const readSettings = ({ db, tenantId }: StoreContext) => getStoreSettings(db, tenantId);
