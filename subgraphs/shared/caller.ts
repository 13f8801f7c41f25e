import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deriveKeys, isSignedWith, type KeyRing, type Secret, signWith } from './hmac';
import { PERMISSIONS, SERVICE_PERMISSIONS } from './permissions';

export const ROLES = ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'APP', 'SERVICE'] as const;
/**
 * A caller's role within one store. VISITOR: has no token; CUSTOMER: is signed in, but no member of the store's organization;
 * MEMBER and ADMIN: belong to the organization; APP: a program of the store's, by its app token; SERVICE: another process of this system.
 */
export type Role = (typeof ROLES)[number];

export const AUDIENCES = ['tenant', 'product', 'order'] as const;
/** The subgraph that an envelope is meant for. */
export type Audience = (typeof AUDIENCES)[number];
/** The gateway receives envelopes as well, since it subscribes to events of the subgraphs. */
export type Receiver = Audience | 'gateway';

/** Whether a store is open. SUSPENDED: its staff may read, and nobody else may do anything. */
const STORE_STATUSES = ['ACTIVE', 'SUSPENDED'] as const;
export type StoreStatus = (typeof STORE_STATUSES)[number];

const callerSchema = z.strictObject({
  /** Clerk organization id (`org_…`). Null only for work without a store, such as looking one up. */
  tenantId: z.string().min(1).nullable(),
  /** Clerk user id (`user_…`), or the id of an app's token (`apt_…`); null for a visitor and for a service. */
  userId: z.string().min(1).nullable(),
  /** The person who acts as `userId` by Clerk's user impersonation; null without impersonation. */
  impersonatorId: z.string().min(1).nullable(),
  role: z.enum(ROLES),
  /** What a member of the staff, or an app, may do in the store; empty for shoppers. */
  permissions: z.array(z.enum(PERMISSIONS)).readonly(),
  /** The store's status. Null for a service, to which it does not matter: orders of a suspended store are still completed. */
  storeStatus: z.enum(STORE_STATUSES).nullable(),
  requestId: z.string(),
  /** The client's address as the gateway sees it, which wrong guesses are counted by: see guessLimits.ts. Null for a service. */
  clientAddress: z.string().min(1).nullable(),
});

/**
 * Who sends a request, for which store, and with which permissions. The gateway (or a service) establishes it, and {@link signCaller}
 * carries it to a subgraph. The store's settings are not part of it: see storeSettings.ts.
 */
export interface Caller extends z.output<typeof callerSchema> {}

/** A process of this system as the caller. @param tenantId null for work without a store. */
export const serviceCaller = (tenantId: string | null, requestId: string): Caller => ({
  tenantId,
  userId: null,
  impersonatorId: null,
  role: 'SERVICE',
  permissions: tenantId === null ? [] : SERVICE_PERMISSIONS,
  storeStatus: null,
  requestId,
  clientAddress: null,
});

/** How many seconds an envelope is valid: the longest duration of a subgraph call, plus the allowed clock difference. */
const LIFETIME_SECONDS = 30;

/** How long a receiver has to remember a nonce: with clocks that differ, an envelope may be valid for this long. */
export const MAX_LIFE_SECONDS = 2 * LIFETIME_SECONDS;

export const CALLER_HEADERS = {
  tenantId: 'x-tenant-id',
  userId: 'x-user-id',
  role: 'x-user-role',
  requestId: 'x-request-id',
  /** The whole caller as JSON. Subgraphs use this header only. */
  caller: 'x-caller',
  signature: 'x-caller-signature',
} as const;

export class CallerRefused extends Error {}

/**
 * The headers that carry `caller` to one subgraph: the caller as JSON, and one HMAC-SHA256 over that JSON, the audience, the expiry,
 * a nonce and the body. So an envelope can't be edited, sent to another subgraph, used later or with another query, or replayed.
 */
export function signCaller(caller: Caller, audience: Receiver, body: string, secret: Secret): Record<string, string> {
  const json = asHeader(caller);
  const expiresAt = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  const nonce = randomBytes(12).toString('base64url');
  return {
    ...namedHeaders(caller),
    [CALLER_HEADERS.caller]: json,
    [CALLER_HEADERS.signature]: `${expiresAt}.${nonce}.${signWith(keysOf(secret), claimsOf(json, audience, expiresAt, nonce, body))}`,
  };
}

/** Single headers for the logs of proxies and services. They must equal the values in the signed JSON. */
const namedHeaders = ({ tenantId, userId, role, requestId }: Caller): Record<string, string> => ({
  [CALLER_HEADERS.tenantId]: tenantId ?? '',
  [CALLER_HEADERS.userId]: userId ?? '',
  [CALLER_HEADERS.role]: role,
  [CALLER_HEADERS.requestId]: requestId,
});

/** A process has one secret; it is derived once and not for each call. */
let derived: { secret: Secret; keys: KeyRing } | undefined;

function keysOf(secret: Secret): KeyRing {
  if (derived?.secret !== secret) derived = { secret, keys: deriveKeys(secret, 'callers') };
  return derived.keys;
}

/** Whether an envelope was received before: see nonceCache.ts. */
export type IsReplay = (nonce: string) => boolean;

type Headers = Record<string, string | string[] | undefined>;

/**
 * Verifies the envelope in `headers`. @throws CallerRefused when it is missing, forged, expired, meant for another subgraph, or a
 * replay.
 */
export function verifyCaller(
  headers: Headers,
  audience: Receiver,
  body: string,
  secret: Secret,
  isReplay: IsReplay,
): Caller {
  const json = readHeader(headers, CALLER_HEADERS.caller);
  const [expiry = '', nonce = '', proof = ''] = readHeader(headers, CALLER_HEADERS.signature).split('.', 3);
  const expiresAt = Number(expiry);
  const claims = claimsOf(json, audience, expiresAt, nonce, body);
  if (!isSignedWith(keysOf(secret), claims, proof)) throw new CallerRefused('signature does not verify');
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

/** ASCII-only JSON: other characters in HTTP headers are not interpreted alike by all proxies and servers. */
const asHeader = (caller: Caller): string =>
  JSON.stringify(caller).replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Validates even a correctly signed caller: a newer version of this system may have signed it. */
function readCaller(json: string): Caller {
  const result = callerSchema.safeParse(JSON.parse(json));
  if (result.success) return result.data;
  throw new CallerRefused(`unknown ${result.error.issues.map(({ path }) => path.join('.') || 'caller').join(', ')}`);
}

/** The signed text. It is a JSON array and not joined strings, so that two different calls can never have the same text. */
const claimsOf = (caller: string, audience: Receiver, expiresAt: number, nonce: string, body: string): string =>
  JSON.stringify([caller, audience, expiresAt, nonce, createHash('sha256').update(body).digest('base64url')]);
