import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';

/** @param at by Clerk's clock: a person who comes back is removed later the next time. */
export const recordMemberRemoved = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.member.removed',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });

/** Of the person, in whose scope it is recorded: nobody knows here in which stores they have bought. */
export const recordUserDeleted = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.user.deleted',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });
