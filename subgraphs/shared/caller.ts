import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const ROLES = ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'SERVICE'] as const;
/**
 * What a caller may be inside one store. VISITOR: no token; CUSTOMER: signed in, not of the store's organization;
 * MEMBER and ADMIN: of the organization; SERVICE: another process of this system.
 */
export type Role = (typeof ROLES)[number];

export const AUDIENCES = ['tenant', 'product', 'order'] as const;
/** The subgraph that an envelope is meant for. */
export type Audience = (typeof AUDIENCES)[number];

/** Who is asking, for which store. Proven by the gateway (or a service) and carried to a subgraph by {@link signCaller}. */
export interface Caller {
  /** Clerk organization id (`org_…`); null only for work that has no store yet, such as looking one up. */
  tenantId: string | null;
  /** Clerk user id (`user_…`); null for a visitor and for a service. */
  userId: string | null;
  role: Role;
  requestId: string;
}

/** Seconds an envelope stays valid: the longest that one subgraph call may be under way, and the allowed clock difference. */
const LIFETIME_SECONDS = 30;

export const CALLER_HEADERS = {
  tenantId: 'x-tenant-id',
  userId: 'x-user-id',
  role: 'x-user-role',
  requestId: 'x-request-id',
  signature: 'x-caller-signature',
} as const;

export class CallerRefused extends Error {}

/**
 * The headers that carry `caller` to one subgraph: its fields in clear, and one HMAC-SHA256 over all of them, the
 * audience, the expiry and the body, so that an envelope can't be edited, sent elsewhere, kept, or put on another query.
 */
export function signCaller(caller: Caller, audience: Audience, body: string, key: string): Record<string, string> {
  const expiresAt = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  return {
    [CALLER_HEADERS.tenantId]: caller.tenantId ?? '',
    [CALLER_HEADERS.userId]: caller.userId ?? '',
    [CALLER_HEADERS.role]: caller.role,
    [CALLER_HEADERS.requestId]: caller.requestId,
    [CALLER_HEADERS.signature]: `${expiresAt}.${digest(caller, audience, expiresAt, body, key)}`,
  };
}

/** The caller that `headers` prove. @throws CallerRefused when missing, forged, expired, or meant for another subgraph. */
export function verifyCaller(
  headers: Record<string, string | string[] | undefined>,
  audience: Audience,
  body: string,
  key: string,
): Caller {
  const { tenantId, userId, role, requestId, signature } = readHeaders(headers);
  const caller: Caller = { tenantId: tenantId || null, userId: userId || null, role: role as Role, requestId };
  const [expiry = '', given = ''] = signature.split('.', 2);
  const expiresAt = Number(expiry);
  const expected = digest(caller, audience, expiresAt, body, key);
  if (!isSame(Buffer.from(given), Buffer.from(expected))) {
    throw new CallerRefused('signature does not verify');
  }
  const secondsLeft = expiresAt - Date.now() / 1000;
  if (!(secondsLeft > 0 && secondsLeft <= 2 * LIFETIME_SECONDS)) throw new CallerRefused('expired');
  if (!ROLES.includes(caller.role)) throw new CallerRefused('unknown role');
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
    role: read(CALLER_HEADERS.role),
    requestId: read(CALLER_HEADERS.requestId),
    signature: read(CALLER_HEADERS.signature),
  };
}

/** JSON of an array, not joined text: no two different callers can be written the same way. */
function digest(caller: Caller, audience: Audience, expiresAt: number, body: string, key: string): string {
  const bodyHash = createHash('sha256').update(body).digest('base64url');
  const claims = [caller.tenantId, caller.userId, caller.role, caller.requestId, audience, expiresAt, bodyHash];
  return createHmac('sha256', key).update(JSON.stringify(claims)).digest('base64url');
}
