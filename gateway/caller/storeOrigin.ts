import type { Store } from './store';
import type { FindStore } from './storeLookup';

/** The store at whose address, or at one of whose verified domains, a page of this origin is; null when it is no store's. */
export type FindStoreOfOrigin = (origin: string, requestId: string) => Promise<Store | null>;

/** @param allowHttp outside of production: a page that came over http may be anybody's. */
export function createFindStoreOfOrigin(findStore: FindStore, allowHttp: boolean): FindStoreOfOrigin {
  return async (origin, requestId) => {
    const host = hostOfOrigin(origin, allowHttp);
    return host === null ? null : findStore({ domain: host }, requestId);
  };
}

/** Null for what is no origin of a web page: `null`, an app's own scheme, an address with a path. */
function hostOfOrigin(origin: string, allowHttp: boolean): string | null {
  if (!URL.canParse(origin)) return null;
  const { protocol, hostname, origin: normalized } = new URL(origin);
  const isWebPage = protocol === 'https:' || (allowHttp && protocol === 'http:');
  return isWebPage && normalized === origin && hostname.includes('.') ? hostname : null;
}
