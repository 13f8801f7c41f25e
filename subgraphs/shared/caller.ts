import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { PERMISSIONS, type Permission, SERVICE_PERMISSIONS } from './permissions';

export const ROLES = ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'SERVICE'] as const;
/**
 * What a caller may be inside one store. VISITOR: no token; CUSTOMER: signed in, not of the store's organization;
 * MEMBER and ADMIN: of the organization; SERVICE: another process of this system.
 */
export type Role = (typeof ROLES)[number];

export const AUDIENCES = ['tenant', 'product', 'order'] as const;
/** The subgraph that an envelope is meant for. */
export type Audience = (typeof AUDIENCES)[number];
/** … or for the gateway, which the subgraphs tell of events. */
export type Receiver = Audience | 'gateway';

/** How far a store is open. SUSPENDED: its staff may read, and nobody else anything. */
export const STORE_STATUSES = ['ACTIVE', 'SUSPENDED'] as const;
export type StoreStatus = (typeof STORE_STATUSES)[number];

/** Who is asking, for which store. Proven by the gateway (or a service) and carried to a subgraph by {@link signCaller}. */
export interface Caller {
  /** Clerk organization id (`org_…`); null only for work that has no store yet, such as looking one up. */
  tenantId: string | null;
  /** Clerk user id (`user_…`); null for a visitor and for a service. */
  userId: string | null;
  /** Who acts in the place of `userId`, by Clerk's user impersonation; null as a rule. */
  impersonatorId: string | null;
  role: Role;
  /** What someone who works for the store may do there; none for its shoppers. */
  permissions: readonly Permission[];
  /** As the gateway knows it; null where it does not matter: a service goes on with a suspended store's orders. */
  storeStatus: StoreStatus | null;
  /** How many products the store's plan lets it have; null for as many as it likes. */
  productLimit: number | null;
  /** Whether the store lets its shoppers see how many of a variant are left. */
  showsExactStock: boolean;
  /** What stands in front of the numbers of the store's new orders. */
  orderPrefix: string;
  requestId: string;
}

/** Another process of this system, on behalf of a store or, when there is none yet, of none. */
export const serviceCaller = (tenantId: string | null, requestId: string): Caller => ({
  tenantId,
  userId: null,
  impersonatorId: null,
  role: 'SERVICE',
  permissions: tenantId === null ? [] : SERVICE_PERMISSIONS,
  storeStatus: null,
  productLimit: null,
  showsExactStock: true,
  orderPrefix: '#',
  requestId,
});

/** Seconds an envelope stays valid: the longest that one subgraph call may be under way, and the allowed clock difference. */
const LIFETIME_SECONDS = 30;

/** How long a receiver has to remember what it has seen: as long as the clocks may make an envelope live. */
export const MAX_LIFE_SECONDS = 2 * LIFETIME_SECONDS;

export const CALLER_HEADERS = {
  tenantId: 'x-tenant-id',
  userId: 'x-user-id',
  impersonatorId: 'x-impersonator-id',
  role: 'x-user-role',
  permissions: 'x-user-permissions',
  storeStatus: 'x-store-status',
  productLimit: 'x-product-limit',
  showsExactStock: 'x-shows-exact-stock',
  orderPrefix: 'x-order-prefix',
  requestId: 'x-request-id',
  signature: 'x-caller-signature',
} as const;

export class CallerRefused extends Error {}

/**
 * The headers that carry `caller` to one subgraph: its fields in clear, and one HMAC-SHA256 over all of them, the
 * audience, the expiry, a nonce and the body, so that an envelope can't be edited, sent elsewhere, kept, put on another
 * query, or sent again.
 */
export function signCaller(caller: Caller, audience: Receiver, body: string, key: string): Record<string, string> {
  const expiresAt = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  const nonce = randomBytes(12).toString('base64url');
  return {
    [CALLER_HEADERS.tenantId]: caller.tenantId ?? '',
    [CALLER_HEADERS.userId]: caller.userId ?? '',
    [CALLER_HEADERS.impersonatorId]: caller.impersonatorId ?? '',
    [CALLER_HEADERS.role]: caller.role,
    [CALLER_HEADERS.permissions]: caller.permissions.join(' '),
    [CALLER_HEADERS.storeStatus]: caller.storeStatus ?? '',
    [CALLER_HEADERS.productLimit]: String(caller.productLimit ?? ''),
    [CALLER_HEADERS.showsExactStock]: String(caller.showsExactStock),
    [CALLER_HEADERS.orderPrefix]: caller.orderPrefix,
    [CALLER_HEADERS.requestId]: caller.requestId,
    [CALLER_HEADERS.signature]: `${expiresAt}.${nonce}.${digest(caller, audience, expiresAt, nonce, body, key)}`,
  };
}

/** Whether an envelope was seen before: see nonceCache.ts. */
export type IsReplay = (nonce: string) => boolean;

/**
 * The caller that `headers` prove. @throws CallerRefused when missing, forged, expired, meant for another subgraph, or seen
 * before.
 */
export function verifyCaller(
  headers: Record<string, string | string[] | undefined>,
  audience: Receiver,
  body: string,
  key: string,
  isReplay: IsReplay,
): Caller {
  const given = readHeaders(headers);
  const caller: Caller = {
    tenantId: given.tenantId || null,
    userId: given.userId || null,
    impersonatorId: given.impersonatorId || null,
    role: given.role as Role,
    permissions: given.permissions.split(' ').filter(Boolean) as Permission[],
    storeStatus: (given.storeStatus || null) as StoreStatus | null,
    productLimit: given.productLimit === '' ? null : Number(given.productLimit),
    showsExactStock: given.showsExactStock === 'true',
    orderPrefix: given.orderPrefix,
    requestId: given.requestId,
  };
  const [expiry = '', nonce = '', proof = ''] = given.signature.split('.', 3);
  const expiresAt = Number(expiry);
  const expected = digest(caller, audience, expiresAt, nonce, body, key);
  if (!isSame(Buffer.from(proof), Buffer.from(expected))) {
    throw new CallerRefused('signature does not verify');
  }
  const secondsLeft = expiresAt - Date.now() / 1000;
  if (!(secondsLeft > 0 && secondsLeft <= MAX_LIFE_SECONDS)) throw new CallerRefused('expired');
  if (!ROLES.includes(caller.role)) throw new CallerRefused('unknown role');
  if (!caller.permissions.every((permission) => PERMISSIONS.includes(permission))) {
    throw new CallerRefused('unknown permission');
  }
  if (caller.storeStatus !== null && !STORE_STATUSES.includes(caller.storeStatus)) {
    throw new CallerRefused('unknown status of the store');
  }
  if (caller.productLimit !== null && !(Number.isSafeInteger(caller.productLimit) && caller.productLimit >= 0)) {
    throw new CallerRefused('no limit of products');
  }
  if (isReplay(nonce)) throw new CallerRefused('sent again');
  return caller;
}

const isSame = (given: Buffer, expected: Buffer) =>
  given.length === expected.length && timingSafeEqual(given, expected);

function readHeaders(headers: Record<string, string | string[] | undefined>) {
  const read = (name: string) => {
    const value = headers[name];
    if (typeof value !== 'string') throw new CallerRefused(`${name} is missing`);
    return value;
  };
  return {
    tenantId: read(CALLER_HEADERS.tenantId),
    userId: read(CALLER_HEADERS.userId),
    impersonatorId: read(CALLER_HEADERS.impersonatorId),
    role: read(CALLER_HEADERS.role),
    permissions: read(CALLER_HEADERS.permissions),
    storeStatus: read(CALLER_HEADERS.storeStatus),
    productLimit: read(CALLER_HEADERS.productLimit),
    showsExactStock: read(CALLER_HEADERS.showsExactStock),
    orderPrefix: read(CALLER_HEADERS.orderPrefix),
    requestId: read(CALLER_HEADERS.requestId),
    signature: read(CALLER_HEADERS.signature),
  };
}

/** JSON of an array, not joined text: no two different callers can be written the same way. */
function digest(
  caller: Caller,
  audience: Receiver,
  expiresAt: number,
  nonce: string,
  body: string,
  key: string,
): string {
  const bodyHash = createHash('sha256').update(body).digest('base64url');
  const { tenantId, userId, impersonatorId, role, permissions, requestId } = caller;
  const who = [tenantId, userId, impersonatorId, role, permissions, requestId];
  const { storeStatus, productLimit, showsExactStock, orderPrefix } = caller;
  const store = [storeStatus, productLimit, showsExactStock, orderPrefix];
  const claims = [...who, ...store, audience, expiresAt, nonce, bodyHash];
  return createHmac('sha256', key).update(JSON.stringify(claims)).digest('base64url');
}
