import { createHash } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { UserErrors } from '../../shared/errors';
import type { OrderErrorCode } from '../generated/resolvers';

/** What a guest's key must be at least: it is all that stands between two guests with one e-mail address. */
const GUEST_KEY_LENGTH = 16;

/**
 * Whose keys a caller's are. Someone who is signed in has keys of their own. A guest has those of the e-mail address that
 * they gave, and has to make them hard to guess.
 */
export const keyOwner = ({ userId }: Caller, email: string): string =>
  userId ?? `guest ${sha256(email.toLowerCase()).slice(0, 32)}`;

/** @throws UserErrors when a guest's key could be guessed. */
export function refuseGuessable({ userId }: Caller, key: string): void {
  if (userId !== null || key.length >= GUEST_KEY_LENGTH) return;
  const message = `Expected ${GUEST_KEY_LENGTH} characters or more of a guest, such as a UUID: whoever knows it sees the order.`;
  throw new UserErrors<OrderErrorCode>({ field: ['input', 'idempotencyKey'], code: 'INVALID', message });
}

/** Tells one input from another. */
export const hashOf = (input: unknown): string => sha256(JSON.stringify(input));

/** @throws UserErrors when the key was used for another input. */
export function refuseOtherInput(earlierHash: string, hash: string): void {
  if (earlierHash === hash) return;
  const message = 'This key was used for another input. Take a new key for a new request.';
  throw new UserErrors<OrderErrorCode>({ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT', message });
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
