import { createHash } from 'node:crypto';
import { invalid, type UserError, UserErrors } from './userErrors';

/** Of an idempotency key; a UUID has 36. */
const MIN_KEY_LENGTH = 8;
const MAX_KEY_LENGTH = 255;

const FIELD = ['input', 'idempotencyKey'];

/** @param min fewer than eight for keys that are easy to tell apart, more for those that nobody may guess. */
export function idempotencyKeyFaults(key: string, min = MIN_KEY_LENGTH, field = FIELD): UserError<'INVALID'>[] {
  const isOfLength = key.length >= min && key.length <= MAX_KEY_LENGTH;
  return isOfLength && key.trim() !== '' ? [] : [invalid(field, `${min} to ${MAX_KEY_LENGTH} characters`)];
}

/**
 * Tells one request from another: equal for two that say the same, in whatever order their fields were written. What is undefined
 * is as what was left out. @param request all that the client asks for, as JSON can write it.
 */
export const requestHash = (request: unknown): string => sha256(canonicalJson(request), 'hex');

/** What is kept of a request under its key. */
export interface StoredRequest {
  /** Null where what was stored has no key. */
  requestHash: string | null;
}

/** @returns `stored`, which answers the repeat. @throws UserErrors IDEMPOTENCY_CONFLICT when it is of another request. */
export function requireSameRequest<Stored extends StoredRequest>(
  stored: Stored,
  request: unknown,
  field = FIELD,
): Stored {
  if (stored.requestHash === requestHash(request) || earlierHashes(request).includes(stored.requestHash)) return stored;
  throw new UserErrors({
    field,
    code: 'IDEMPOTENCY_CONFLICT',
    message: 'This key was used for another request. Take a new key for a new request.',
  });
}

interface KeyedWork<Claimed, Stored extends StoredRequest> {
  /** All that the client asks for. */
  request: unknown;
  /** Writes `hash` under the key, and what is to be done under it, so that a constraint lets one of two at once pass. Null when the key is there already. */
  claim(hash: string): Promise<Claimed | null>;
  /** What is there under the key; null when that is nothing. */
  find(): Promise<Stored | null>;
  field?: string[];
}

/** Exactly one of them is there. */
type ClaimedOrStored<Claimed, Stored> = { claimed: Claimed; stored: null } | { claimed: null; stored: Stored };

/**
 * Does something once for a key: what `claim` has begun, or what is stored of the same request before it.
 * @throws UserErrors IDEMPOTENCY_CONFLICT when that was another request. @throws Error when `claim` says that the key is there, and
 * `find` that it is not: both have to look at the same rows.
 */
export async function claimOrFind<Claimed, Stored extends StoredRequest>({
  request,
  claim,
  find,
  field,
}: KeyedWork<Claimed, Stored>): Promise<ClaimedOrStored<Claimed, Stored>> {
  const claimed = await claim(requestHash(request));
  if (claimed !== null) return { claimed, stored: null };
  const stored = await find();
  if (stored === null) throw new Error('An idempotency key was taken, and is not there');
  return { claimed: null, stored: requireSameRequest(stored, request, field) };
}

/** JSON with the fields of each object in alphabetical order. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isPlainObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

const isPlainObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** As rows have it that were written before objects' fields were sorted: a retry has to find them, however old they are. */
const earlierHashes = (request: unknown): (string | null)[] => {
  const json = JSON.stringify(request);
  return [sha256(json, 'hex'), sha256(json, 'base64url')];
};

const sha256 = (text: string, encoding: 'hex' | 'base64url') => createHash('sha256').update(text).digest(encoding);
