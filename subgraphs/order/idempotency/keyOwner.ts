import { createHash } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { emailKey } from '../../shared/email';
import { idempotencyKeyFaults } from '../../shared/idempotency';

/** Anyone can give any e-mail address, so only a key that can't be guessed keeps a guest's order from being shown to another guest. */
const MIN_GUEST_KEY_LENGTH = 16;

/** The owner of a caller's idempotency keys: the account, or the e-mail address that a guest gave. */
export const keyOwner = ({ userId }: Caller, email: string): string => userId ?? `guest ${addressHash(email)}`;

/** What is wrong with a key: a guest's must not be short enough to be guessed. */
export const orderKeyFaults = ({ userId }: Pick<Caller, 'userId'>, key: string) =>
  idempotencyKeyFaults(key, userId === null ? MIN_GUEST_KEY_LENGTH : undefined);

const addressHash = (email: string) => createHash('sha256').update(emailKey(email)).digest('hex').slice(0, 32);
