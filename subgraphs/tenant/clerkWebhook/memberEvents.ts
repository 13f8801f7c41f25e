import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';

/** @param at by Clerk's clock. It is the version, too: a person who comes back is removed at a later time. */
export const recordMemberRemoved = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.member.removed',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });

/** Recorded in the scope of the person and not of a store: it is not known here in which stores they have bought. */
export const recordUserDeleted = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.user.deleted',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });
