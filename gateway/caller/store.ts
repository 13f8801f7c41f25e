import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Caller, StoreStatus } from '../../subgraphs/shared/caller';
import type { Identity } from '../identity/auth';
import { signInRequired, storeClosed, storeNotFound, storeRequired } from '../requestErrors';

/** A store, as the tenant subgraph returns it. */
export interface Store {
  id: string;
  slug: string;
  status: string;
  /** The limits of its plan. */
  limits: { requestCostPerMinute: number };
}

/** How a request names its store. */
export type StoreReference = { domain: string } | { organizationId: string };

const MAX_DOMAIN = 253;

/**
 * The domain by which a request names a store: `X-Store-Domain`, which may be a subdomain's first label alone, or else its Host. Null when
 * that names no store: the platform's own `baseDomain`, an IP address, or a Host of a single label such as localhost.
 * @param headers each header with all its values. @throws GraphQLError STORE_NOT_FOUND for what can't be a domain.
 */
export function storeDomainOf(headers: NodeJS.Dict<string[]>, baseDomain: string): string | null {
  const [named = '', ...others] = headers['x-store-domain'] ?? [];
  if (others.length > 0) throw storeNotFound();
  if (named !== '') {
    const domain = domainOf(named);
    return domain.includes('.') ? domain : `${domain}.${baseDomain}`;
  }

  const host = headers.host?.[0] ?? '';
  if (host === '' || host.startsWith('[')) return null;
  const domain = domainOf(host);
  return domain === baseDomain || isIP(domain) !== 0 || !domain.includes('.') ? null : domain;
}

/** Normalizes a host for comparison: lower case, ASCII, without port and trailing dot. */
function domainOf(host: string): string {
  const domain = domainToASCII(host.replace(/:\d*$/, '')).replace(/\.$/, '');
  if (domain.length > MAX_DOMAIN || !/^[a-z0-9._-]+$/.test(domain)) throw storeNotFound();
  return domain;
}

/** The store to look up: the named one, or else the active organization's. @throws GraphQLError when there is neither. */
export function storeReferenceOf(domain: string | null, identity: Identity | null): StoreReference {
  if (domain !== null) return { domain };
  if (identity === null) throw signInRequired();
  if (identity.organization === null) throw storeRequired();
  return { organizationId: identity.organization.id };
}

/**
 * Decides who the caller is; everything behind the gateway relies on it.
 * @param store the result of looking up `reference`. @throws GraphQLError when there is no such store, or it is closed.
 */
export function resolveCaller(
  identity: Identity | null,
  reference: StoreReference,
  store: Store | null,
  seen: Pick<Caller, 'requestId' | 'clientAddress'>,
): Caller {
  if (store === null) throw 'domain' in reference ? storeNotFound() : storeRequired();
  if ('organizationId' in reference && store.id !== reference.organizationId) throw storeRequired();
  const organization = identity?.organization?.id === store.id ? identity.organization : null;
  const storeStatus = openStatusOf(store);
  if (storeStatus === null || (storeStatus === 'SUSPENDED' && organization === null)) throw storeClosed();
  return {
    tenantId: store.id,
    userId: identity?.userId ?? null,
    impersonatorId: identity?.impersonatorId ?? null,
    role: organization?.role ?? (identity === null ? 'VISITOR' : 'CUSTOMER'),
    permissions: organization?.permissions ?? [],
    storeStatus,
    ...seen,
  };
}

/** Null when the store is closed to everybody: deleted, or in a status that this version does not know. */
function openStatusOf({ status }: Store): StoreStatus | null {
  return status === 'ACTIVE' || status === 'SUSPENDED' ? status : null;
}
