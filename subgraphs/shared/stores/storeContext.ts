import type { Statements } from '../events/eventDatabase';
import { RequestContext } from '../requestContext';
import type { StoreSettings } from '../storeSettings';
import { getStoreSettings } from './storeRow';

/** The context of a subgraph that stores the stores' settings in its own table. */
export abstract class StoreContext extends RequestContext {
  abstract readonly db: Statements;

  /** The settings of the caller's store; read once per request, when they are first needed. */
  get storeSettings(): Promise<StoreSettings> {
    return this.once(readSettings);
  }
}

const readSettings = ({ db, tenantId }: StoreContext) => getStoreSettings(db, tenantId);
