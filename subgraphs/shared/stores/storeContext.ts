import type { Statements } from '../events/eventDatabase';
import { RequestContext } from '../requestContext';
import type { StoreSettings } from '../storeSettings';
import { getStoreSettings } from './storeRow';

/** The context of a subgraph that keeps stores' settings in a table of its own. */
export abstract class StoreContext extends RequestContext {
  abstract readonly db: Statements;
  private settings?: Promise<StoreSettings>;

  /** Of the caller's store; read when it is first asked for, once a request. */
  get storeSettings(): Promise<StoreSettings> {
    this.settings ??= getStoreSettings(this.db, this.tenantId);
    return this.settings;
  }
}
