import { createHash } from 'node:crypto';
import { invalid, type UserError, UserErrors } from './userErrors';

/** The shortest idempotency key; a UUID has 36 characters. */
const MIN_KEY_LENGTH = 8;
const MAX_KEY_LENGTH = 255;

const FIELD = ['input', 'idempotencyKey'];

/** @param min fewer than eight if short keys are unique enough, more if nobody may guess a key. */
export function idempotencyKeyFaults(key: string, min = MIN_KEY_LENGTH, field = FIELD): UserError<'INVALID'>[] {
  const isOfLength = key.length >= min && key.length <= MAX_KEY_LENGTH;
  return isOfLength && key.trim() !== '' ? [] : [invalid(field, `${min} to ${MAX_KEY_LENGTH} characters`)];
}

/**
 * A hash that is equal for equal requests, whatever the order of their fields. Undefined counts as omitted.
 * @param request the whole input, serializable as JSON.
 */
export const requestHash = (request: unknown): string => sha256(canonicalJson(request), 'hex');

/** A stored request. */
export interface StoredRequest {
  /** Null for a row that was stored without an idempotency key. */
  requestHash: string | null;
}

/** @returns `stored`, the result for the repeat. @throws UserErrors IDEMPOTENCY_CONFLICT when the key was used for another request. */
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
  /** The client's whole input. */
  request: unknown;
  /** Inserts a row with the key and `hash`; a unique constraint decides between concurrent requests. Null when the key exists already. */
  claim(hash: string): Promise<Claimed | null>;
  /** The stored row of the key; null when there is none. */
  find(): Promise<Stored | null>;
  field?: string[];
}

/** Exactly one of them is not null. */
type ClaimedOrStored<Claimed, Stored> = { claimed: Claimed; stored: null } | { claimed: null; stored: Stored };

/**
 * Claims an idempotency key, or finds the stored result of the same request.
 * @throws UserErrors IDEMPOTENCY_CONFLICT when the key was used for another request. @throws Error when `claim` and `find` contradict each
 * other: both have to use the same rows.
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

/** Hashes in rows that were written before fields were sorted: a retry of an old request has to match them, too. */
const earlierHashes = (request: unknown): (string | null)[] => {
  const json = JSON.stringify(request);
  return [sha256(json, 'hex'), sha256(json, 'base64url')];
};

const sha256 = (text: string, encoding: 'hex' | 'base64url') => createHash('sha256').update(text).digest(encoding);
