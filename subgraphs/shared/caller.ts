import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isSigned, sign } from './hmac';
import { PERMISSIONS, SERVICE_PERMISSIONS } from './permissions';

export const ROLES = ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'SERVICE'] as const;
/**
 * What a caller may be inside one store. VISITOR: no token; CUSTOMER: signed in, not of the store's organization;
 * MEMBER and ADMIN: of the organization; SERVICE: another process of this system.
 */
export type Role = (typeof ROLES)[number];

export const AUDIENCES = ['tenant', 'product', 'order'] as const;
/** The subgraph that an envelope is meant for. */
export type Audience = (typeof AUDIENCES)[number];
/** … or for the gateway, which subscribes to events of the subgraphs. */
export type Receiver = Audience | 'gateway';

/** How far a store is open. SUSPENDED: its staff may read, and nobody else anything. */
const STORE_STATUSES = ['ACTIVE', 'SUSPENDED'] as const;
export type StoreStatus = (typeof STORE_STATUSES)[number];

const callerSchema = z.strictObject({
  /** Clerk organization id (`org_…`); null only for work that has no store yet, such as looking one up. */
  tenantId: z.string().min(1).nullable(),
  /** Clerk user id (`user_…`); null for a visitor and for a service. */
  userId: z.string().min(1).nullable(),
  /** Who acts as `userId`, by Clerk's user impersonation; null as a rule. */
  impersonatorId: z.string().min(1).nullable(),
  role: z.enum(ROLES),
  /** What someone who works for the store may do there; none for its shoppers. */
  permissions: z.array(z.enum(PERMISSIONS)).readonly(),
  /** Whether the store lets its caller in; null where it does not matter: a service goes on with a suspended store's orders. */
  storeStatus: z.enum(STORE_STATUSES).nullable(),
  requestId: z.string(),
});

/**
 * Who is asking, for which store, and what they may. Proven by the gateway (or a service) and carried to a subgraph by
 * {@link signCaller}. What a store has chosen for itself is not in it: see storeSettings.ts.
 */
export interface Caller extends z.output<typeof callerSchema> {}

/** Another process of this system, on behalf of a store or, when there is none yet, of none. */
export const serviceCaller = (tenantId: string | null, requestId: string): Caller => ({
  tenantId,
  userId: null,
  impersonatorId: null,
  role: 'SERVICE',
  permissions: tenantId === null ? [] : SERVICE_PERMISSIONS,
  storeStatus: null,
  requestId,
});

/** Seconds an envelope stays valid: the longest that one subgraph call may be under way, and the allowed clock difference. */
const LIFETIME_SECONDS = 30;

/** How long a receiver has to remember what it has seen: as long as the clocks may make an envelope live. */
export const MAX_LIFE_SECONDS = 2 * LIFETIME_SECONDS;

export const CALLER_HEADERS = {
  tenantId: 'x-tenant-id',
  userId: 'x-user-id',
  role: 'x-user-role',
  requestId: 'x-request-id',
  /** The whole caller, as JSON: what a subgraph goes by. */
  caller: 'x-caller',
  signature: 'x-caller-signature',
} as const;

export class CallerRefused extends Error {}

/**
 * The headers that carry `caller` to one subgraph: itself as JSON, and one HMAC-SHA256 over that, the audience, the expiry, a
 * nonce and the body, so that an envelope can't be edited, sent elsewhere, kept, put on another query, or sent again.
 */
export function signCaller(caller: Caller, audience: Receiver, body: string, key: string): Record<string, string> {
  const json = asHeader(caller);
  const expiresAt = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  const nonce = randomBytes(12).toString('base64url');
  return {
    ...namedHeaders(caller),
    [CALLER_HEADERS.caller]: json,
    [CALLER_HEADERS.signature]: `${expiresAt}.${nonce}.${sign(key, claimsOf(json, audience, expiresAt, nonce, body))}`,
  };
}

/** What of the caller a proxy's or a service's log can show by itself. It must say what the signed JSON says. */
const namedHeaders = ({ tenantId, userId, role, requestId }: Caller): Record<string, string> => ({
  [CALLER_HEADERS.tenantId]: tenantId ?? '',
  [CALLER_HEADERS.userId]: userId ?? '',
  [CALLER_HEADERS.role]: role,
  [CALLER_HEADERS.requestId]: requestId,
});

/** Whether an envelope was seen before: see nonceCache.ts. */
export type IsReplay = (nonce: string) => boolean;

type Headers = Record<string, string | string[] | undefined>;

/**
 * The caller that `headers` prove. @throws CallerRefused when missing, forged, expired, meant for another subgraph, or seen
 * before.
 */
export function verifyCaller(
  headers: Headers,
  audience: Receiver,
  body: string,
  key: string,
  isReplay: IsReplay,
): Caller {
  const json = readHeader(headers, CALLER_HEADERS.caller);
  const [expiry = '', nonce = '', proof = ''] = readHeader(headers, CALLER_HEADERS.signature).split('.', 3);
  const expiresAt = Number(expiry);
  const claims = claimsOf(json, audience, expiresAt, nonce, body);
  if (!isSigned(key, claims, proof)) throw new CallerRefused('signature does not verify');
  const secondsLeft = expiresAt - Date.now() / 1000;
  if (!(secondsLeft > 0 && secondsLeft <= MAX_LIFE_SECONDS)) throw new CallerRefused('expired');
  const caller = readCaller(json);
  for (const [name, value] of Object.entries(namedHeaders(caller))) {
    if (readHeader(headers, name) !== value) throw new CallerRefused(`${name} is not as it was signed`);
  }
  if (isReplay(nonce)) throw new CallerRefused('sent again');
  return caller;
}

function readHeader(headers: Headers, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw new CallerRefused(`${name} is missing`);
  return value;
}

/** JSON with nothing in it but ASCII: a header has no other characters that all who pass it on read the same way. */
const asHeader = (caller: Caller): string =>
  JSON.stringify(caller).replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Well signed, and yet perhaps by a newer version of this system. */
function readCaller(json: string): Caller {
  const result = callerSchema.safeParse(JSON.parse(json));
  if (result.success) return result.data;
  throw new CallerRefused(`unknown ${result.error.issues.map(({ path }) => path.join('.') || 'caller').join(', ')}`);
}

/** What is signed. JSON of an array, not joined text: no two different calls can be written the same way. */
const claimsOf = (caller: string, audience: Receiver, expiresAt: number, nonce: string, body: string): string =>
  JSON.stringify([caller, audience, expiresAt, nonce, createHash('sha256').update(body).digest('base64url')]);
