import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';

/** @param at by Clerk's clock. Also used as the version, since a person who rejoins can only be removed at a later time. */
export const recordMemberRemoved = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.member.removed',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });

/** Recorded in the person's scope and not in a store's, because this subgraph does not know in which stores they have bought. */
export const recordUserDeleted = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.user.deleted',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });
