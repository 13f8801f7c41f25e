import { createHash } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { idempotencyKeyFaults } from '../../shared/idempotency';
import { throwIfAny } from '../../shared/userErrors';
import { emailKey } from '../input/email';

/** Two guests with one e-mail address share an owner: then the key is all that keeps one from being shown the other's order. */
const MIN_GUEST_KEY_LENGTH = 16;

/** Whose keys a caller's are: the account's, or for a guest those of the e-mail address that they gave. */
export const keyOwner = ({ userId }: Caller, email: string): string => userId ?? `guest ${addressHash(email)}`;

/** @throws UserErrors when a guest's key is short enough to be guessed. */
export function refuseGuessableKey({ userId }: Caller, key: string): void {
  if (userId === null) throwIfAny(idempotencyKeyFaults(key, MIN_GUEST_KEY_LENGTH));
}

const addressHash = (email: string) => createHash('sha256').update(emailKey(email)).digest('hex').slice(0, 32);
