import { createHash } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { idempotencyKeyFaults } from '../../shared/idempotency';
import { throwIfAny } from '../../shared/userErrors';
import { emailKey } from '../input/email';

/** Anyone can give any e-mail address, so only a key that can't be guessed keeps a guest's order from being shown to another guest. */
const MIN_GUEST_KEY_LENGTH = 16;

/** The owner of a caller's idempotency keys: the account, or the e-mail address that a guest gave. */
export const keyOwner = ({ userId }: Caller, email: string): string => userId ?? `guest ${addressHash(email)}`;

/** @throws UserErrors when a guest's key is short enough to be guessed. */
export function refuseGuessableKey({ userId }: Caller, key: string): void {
  if (userId === null) throwIfAny(idempotencyKeyFaults(key, MIN_GUEST_KEY_LENGTH));
}

const addressHash = (email: string) => createHash('sha256').update(emailKey(email)).digest('hex').slice(0, 32);
